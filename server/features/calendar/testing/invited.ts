/** A member with an invitation, and its card. */

import { afterEach, beforeEach } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { actionsOf, EventsWorld, type Member, Microsoft } from "./events-world.ts";

export const microsoft = new Microsoft();
export let world: EventsWorld;
export let ana: Member;
export let count = 0;
export async function card(different: Record<string, unknown> = {}, hours = 24) {
  const event = world.put(ana, hours, different);
  await world.change(ana, event.id, "created");
  const shown = () => world.posts(ana, event.id)[0] as Post;
  world.requests();
  return { event, shown };
}
export const chosen = (post: Post) =>
  actionsOf(post)
    .filter(({ name }) => name.startsWith("✓"))
    .map(({ id }) => id);
export const sent = () => world.calendars.answered.map(({ answer }) => answer);

/** For the head of a test file. */
export function openInvited(): void {
  microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
  beforeEach(async () => {
    count += 1;
    world = new EventsWorld(microsoft);
    ana = await world.member(`ana${count}`);
    world.calendars.answered.length = 0;
  });
  afterEach(() => world.settle());
}
