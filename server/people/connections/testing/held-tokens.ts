/** A connected person with a token, and the messages that they get. */

import { beforeEach, expect } from "bun:test";
import type { User } from "../../../runtime/mattermost/index.ts";
import { ConnectionsWorld } from "./connections-world.ts";
import { Microsoft } from "./microsoft.ts";

export const microsoft = new Microsoft();
export const { entra } = microsoft;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export async function connected() {
  const w = new ConnectionsWorld({ microsoft });
  const ana = w.user("ana");
  const there = microsoft.person("ana");
  expect((await w.connect(ana, there)).status).toBe(200);
  await w.settle();
  const token = (by: ConnectionsWorld = w) => by.connections.credential(ana.Id).token(5);
  const record = () => JSON.parse(w.stored().get(`connection.${ana.Id}`) ?? "null");
  return { w, ana, there, token, record };
}
export const asked = () => entra.fetched.tokens;
/** Messages about a loss, including those that now say that the account is connected again. */
export const lostMessages = (w: ConnectionsWorld, user: User) =>
  w.messages(user).filter((text) => /has ended|is connected\.$/.test(text));

/** For the head of a test file. */
export function openTokens(): void {
  beforeEach(() => {
    entra.healthy();
    microsoft.graph.healthy();
  });
}
