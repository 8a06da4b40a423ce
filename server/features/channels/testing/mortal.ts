/** A process that dies at one of its steps: before or after a write to the store, a Graph call or a server call. */

import type { ChannelsPorts } from "../ports.ts";
import type { ChannelsNode, ChannelsWorld } from "./channels-world.ts";

export interface Life {
  /** Steps until it dies. */
  left: number;
  dead: boolean;
}

export class Dead extends Error {
  override readonly name = "Dead";
}

export function mortal(w: ChannelsWorld): { readonly node: ChannelsNode; readonly life: Life } {
  const life: Life = { left: Number.POSITIVE_INFINITY, dead: false };
  const step =
    <A extends unknown[], R>(changes: boolean, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      die(life, changes);
      const result = await call(...args);
      die(life, changes);
      return result;
    };
  const node = w.node(undefined, {}, (ports): ChannelsPorts => {
    const api = new Proxy(ports.api, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
        if (typeof method !== "function") return method;
        return step(/^(create|update|delete|add|remove|upload)/.test(String(name)), method.bind(target));
      },
    });
    const { kv, graph } = ports;
    return {
      ...ports,
      api,
      kv: {
        get: step(false, kv.get),
        set: step(true, kv.set),
        delete: step(true, kv.delete),
        compareAndSet: step(true, kv.compareAndSet),
      } as ChannelsPorts["kv"],
      graph: { ...graph, request: step(true, graph.request as never) as typeof graph.request },
    };
  });
  return { node, life };
}

/** Removes the hooks and locks of the dead process. */
export async function bury(w: ChannelsWorld, node: ChannelsNode): Promise<void> {
  w.unhook(node.name);
  void node.engine.stop().catch(() => {});
  await w.clock.pass(200);
  node.cluster.loseLocks();
  w.nodes.splice(w.nodes.indexOf(node), 1);
}

function die(life: Life, changes: boolean): void {
  if (changes && !life.dead) {
    life.left -= 1;
    if (life.left < 0) life.dead = true;
  }
  if (life.dead) throw new Dead("the process is dead");
}
