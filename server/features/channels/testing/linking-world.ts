/** An admin who links a channel. */

import { afterEach } from "bun:test";
import type { Caller } from "../../../platform/commands/index.ts";
import { ChannelsWorld } from "./channels-world.ts";

export let w: ChannelsWorld;
export const begin = (raw: Record<string, unknown> = {}) => {
  w = new ChannelsWorld(raw);
  w.node();
  return w;
};
export const room = () => {
  const [node] = w.nodes;
  if (!node) throw new Error("no node");
  return node.engine.room;
};
export const caller = (userId = w.admin.user.Id, channelId = w.channel.Id): Caller => ({
  ...{ userId, channelId, teamId: w.team.Id, rootId: "", triggerId: "", language: "en" },
});
export const ids = () => [w.teamsTeam.id, w.teamsChannel.id];

/** For the head of a test file. */
export function openLinking(): void {
  afterEach(() => w.stop());
}
