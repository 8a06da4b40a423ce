import { expect, test } from "bun:test";
import { People } from "./people.ts";

test("an account is known, however many others are read beside it", async () => {
  const user = (Id: string) => ({ Id, Username: Id, Locale: "en", Timezone: null, DeleteAt: 0 });
  const people = new People({
    clock: { now: () => 0 },
    cluster: { on: () => () => {}, publish: async () => {} },
    connections: { onConnect: () => {} },
    api: { getUsersByIds: async (ids: string[]) => ids.map(user) },
  } as never);
  await people.accounts(["ana"]);
  const others = Array.from({ length: 20_000 }, (_, index) => `user${index}`);
  expect((await people.accounts(["ana", ...others])).size).toBe(20_001);
});
