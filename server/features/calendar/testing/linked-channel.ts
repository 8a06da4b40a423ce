/** A member, a channel, and commands that link events to it. */

import { afterEach, beforeEach } from "bun:test";
import type { Caller } from "../../../platform/commands/index.ts";
import type { Channel } from "../../../runtime/mattermost/index.ts";
import { EventsWorld, type Member, Microsoft } from "./events-world.ts";

const microsoft = new Microsoft();
export let world: EventsWorld;
export let ana: Member;
export let channel: Channel;
export let count = 0;
/** `/mscalendar …` */
export async function type(line: string, more: Partial<Caller> = {}): Promise<string> {
  const [name = "", ...words] = line.split(" ");
  const command = world.part.commands.find((one) => one.name === name);
  return (
    (await command?.run(words, {
      ...{ userId: ana.user.Id, channelId: channel.Id, teamId: "", rootId: "", triggerId: "trigger" },
      language: "en",
      ...more,
    })) ?? "unknown"
  );
}
export const said = () => world.inChannel(channel.Id).map(({ Message }) => Message);

/** For the head of a test file. */
export function openLinkedChannel(): void {
  microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
  beforeEach(async () => {
    count += 1;
    world = new EventsWorld(microsoft);
    ana = await world.member(`ana${count}`);
    channel = world.base.mattermost.addChannel({ Name: "plans", DisplayName: "Plans" });
    world.base.mattermost.join(ana.user.Id, channel.Id);
  });
  afterEach(() => world.settle());
}
