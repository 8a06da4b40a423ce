/** One link between two channels, and time that passes. */

import { afterEach } from "bun:test";
import type { ChannelLink } from "../links/link-store.ts";
import { wishOf } from "../to-mattermost/changes.ts";
import { ChannelsWorld } from "./channels-world.ts";

export let w: ChannelsWorld;
export let link: ChannelLink;
/** Another world than `begin` makes: without a link. It is stopped after the test, too. */
export function use(unlinked: ChannelsWorld): ChannelsWorld {
  w = unlinked;
  return w;
}
export const begin = async (raw: Record<string, unknown> = {}, days?: number) => {
  use(new ChannelsWorld(raw));
  w.node();
  link = await w.link(days === undefined ? {} : { days });
  return w;
};
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const fill = async (from: number) => {
  const work = { signal: new AbortController().signal, turn: async () => true };
  await w.nodes[0]?.engine.listener.fillGap(wishOf(link), { from, to: w.clock.now() }, work);
};
export const say = (html: string, more: object = {}) =>
  w.channels.say(w.teamsChannel, w.tenant.person("ben@example.com") ?? w.teamsPerson("ben"), {
    html,
    ...more,
  });
export const texts = () => w.messages.map(({ body }) => body.content.replaceAll(/<[^>]*>/g, ""));

/** For the head of a test file. */
export function openLink(): void {
  afterEach(() => w.stop());
}
