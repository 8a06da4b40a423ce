/** Creates the accounts and the team of the demo over the server's REST API. Running it again changes nothing. */

export interface DemoPerson {
  /** Given and family name; the given name in lower case is the username. */
  readonly displayName: string;
  readonly email: string;
}

export type Ask = <T>(method: string, path: string, body?: object) => Promise<T>;

export const PASSWORD = "Harbor-2026-sandbox";

/** An answer of the server other than success. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Sends requests to one server, with the session of the last login. */
export function connectMattermost(url: string, fetch: (request: Request) => Promise<Response>): Ask {
  let token = "";
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const headers: Record<string, string> = token === "" ? {} : { Authorization: `Bearer ${token}` };
    const request = new Request(`${url}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const response = await fetch(request);
    if (!response.ok)
      throw new Refusal(response.status, `${method} ${path}: ${response.status} ${await response.text()}`);
    token = response.headers.get("Token") ?? token;
    const isJson = response.headers.get("Content-Type")?.includes("json") === true;
    return (isJson ? response.json() : response.bytes()) as Promise<T>;
  };
}

export const usernameOf = ({ displayName }: DemoPerson) => displayName.split(" ")[0]?.toLowerCase() ?? "";

/**
 * The first person becomes the system admin, like the first account of any server. Every address is marked as
 * verified, because a server leaves new ones unverified, and the plugin refuses the first sign-in of an unverified
 * address if anybody can register.
 */
export async function setUpMattermost(ask: Ask, people: readonly DemoPerson[]): Promise<void> {
  const [admin] = people;
  if (!admin) return;
  await create(ask, admin);
  await ask("POST", "/api/v4/users/login", { login_id: usernameOf(admin), password: PASSWORD });
  const team = await unless(404, ask<{ id: string }>("GET", "/api/v4/teams/name/harbor"));
  const { id: team_id } =
    team ??
    (await ask<{ id: string }>("POST", "/api/v4/teams", {
      name: "harbor",
      display_name: "Harbor Response",
      type: "O",
    }));
  for (const person of people) {
    await create(ask, person);
    const { id: user_id } = await ask<{ id: string }>("GET", `/api/v4/users/username/${usernameOf(person)}`);
    await ask("POST", `/api/v4/users/${user_id}/email/verify/member`);
    await ask("POST", `/api/v4/teams/${team_id}/members`, { team_id, user_id });
  }
}

async function create(ask: Ask, person: DemoPerson): Promise<void> {
  const [first_name, last_name] = person.displayName.split(" ");
  const account = { username: usernameOf(person), email: person.email, first_name, last_name };
  // 400 means that it exists from an earlier start.
  await unless(400, ask("POST", "/api/v4/users", { ...account, password: PASSWORD }));
}

async function unless<T>(status: number, answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && error.status === status) return null;
    throw error;
  }
}
