/** The whole feature over a world in memory, a store, a cluster and a fake Graph. */

import { buildConfig, type Config, type ConfigSource } from "../../../microsoft/config/index.ts";
import { createGraph } from "../../../microsoft/graph/index.ts";
import type { Clock } from "../../../platform/work/pace.ts";
import type { Post, PushNotification } from "../../../runtime/mattermost/index.ts";
import { createNotifications, type Notifications } from "../index.ts";
import type { MetricsRegistry } from "../metrics.ts";
import { GraphStandIn } from "./graph-stand-in.ts";
import { MemoryCluster, MemoryStore } from "./memory-store.ts";
import { idOf, objectIdOf, type PersonSpec, TENANT, World } from "./world.ts";

export const settings = {
  m365_tenant_id: TENANT,
  m365_client_id: TENANT,
  m365_client_secret: "s3cret",
  app_id: "99999999-2222-4333-8444-555555555555",
};

export class Settings implements ConfigSource {
  current: Config;
  readonly #listeners = new Set<(next: Config, previous: Config) => void>();

  constructor(over: object = {}) {
    this.current = buildConfig({ ...settings, ...over }, { siteUrl: "https://chat.example.com" });
  }

  onChange(listener: (next: Config, previous: Config) => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(over: object): void {
    const previous = this.current;
    this.current = buildConfig({ ...settings, ...over }, { siteUrl: "https://chat.example.com" });
    for (const listener of this.#listeners) listener(this.current, previous);
  }
}

/** Time that passes only when somebody sleeps: tests of hours take milliseconds. */
export class JumpingClock implements Clock {
  time = Date.UTC(2026, 10, 21, 12, 0);
  readonly #sleepers: { until: number; readonly wake: () => void }[] = [];
  #scheduled = false;

  now = () => this.time;
  random = () => 1;

  sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = { until: this.time + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener("abort", () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        resolve();
      });
    });

  /** Sets the machine's clock back. Timers do not follow it: nobody sleeps longer. */
  setBack(ms: number): void {
    this.time -= ms;
    for (const sleeper of this.#sleepers) sleeper.until -= ms;
  }

  /** Advances the time, and wakes every sleeper that is due on the way. */
  async pass(ms: number): Promise<void> {
    if (this.#scheduled) throw new Error("time passes already");
    this.#scheduled = true;
    const end = this.time + ms;
    await settle();
    for (;;) {
      this.#sleepers.sort((a, b) => a.until - b.until);
      const next = this.#sleepers[0];
      if (!next || next.until > end) break;
      this.#sleepers.shift();
      this.time = Math.max(this.time, next.until);
      next.wake();
      await settle();
    }
    this.time = end;
    this.#scheduled = false;
  }
}

/** Runs all pending work that does not wait for the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export interface Node {
  readonly notifications: Notifications;
  readonly counts: Map<string, number>;
  readonly log: string[];
  /** As kill -9 does: nothing is finished, nothing is released. */
  readonly loseLocks: () => void;
  posted(post: Post): Promise<void>;
  /** Calls the hook with the server's own decision; returns the hook's answer. */
  pushed(post: Post, userId: string, over?: Partial<PushNotification>): unknown;
}

export class Rig {
  readonly world: World;
  readonly store = new MemoryStore();
  readonly cluster = new MemoryCluster();
  readonly graph = new GraphStandIn();
  readonly clock = new JumpingClock();
  readonly config: Settings;
  tokens = 0;
  /** Thrown in place of the next tokens. */
  readonly tokenErrors: (Error | Promise<Error>)[] = [];

  constructor(world: World, over: object = {}) {
    this.world = world;
    this.config = new Settings(over);
  }

  node(options: { intervalMs?: number; maxWaitingPosts?: number } = {}): Node {
    const cluster = this.cluster.node();
    const counts = new Map<string, number>();
    const log: string[] = [];
    const metrics: MetricsRegistry = {
      counter: (name) => ({
        add(labels = {}, by = 1) {
          const key = [name, ...Object.values(labels)].join(" ");
          counts.set(key, (counts.get(key) ?? 0) + by);
        },
      }),
      histogram: () => ({ observe() {} }),
      watch() {},
    };
    const line = (message: string, fields?: object) => log.push(`${message} ${JSON.stringify(fields ?? {})}`);
    const tokens = {
      token: async () => {
        const error = await this.tokenErrors.shift();
        if (error) throw error;
        return `token-${this.tokens}`;
      },
      forget: () => {
        this.tokens += 1;
      },
    };
    const notifications = createNotifications({
      config: this.config,
      tokens,
      graph: createGraph({ config: this.config, tokens, fetch: this.graph.fetch, sleep: async () => {} }),
      links: this.world.linkSource,
      api: this.world.api,
      kv: this.store,
      cluster,
      log: { debug: line, info: line, warn: line, error: line },
      metrics,
      clock: this.clock,
      ...options,
    });
    notifications.resume();
    return {
      notifications,
      counts,
      log,
      loseLocks: cluster.loseLocks,
      posted: (post) => notifications.about({} as never, post),
      pushed: (post, userId, over = {}) => {
        const notification = {
          Type: "message",
          SubType: "",
          PostId: post.Id,
          ChannelId: post.ChannelId,
          RootId: post.RootId,
          ...over,
        };
        return notifications.hooks.notificationWillBePushed?.(notification as PushNotification, userId);
      },
    };
  }

  /** `bob: alice mentioned you in Town Square` for each activity so far. */
  get feed(): string[] {
    const names = new Map(
      [...this.world.users.values()].map((user) => [objectIdOf(user.Id), user.Username] as const),
    );
    return this.graph.sent.map((one) => `${names.get(one.objectId)}: ${one.text}`);
  }
}

export const TOWN = idOf("town");
export const MINUTE = 60_000;

/** Town Square with alice, who writes, bob, carol, and more people. */
export function rigOf(people: Record<string, PersonSpec> = {}, over: object = {}): Rig {
  const world = new World();
  world.channel({ Id: TOWN });
  for (const [name, spec] of Object.entries({ alice: {}, bob: {}, carol: {}, ...people })) {
    world.person(name, spec);
  }
  return new Rig(world, over);
}

/** A post of this moment, as the hook delivers it. */
export function say(rig: Rig, message: string, over: Partial<Post> = {}): Post {
  return rig.world.post({ Message: message, CreateAt: rig.clock.time, ...over });
}
