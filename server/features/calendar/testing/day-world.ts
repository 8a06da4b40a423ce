/**
 * A test world for the day of members: in-process stand-ins of Outlook and Mattermost, a clock that tests move, and
 * the parts in between, wired as in the feature. Several nodes share one world.
 */

import { Graph } from "../../../../e2e/sandbox/graph/server.ts";
import { pluginApi, type StandInApi, World, watched } from "../../../../e2e/sandbox/mattermost/index.ts";
import { type Person, Tenant } from "../../../../e2e/sandbox/tenant.ts";
import { Authority } from "../../../../e2e/sandbox/tls/authority.ts";
import { createGraphClient } from "../../../microsoft/graph/client.ts";
import type { SubscriptionStatus } from "../../../microsoft/subscriptions/status.ts";
import { createBot } from "../../../platform/bot/bot.ts";
import { type Cards, createCards } from "../../../platform/bot/cards.ts";
import { createMetrics, type Metrics } from "../../../platform/metrics/metrics.ts";
import type { Clock } from "../../../platform/work/clock.ts";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import type { Logger, Post, User } from "../../../runtime/mattermost/index.ts";
import { MemoryCluster, MemoryStore } from "../../activity/testing/memory-store.ts";
import { FixedConfig } from "../../sign-in/testing/sign-in-world.ts";
import { DAY_CARD } from "../card-names.ts";
import { type CalendarCore, createCore } from "../core.ts";
import { createDayPart, type DayPart } from "../day/part.ts";
import type { CalendarServices } from "../ports.ts";
import { type CalendarSettings, settingsAfterConnecting } from "../rules/settings.ts";
import { claimsOf, connectionsOf, linksOf, PLUGIN, SITE, tokenOf } from "./day-accounts.ts";

const authority = new Authority("Test Root");

export interface Member {
  readonly user: User;
  readonly person: Person;
}

export interface Node {
  readonly core: CalendarCore;
  readonly part: DayPart;
  readonly services: CalendarServices;
  readonly cards: Cards;
  readonly metrics: Metrics;
  /** Like `kill -9`: the node stops at once, and its lease runs out. */
  kill(): void;
  /** As if the store was unreachable for too long. */
  loseLease(): void;
}

export class DayWorld {
  readonly clock: FakeClock;
  readonly tenant = new Tenant("example.com");
  readonly graph: Graph;
  readonly mattermost: World;
  readonly store = new MemoryStore();
  readonly cluster = new MemoryCluster();
  readonly config: FixedConfig;
  readonly logs: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  readonly calls: { at: number; method: string; args: readonly unknown[] }[] = [];
  readonly members = new Map<string, Member>();
  /** Application permissions of the tenant. */
  roles = ["Calendars.Read", "MailboxSettings.Read"];
  scopes = ["Calendars.ReadWrite", "MailboxSettings.Read"];
  /** Permissions that people have not consented to yet. */
  missing: string[] = [];
  /** People with a subscription for change notifications. */
  readonly subscribed = new Set<string>();
  readonly lost = new Set<string>();
  fault: (method: string, args: readonly unknown[]) => Error | undefined | Promise<Error | undefined> = () =>
    undefined;
  readonly nodes: Node[] = [];
  readonly onDisconnect: ((userId: string) => Promise<void>)[] = [];
  readonly onConnect: ((userId: string) => void)[] = [];

  /** Benchmarks pass a clock that runs by itself; tests move theirs. */
  constructor(now: number | Clock = Date.parse("2026-06-15T09:00:00Z")) {
    this.clock = typeof now === "number" ? new FakeClock(now) : (now as FakeClock);
    this.mattermost = new World({ now: this.clock.now, siteUrl: SITE });
    this.clock.isBusy = () => this.#answering > 0;
    this.clock.job = { nextAt: () => this.#nextServerJob(), run: () => this.mattermost.endTimedDnd() };
    const entra = { graphUrl: "", readGraphToken: claimsOf } as never;
    this.graph = new Graph(this.tenant, entra, authority);
    this.graph.throttle.enabled = false;
    this.graph.publicUrl = "https://graph.microsoft.com";
    this.config = new FixedConfig({ calendar_enabled: true, national_cloud: "worldwide" }, SITE);
  }

  member(name: string, settings: Partial<CalendarSettings> = {}, user: Partial<User> = {}): Member {
    const person = this.tenant.addPerson({ displayName: name, userPrincipalName: `${name}@example.com` });
    const made = {
      person,
      user: this.mattermost.addUser({ Username: name, Email: `${name}@example.com`, Locale: "en", ...user }),
    };
    this.members.set(made.user.Id, made);
    this.mattermost.setStatus(made.user.Id, "online");
    const stored = { settings: { ...settingsAfterConnecting, ...settings }, mailbox: null };
    this.#seed.push([made.user.Id, stored]);
    this.box(made).settings.timeZone = "UTC";
    return made;
  }

  readonly #seed: [string, object][] = [];
  #answering = 0;

  box({ person }: Member) {
    return this.graph.calendars.of(person.objectId);
  }

  /** `10:00` on the day of the tests, in UTC. */
  at(time: string): number {
    return Date.parse(`2026-06-15T${time.length === 5 ? `${time}:00` : time}Z`);
  }

  meeting(member: Member, from: string, to: string, part: Record<string, unknown> = {}) {
    return this.graph.calendars.add(member.person.objectId, this.at(from), this.at(to), part);
  }

  /** Starts one more node. */
  async start(options: { leaseMs?: number } = {}): Promise<Node> {
    const node = this.node(options);
    for (const [userId, stored] of this.#seed.splice(0))
      await node.core.members.update(userId, (member) => ({ ...member, ...stored }));
    node.part.start();
    if (this.clock instanceof FakeClock) await this.settle();
    return node;
  }

  node(options: { leaseMs?: number } = {}): Node {
    let dead = false;
    const never = new Promise<never>(() => {});
    const alive = async <T>(work: () => Promise<T>): Promise<T> => (dead ? never : work());
    const clusterNode = this.cluster.node();
    const api = watched(
      pluginApi(this.mattermost),
      (method, args) => void this.calls.push({ at: this.clock.now(), method, args }),
      async (method, args) => {
        if (dead) await never;
        const error = await this.fault(method, args);
        if (dead) await never;
        return error;
      },
    );
    const metrics = createMetrics();
    const bot = createBot(api, { username: PLUGIN, displayName: "Mission", description: "" });
    const kv = {
      get: (key: string) => alive(() => this.store.get(key)),
      compareAndSet: (key: string, before: Uint8Array | null, next: Uint8Array | null) =>
        alive(() => this.store.compareAndSet(key, before, next)),
    };
    const cards = createCards({ api, kv, bot, url: `/plugins/${PLUGIN}/api/v1/cards`, now: this.clock.now });
    const services: CalendarServices = {
      api: api as StandInApi,
      ...{ kv, metrics, bot, cards, config: this.config, log: this.#logger() },
      clock: this.clock,
      cluster: {
        lock: (name, options) => alive(() => clusterNode.lock(name, options)),
        publish: (id, data) => alive(() => clusterNode.publish(id, data)),
        on: clusterNode.on,
      },
      graph: createGraphClient({
        config: this.config,
        tokens: { token: async () => tokenOf({ appid: "app", oid: null, roles: this.roles, scp: [] }) },
        fetch: (url, init) => alive(() => this.#answer(new Request(String(url), init as RequestInit))),
        now: this.clock.now,
        sleep: (ms) => this.clock.sleep(ms, new AbortController().signal),
        random: () => 0.5,
      }),
      subscriptions: {
        wishesChanged: () => {},
        status: async () => ({
          ...({} as Awaited<ReturnType<CalendarServices["subscriptions"]["status"]>>),
          subscriptions: [...this.subscribed].map(
            (userId) =>
              ({
                wish: `calendar/${userId}`,
                kind: "events",
                delivery: "webhook",
                expiresAt: Number.MAX_SAFE_INTEGER,
              }) as SubscriptionStatus,
          ),
        }),
      },
      links: linksOf(this.members, this.tenant.id),
      connections: connectionsOf(this),
      isSystemAdmin: async (userId) =>
        this.mattermost.users.get(userId)?.Roles.split(" ").includes("system_admin") === true,
    };
    const core = createCore(services);
    const part = createDayPart(core, options);
    cards.handle(DAY_CARD, part.press);
    this.onDisconnect.push((userId) => part.remove(userId));
    const node: Node = {
      ...{ core, part, services, cards, metrics },
      kill: () => {
        dead = true;
        clusterNode.loseLocks();
      },
      loseLease: () => clusterNode.loseLocks(),
    };
    this.nodes.push(node);
    return node;
  }

  async #answer(request: Request): Promise<Response> {
    this.#answering += 1;
    try {
      return await this.graph.answer(request);
    } finally {
      this.#answering -= 1;
    }
  }

  pass(ms: number): Promise<void> {
    return this.clock.pass(ms);
  }

  /** The full minute at which the server's own job ends the next Do Not Disturb. */
  #nextServerJob(): number {
    if (!this.serverJobs) return Number.POSITIVE_INFINITY;
    const ends = [...this.mattermost.statuses.values()]
      .filter(({ DNDEndTime, Status: status }) => status === "dnd" && DNDEndTime > 0)
      .map(({ DNDEndTime }) => Math.ceil(DNDEndTime / 60) * 60_000);
    return Math.max(Math.ceil(this.clock.now() / 60_000) * 60_000, Math.min(...ends));
  }

  /** False: a server whose minute job does not run. */
  serverJobs = true;

  passTo(time: string): Promise<void> {
    return this.pass(this.at(time) - this.clock.now());
  }

  settle(): Promise<void> {
    return this.clock.settle();
  }

  async stop(): Promise<void> {
    for (const { part } of this.nodes.splice(0)) {
      const stopped = part.stop();
      await this.clock.pass(0);
      await Promise.race([stopped, this.settle()]);
    }
  }

  status({ user }: Member) {
    const { Manual, Status: status } = this.mattermost.statuses.get(user.Id) ?? {};
    return `${status}${Manual ? " by hand" : ""}`;
  }

  custom({ user }: Member): { emoji: string; text: string; expires_at: string } | null {
    const text = this.mattermost.users.get(user.Id)?.Props?.customStatus;
    return text ? JSON.parse(text) : null;
  }

  /** The posts sent to a person, oldest first. */
  posts({ user }: Member): Post[] {
    return [...this.mattermost.posts.values()].filter(
      (post) => this.mattermost.channels.get(post.ChannelId)?.Name.includes(user.Id) && post.DeleteAt === 0,
    );
  }

  /** Presses a button of a post, or chooses from a menu: `["status", "dnd"]`. */
  async press(node: Node, { user }: Member, post: Post, pressed: string | readonly [string, string]) {
    const [action, selected] = typeof pressed === "string" ? [pressed] : pressed;
    const attachments = (this.mattermost.posts.get(post.Id)?.Props.attachments ?? []) as {
      actions: { id: string; integration: { context: Record<string, unknown> } }[];
    }[];
    const button = attachments.flatMap(({ actions }) => actions).find(({ id }) => id === action);
    const outcome = await node.cards.press(user.Id, {
      ...{ user_id: user.Id, post_id: post.Id, channel_id: post.ChannelId, trigger_id: "t" },
      context: { ...button?.integration.context, ...(selected ? { selected_option: selected } : {}) },
    });
    await this.settle();
    return outcome;
  }

  /** Calls that change a status, e.g. `10:00 setUserStatusTimedDND`. */
  statusCalls(): string[] {
    return this.calls
      .filter(({ method }) => /^(updateUserStatus|setUserStatusTimedDND)$/.test(method))
      .map(
        ({ args, at, method }) =>
          `${new Date(at).toISOString().slice(11, 19)} ${method === "updateUserStatus" ? args[1] : `dnd until ${new Date(Number(args[1]) * 1000).toISOString().slice(11, 16)}`}`,
      );
  }

  requests(path: string) {
    return this.graph.requests.filter((request) => request.path.includes(path));
  }

  #logger(carried: Record<string, unknown> = {}): Logger {
    const at =
      (level: string) =>
      (message: string, fields: Record<string, unknown> = {}) =>
        void this.logs.push({ level, message, fields: { ...carried, ...fields } });
    return {
      ...{ debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
      child: (fields) => this.#logger({ ...carried, ...fields }),
    };
  }
}
