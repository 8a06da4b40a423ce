/**
 * Runs the feature in a process that is to be killed. Its store, its lock and Microsoft are in the parent, over HTTP
 * on loopback. Arguments: the parent's address, and "post" or "push" for the hook to call.
 */

import { createGraph } from "../../../microsoft/graph/index.ts";
import { systemClock } from "../../../platform/work/pace.ts";
import { createNotifications } from "../index.ts";
import type { NotificationsStore } from "../ports.ts";
import { killWorld, PUSHED_TO } from "./kill-world.ts";
import { Settings } from "./rig.ts";

const [parent = "", task = ""] = process.argv.slice(2);

async function ask(path: string, body: object): Promise<unknown> {
  const response = await fetch(`${parent}${path}`, { method: "POST", body: JSON.stringify(body) });
  return response.json();
}

const text = (value: Uint8Array | string | null) =>
  value === null ? null : typeof value === "string" ? value : new TextDecoder().decode(value);
const bytes = (value: unknown) => (typeof value === "string" ? new TextEncoder().encode(value) : null);

const kv: NotificationsStore = {
  get: async (key) => bytes(await ask("/kv", { call: "get", key })),
  set: async (key, value) => void (await ask("/kv", { call: "set", key, next: text(value) })),
  delete: async (key) => void (await ask("/kv", { call: "delete", key })),
  compareAndSet: async (key, expected, next) =>
    (await ask("/kv", { call: "compareAndSet", key, expected: text(expected), next: text(next) })) === true,
};

const config = new Settings();
const world = killWorld();
// The clock must advance while the feature waits: with a fixed clock, a wait of 100 ms would never end.
const behind = Date.now() - (world.post({}).CreateAt + 1000);
const tokens = { token: async () => "token", forget() {} };
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const notifications = createNotifications({
  config,
  tokens,
  graph: createGraph({
    config,
    tokens,
    fetch: (url, init) => fetch(`${parent}/graph${new URL(url).pathname}${new URL(url).search}`, init ?? {}),
  }),
  links: world.linkSource,
  api: world.api,
  kv,
  cluster: {
    lock: async () => ({ signal: new AbortController().signal, release: async () => {} }),
    publish: async () => {},
    on: () => () => {},
  },
  log: quiet,
  clock: { ...systemClock, now: () => Date.now() - behind },
  intervalMs: 0,
});

// A function, because bytecode does not support top-level await.
async function main(): Promise<void> {
  notifications.resume();
  const [concernsAll, concernsNobody] = world.posts.values();
  if (task === "post" && concernsAll) {
    await notifications.about({} as never, concernsAll);
    await ask("/hook-returned", {});
  }
  if (task === "push" && concernsNobody) {
    await notifications.about({} as never, concernsNobody);
    const { Id: PostId, ChannelId } = concernsNobody;
    const notification = { Type: "message", SubType: "", PostId, ChannelId } as never;
    for (const userId of PUSHED_TO) notifications.hooks.notificationWillBePushed?.(notification, userId);
    await ask("/hook-returned", {});
  }
}
void main();
