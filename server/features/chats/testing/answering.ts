/** A member with a Teams message, who answers it. */

import { afterEach, beforeEach } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { ChatsWorld, type Member, type Node } from "./chats-world.ts";
import { Microsoft } from "./microsoft.ts";

export const microsoft = new Microsoft();
export let world: ChatsWorld;
export let node: Node;
export let cy: Member;
export let ben: ReturnType<ChatsWorld["stranger"]>;
export let root: Post;

export async function begin(settings: Record<string, unknown> = {}): Promise<void> {
  world = new ChatsWorld(microsoft, settings);
  node = world.node();
  world.run(node);
  cy = world.member("cy");
  ben = world.stranger("Ben Baker");
  await world.write(node, world.teams.direct(ben.objectId, cy.person.objectId), ben, "<p>lunch?</p>");
  root = world.posts(cy)[0] as Post;
}
export const sent = () => world.teams.sent.map(({ message }) => message.body.content);
export const isSent = (count: number) =>
  world.until(`${count} messages sent`, () => world.teams.sent.length === count);
export const hasNotice = () => world.until("a notice", () => world.posts(cy).length > 1);

/** For the head of a test file. */
export function openAnswers(): void {
  beforeEach(() => begin());
  afterEach(() => world.stop());
}
