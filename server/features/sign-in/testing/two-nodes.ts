/** Two plugin processes over one store, and links that must be whole. */

import { expect, setDefaultTimeout } from "bun:test";
import { pluginApi, World } from "../../../../e2e/sandbox/mattermost/index.ts";
import { TestAuthority } from "../../../microsoft/entra/testing/authority.ts";
import { Bus, SITE, SignInWorld } from "./sign-in-world.ts";

const authority = new TestAuthority();
export function twoNodes() {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const mattermost = new World({ now: () => now, siteUrl: SITE });
  const bus = new Bus();
  const nodes = [0, 1].map(() => new SignInWorld({ authority, mattermost, bus }));
  // Every call of the API takes a random time, so that the order of events is random.
  for (const node of nodes) {
    node.fault = async () => {
      await Bun.sleep(Math.random() * 4);
      return undefined;
    };
  }
  const [one, two] = nodes as [SignInWorld, SignInWorld];
  return { mattermost, one, two };
}

/** Both halves of each link as stored: `account person`, with the state of an unfinished half. */
export async function halves(mattermost: World) {
  const api = pluginApi(mattermost);
  const people: string[] = [];
  const accounts: string[] = [];
  const sessions: string[] = [];
  for (const key of await api.kvList(0, 1000)) {
    const value = JSON.parse(new TextDecoder().decode(await api.kvGet(key)));
    if (key.startsWith("link.")) {
      people.push([value.userId, key.split(".")[2], value.state ?? "linked"].join(" "));
      sessions.push(...value.sessions.map(({ id }: { id: string }) => id));
    }
    if (!key.startsWith("accounts.")) continue;
    for (const [userId, entry] of Object.entries<{ objectId: string; state?: string }>(value))
      accounts.push([userId, entry.objectId, entry.state ?? "linked"].join(" "));
  }
  return { people: people.sort(), accounts: accounts.sort(), sessions };
}

/** Checks that every session belongs to a link that has both halves. */
export async function expectWhole(mattermost: World): Promise<void> {
  const { accounts, people, sessions } = await halves(mattermost);
  expect(people).toEqual(accounts);
  expect([...people, ...accounts].filter((half) => !half.endsWith(" linked"))).toEqual([]);
  expect([...mattermost.sessions.keys()].filter((id) => !sessions.includes(id))).toEqual([]);
}

/** For the head of a test file. */
export function openNodes(): void {
  // Losers of a race wait in each round; on a busy machine that adds up.
  setDefaultTimeout(60_000);
}
