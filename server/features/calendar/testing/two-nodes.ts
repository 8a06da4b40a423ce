/** Two nodes over one store: one of them works while the other is stopped between two steps. */

import { EventsWorld, type Microsoft } from "./events-world.ts";

export interface TwoNodes {
  readonly one: EventsWorld;
  readonly other: EventsWorld;
}

export type Work = (node: EventsWorld) => Promise<unknown>;

/** A node beside the first one, whose clock is the server's. */
export function nodeBeside(microsoft: Microsoft, first: EventsWorld): EventsWorld {
  const world = new EventsWorld(microsoft, first);
  world.base.pass(first.base.now - world.base.now);
  for (const [userId, settings] of first.settings) world.settings.set(userId, settings);
  return world;
}

/** Calls of a node to the server and to Microsoft, one after the other. */
export function stepsOf(world: EventsWorld, at: (step: number) => void | Promise<void>): { stop(): number } {
  let step = 0;
  const next = async () => {
    step += 1;
    await at(step);
  };
  world.base.fault = async () => {
    await next();
    return undefined;
  };
  world.base.outgoing = next;
  return {
    stop() {
      world.base.fault = undefined;
      world.base.outgoing = () => {};
      return step;
    },
  };
}

/**
 * The other node begins when the first one is at that step, and gets some time before the first one goes on.
 * `second` is the work of the other node; by default the same.
 */
export async function beginsAt(
  { one, other }: TwoNodes,
  begin: number,
  first: Work,
  second: Work = first,
): Promise<{ steps: number; answers: unknown[] }> {
  let beside: Promise<unknown> = Promise.resolve("never");
  const steps = stepsOf(one, async (step) => {
    if (step !== begin) return;
    beside = second(other);
    await Promise.race([beside.catch(() => {}), Bun.sleep(15)]);
  });
  const answer = await first(one);
  return { steps: steps.stop(), answers: [answer, await beside] };
}
