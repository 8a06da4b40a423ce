/** Change notifications between fake Entra and fake Graph servers, over TLS, for end-to-end tests of the feature. */

import { rsaKeyPair } from "../../../../e2e/sandbox/entra/key-pairs.ts";
import { Entra } from "../../../../e2e/sandbox/entra/server.ts";
import { Graph } from "../../../../e2e/sandbox/graph/server.ts";
import { Tenant } from "../../../../e2e/sandbox/tenant.ts";
import { Authority } from "../../../../e2e/sandbox/tls/authority.ts";
import { TlsServer } from "../../../../e2e/sandbox/tls/server.ts";
import { WireLog } from "../../../../e2e/sandbox/wire-log.ts";
import { MemoryCluster, MemoryStore } from "../../../features/activity/testing/memory-store.ts";
import { FixedConfig } from "../../../features/sign-in/testing/sign-in-world.ts";
import { mountRoutes } from "../../../platform/http/testing/mount-routes.ts";
import { createMetrics } from "../../../platform/metrics/metrics.ts";
import { type KeyRing, newKeyText, readKey } from "../../../platform/store/sealed.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import { createAppTokens } from "../../entra/app-token.ts";
import { createTokenVerifier } from "../../entra/token-verifier.ts";
import { createGraph } from "../../graph/index.ts";
import type { Fetch } from "../../network/index.ts";
import type { Change, ChangeListener, Gap, Subscriptions, SubscriptionWish } from "../index.ts";
import { subscriptionsOnDemand } from "../on-demand.ts";

const PREFIX = "/plugins/mission-collaboration";

export const chats: SubscriptionWish = {
  key: "all",
  resource: "/chats/getAllMessages",
  changeTypes: ["created", "updated", "deleted"],
  includeResourceData: true,
  permissions: ["Chat.Read.All"],
};
export const CHAT = "19:aa_bb@unq.gbl.spaces";
export const messageOf = (id: string, chat = CHAT) => `chats('${chat}')/messages('${id}')`;
export const sent = (id: string, more: object = {}) => ({
  resource: messageOf(id),
  changeType: "created" as const,
  data: { id, etag: id, body: { content: `text ${id}` }, ...more },
});

export interface Mortal {
  /** Steps until the process dies. */
  left: number;
  dead: boolean;
}

/** A listening feature that a test controls. */
export class TestListener implements ChangeListener {
  readonly name: string;
  on = true;
  wanted: SubscriptionWish[];
  readonly delivered: Change[] = [];
  readonly gaps: (Gap & { readonly key: string })[] = [];
  answer: (change: Change) => Outcome | Promise<Outcome> = () => ({ kind: "done" });
  fill: (gap: Gap) => void | Promise<void> = () => {};

  constructor(name = "chats", wanted: SubscriptionWish[] = [chats]) {
    this.name = name;
    this.wanted = wanted;
  }

  enabled = () => this.on;
  wishes = async () => this.wanted;
  async changed(change: Change): Promise<Outcome> {
    const outcome = await this.answer(change);
    if (outcome.kind === "done") this.delivered.push(change);
    return outcome;
  }
  async fillGap(wish: SubscriptionWish, gap: Gap): Promise<void> {
    this.gaps.push({ ...gap, key: wish.key });
    await this.fill(gap);
  }
  /** Ids of the received messages. */
  get ids(): string[] {
    return this.delivered.map(({ resource }) =>
      resource.kind === "chat_message" ? resource.messageId : resource.kind,
    );
  }
}

export interface Node extends ReturnType<typeof mountRoutes> {
  readonly subscriptions: Subscriptions;
  readonly cluster: ReturnType<MemoryCluster["node"]>;
  /** How often something was dropped for a reason. */
  dropped(reason: string): number;
  post(body: unknown, path?: string, headers?: Record<string, string>): Promise<Response>;
}

export class SubscriptionsWorld {
  readonly authority = new Authority("Test Root");
  readonly tenant = new Tenant("sandbox.example");
  readonly wires = new WireLog();
  readonly entra = new Entra(this.tenant, this.authority, this.wires);
  readonly graph = new Graph(this.tenant, this.entra, this.authority, { wires: this.wires });
  readonly store = new MemoryStore();
  readonly cluster = new MemoryCluster();
  readonly clock = new FakeClock(Date.now());
  readonly warnings: string[] = [];
  readonly site: TlsServer;
  readonly config: FixedConfig;
  readonly clientId: string;
  /** May answer in place of the nodes; null lets them answer. */
  intercept: (request: Request) => Response | Promise<Response> | null = () => null;
  /** How a node creates its change notifications. */
  make: typeof subscriptionsOnDemand = subscriptionsOnDemand;
  ring: KeyRing | null = ringOf(newKeyText());
  /** The node to which the load balancer sends requests. */
  front: Node | null = null;
  readonly #nodes: Node[] = [];
  #contentKeys = 0;

  constructor(raw: Record<string, unknown> = {}) {
    this.entra.listen();
    this.graph.listen();
    this.graph.throttle.enabled = false;
    this.graph.subscriptions.now = this.clock.now;
    this.graph.subscriptions.retryScale = 0.001;
    this.site = new TlsServer(this.authority, async (request) => {
      const { pathname, search } = new URL(request.url);
      const instead = await this.intercept(request);
      if (instead) return instead;
      if (!this.front || !pathname.startsWith(PREFIX)) return new Response("not found", { status: 404 });
      return this.front.fetch(new Request(`http://plugin${pathname.slice(PREFIX.length)}${search}`, request));
    });
    this.site.listen(0);
    const { app, secret } = this.tenant.register("Mattermost", "localhost");
    this.clientId = app.appId;
    for (const role of ["Chat.Read.All", "ChannelMessage.Read.All", "Calendars.Read"])
      this.tenant.grantRole(app.appId, role);
    this.config = new FixedConfig(
      {
        m365_tenant_id: this.tenant.id,
        m365_client_id: app.appId,
        m365_client_secret: secret,
        national_cloud: "custom",
        custom_login_url: this.entra.url,
        custom_graph_url: this.graph.url,
        custom_teams_url: "https://teams.test",
        ...raw,
      },
      this.site.url,
    );
  }

  readonly fetch: Fetch = (url, init) => fetch(url, { ...init, tls: { ca: this.authority.certificate } });

  /**
   * A process that dies: after `steps` steps, no call of it to the store or Graph has an effect or an answer. Steps
   * are writes to the store and requests that change something.
   */
  mortal(steps: number, listener: TestListener): Node & { readonly life: Mortal } {
    const life: Mortal = { left: steps, dead: false };
    const step = async (isStep: boolean) => {
      if (isStep && !life.dead) {
        life.dead = life.left <= 0;
        life.left -= 1;
      }
      if (life.dead) await new Promise<never>(() => {});
    };
    const store: typeof this.store = Object.create(this.store, {});
    store.get = async (key) => step(false).then(() => this.store.get(key));
    store.set = async (key, value) => step(true).then(() => this.store.set(key, value));
    store.delete = async (key) => step(true).then(() => this.store.delete(key));
    store.compareAndSet = async (key, expected, next) =>
      step(true).then(() => this.store.compareAndSet(key, expected, next));
    const fetch: Fetch = async (url, init) => {
      const changes = url.toString().includes("/subscriptions") && (init?.method ?? "GET") !== "GET";
      await step(changes);
      return this.fetch(url, init);
    };
    const node = this.#make([listener], store, fetch);
    // It cannot be stopped any more; another node takes over when its leases expire.
    return Object.assign(node, { life });
  }

  /** Starts one process of the plugin. The load balancer uses the first one. */
  node(...listeners: TestListener[]): Node {
    const node = this.#make(listeners, this.store, this.fetch);
    this.#nodes.push(node);
    return node;
  }

  #make(listeners: readonly TestListener[], store: MemoryStore, fetch: Fetch): Node {
    const { config, clock } = this;
    const metrics = createMetrics();
    const log = {
      warn: (message: string, fields?: object) =>
        void this.warnings.push(`${message} ${JSON.stringify(fields)}`),
      info: () => {},
    };
    const tokens = createAppTokens({ config, fetch });
    const graph = createGraph({ config, tokens, fetch, sleep: async () => {} });
    const mine = this.cluster.node();
    const subscriptions = this.make({
      ...{ config, graph, tokens, fetch, metrics, log, clock },
      verifier: createTokenVerifier({ config, fetch, log, clock: clock.now }),
      keyRing: () => this.ring,
      newKeyPair: async () => rsaKeyPair(`content ${++this.#contentKeys}`),
      kv: store,
      cluster: mine,
      pluginId: "mission-collaboration",
    });
    for (const listener of listeners) subscriptions.listen(listener);
    const router = mountRoutes(subscriptions.routes);
    const node: Node = {
      ...router,
      subscriptions,
      cluster: mine,
      dropped: (reason: string) =>
        Number(
          new RegExp(`change_events_total\\{[^}]*discarded_reason="${reason}"[^}]*\\} (\\d+)`).exec(
            metrics.text(),
          )?.[1] ?? 0,
        ),
      post: (body: unknown, path = "/api/v1/graph/changes", headers: Record<string, string> = {}) =>
        router.request(path, {
          method: "POST",
          headers: { "Content-Type": "application/json", ...headers },
          body:
            typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        }),
    };
    this.front ??= node;
    return node;
  }

  /** The subscriptions at Graph. */
  get remote() {
    return [...this.graph.subscriptions.all.values()];
  }

  /** The plugin's requests to `/subscriptions`, such as `POST /subscriptions 201`. */
  get calls(): string[] {
    return this.graph.requests
      .filter(({ path }) => path.includes("/subscriptions"))
      .map(
        ({ method, path, status }) =>
          `${method} ${path.replace("/v1.0", "").replace(/[0-9a-f-]{36}/, "{id}")} ${status}`,
      );
  }

  /** Waits for something that happens over real sockets. */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 2_000; tries += 1) {
      if (await condition()) return;
      await Bun.sleep(5);
    }
    throw new Error(`never: ${what}\n${this.calls.join("\n")}\n${this.warnings.join("\n")}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map(({ subscriptions }) => subscriptions.stop()));
    this.site.close();
    this.graph.close();
    this.entra.close();
  }
}

export function ringOf(text: string, previous: string | null = null): KeyRing {
  const current = readKey(text);
  if (!current) throw new Error("not a key");
  return { current, previous: previous === null ? null : readKey(previous) };
}
