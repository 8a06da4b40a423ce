/** Two nodes with two members, and somebody who writes to them from Teams. */

import { afterEach, beforeEach } from "bun:test";
import type { ChatMessage } from "../../../../e2e/sandbox/graph/chats.ts";
import { ChatsWorld, type Member, type Node } from "./chats-world.ts";
import { Microsoft } from "./microsoft.ts";

export const microsoft = new Microsoft();
export let world: ChatsWorld;
export let nodes: [Node, Node];
export let members: [Member, Member];
export let ben: ReturnType<ChatsWorld["stranger"]>;

/** For the head of a test file. */
export function openTwoNodes(): void {
  beforeEach(() => {
    world = new ChatsWorld(microsoft);
    nodes = [world.node(), world.node()];
    members = [world.member("cy"), world.member("dora")];
    ben = world.stranger("Ben Baker");
  });
  afterEach(() => world.stop());
}

export const group = () =>
  world.teams.group([ben, ...members.map(({ person }) => person)].map(({ objectId }) => objectId));

/** Repeats a change as the queue does, until it is settled. */
export async function settle(node: Node, message: ChatMessage, kind: "created" | "updated" | "deleted") {
  for (let tries = 0; tries < 400; tries += 1) {
    const { kind: outcome } = await world.change(node, message, kind);
    if (outcome !== "retry") return;
    await world.clock.pass(20);
    await Bun.sleep(1);
  }
  throw new Error("never settled");
}

/** Stops the first node before its nth call that writes something, until the other one is done. */
export async function meanwhile(at: number, first: () => Promise<unknown>, other: () => Promise<unknown>) {
  let left = at;
  const { promise: isThere, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: mayGo, resolve: go } = Promise.withResolvers<void>();
  world.fault = async (method) => {
    if (!/^(create|update|delete)Post$/.test(method) || left-- !== 0) return undefined;
    arrive();
    await mayGo;
    return undefined;
  };
  const running = first();
  await Promise.race([isThere, running]);
  const second = other();
  await Promise.race([second, Bun.sleep(100)]);
  go();
  await Promise.all([running, second]);
}
