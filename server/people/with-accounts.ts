import type { Api, User } from "../runtime/mattermost/index.ts";

const AT_ONCE = 500;

/** Adds the Mattermost account to each item, reading some at a time; undefined when the account no longer exists. */
export async function* withAccounts<T>(
  api: Pick<Api, "getUsersByIds">,
  items: AsyncIterable<T> | Iterable<T>,
  userIdOf: (item: T) => string,
): AsyncGenerator<readonly [item: T, user: User | undefined]> {
  let some: T[] = [];
  for await (const item of items) {
    some.push(item);
    if (some.length < AT_ONCE) continue;
    yield* await named(api, some, userIdOf);
    some = [];
  }
  if (some.length > 0) yield* await named(api, some, userIdOf);
}

async function named<T>(
  api: Pick<Api, "getUsersByIds">,
  some: readonly T[],
  userIdOf: (item: T) => string,
): Promise<(readonly [T, User | undefined])[]> {
  const users = await api.getUsersByIds(some.map(userIdOf));
  const byId = new Map(users.flatMap((user) => (user ? [[user.Id, user] as const] : [])));
  return some.map((item) => [item, byId.get(userIdOf(item))] as const);
}
