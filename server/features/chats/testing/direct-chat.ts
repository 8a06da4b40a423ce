/** A node with two members, and somebody who writes to them from Teams. */

import { afterEach, beforeEach } from "bun:test";
import { ChatsWorld, type Member, type Node } from "./chats-world.ts";
import { Microsoft } from "./microsoft.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const microsoft = new Microsoft();
export let world: ChatsWorld;
export let node: Node;
export let cy: Member;
export let dora: Member;
export let ben: ReturnType<ChatsWorld["stranger"]>;
export const direct = () => world.teams.direct(ben.objectId, cy.person.objectId);

/** For the head of a test file. */
export function openDirectChat(): void {
  beforeEach(() => {
    world = new ChatsWorld(microsoft);
    node = world.node();
    cy = world.member("cy");
    dora = world.member("dora");
    ben = world.stranger("Ben Baker");
  });
  afterEach(() => world.stop());
}
