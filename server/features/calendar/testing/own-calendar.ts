/** A member who creates events over HTTP. */

import { afterEach, beforeEach } from "bun:test";
import type { Channel } from "../../../runtime/mattermost/index.ts";
import { EventsWorld, HOUR, type Member, Microsoft } from "./events-world.ts";

export const microsoft = new Microsoft();
export let world: EventsWorld;
export let ana: Member;
export let channel: Channel;
export let count = 0;
export const EVENTS = "/api/v1/calendar/events";
/** Wall time in Berlin, so many hours from now. */
export const wall = (hours: number) =>
  Temporal.Instant.fromEpochMilliseconds(Math.ceil(world.base.now / HOUR) * HOUR + hours * HOUR)
    .toZonedDateTimeISO("Europe/Berlin")
    .toPlainDateTime()
    .toString({ smallestUnit: "minute" });
export const filled = (part: Record<string, unknown> = {}) => ({
  subject: "Plan",
  start: wall(24),
  end: wall(25),
  requestId: crypto.randomUUID(),
  ...part,
});
export const create = (part: Record<string, unknown> = {}, by = ana.user) =>
  world.json(EVENTS, by, filled(part));

/** For the head of a test file. */
export function openOwnCalendar(): void {
  microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
  beforeEach(async () => {
    count += 1;
    world = new EventsWorld(microsoft);
    ana = await world.member(`ana${count}`);
    const team = world.base.mattermost.addTeam({ Name: "team" });
    channel = world.base.mattermost.addChannel({ TeamId: team.Id, Name: "plans", DisplayName: "Plans" });
    world.base.mattermost.joinTeam(ana.user.Id, team.Id);
    world.base.mattermost.join(ana.user.Id, channel.Id);
    world.requests();
  });
  afterEach(() => world.settle());
}
