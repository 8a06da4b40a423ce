/** A person who may connect, and the keys that are stored. */

import { beforeEach } from "bun:test";
import type { User } from "../../../runtime/mattermost/index.ts";
import { ConnectionsWorld } from "./connections-world.ts";
import { Microsoft } from "./microsoft.ts";

export const microsoft = new Microsoft();
export const { entra } = microsoft;
export const HOUR = 3_600_000;
export const keysOf = (w: ConnectionsWorld) => [...w.stored().keys()].sort();
export const end = (w: ConnectionsWorld, user: User) =>
  w.connections.disconnect(user.Id, { userId: user.Id, requestId: "" });

export function world() {
  const w = new ConnectionsWorld({ microsoft });
  return { w, ana: w.user("ana"), there: microsoft.person("ana") };
}

/** For the head of a test file. */
export function openConnections(): void {
  beforeEach(() => {
    entra.healthy();
    microsoft.graph.healthy();
  });
}
