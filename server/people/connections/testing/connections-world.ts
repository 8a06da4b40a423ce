/**
 * Connecting end to end for tests: fake Entra and Graph servers over TLS, a fake Mattermost in memory, and the
 * connections between them wired as in main.ts. Several worlds may share one store, like the nodes of a cluster.
 */

import type { AuthorizeAnswer } from "../../../../e2e/sandbox/entra/authorize.ts";
import { pluginApi, type StandInApi, World, watched } from "../../../../e2e/sandbox/mattermost/index.ts";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import { Bus, FixedConfig, keyValueStore } from "../../../features/sign-in/testing/sign-in-world.ts";
import { createTokenVerifier } from "../../../microsoft/entra/token-verifier.ts";
import { type Credential, createGraph } from "../../../microsoft/graph/index.ts";
import type { Fetch } from "../../../microsoft/network/index.ts";
import { tellSystemAdmins } from "../../../platform/bot/admin-messages.ts";
import { createBot } from "../../../platform/bot/bot.ts";
import { type Cards, createCards } from "../../../platform/bot/cards.ts";
import { mountRoutes } from "../../../platform/http/testing/mount-routes.ts";
import { channelsSettings } from "../../../platform/settings/index.ts";
import { newKeyText } from "../../../platform/store/sealed.ts";
import type {
  Cluster,
  KeyValueStore,
  Logger,
  RequestContext,
  User,
} from "../../../runtime/mattermost/index.ts";
import { createLinks, type Links } from "../../links.ts";
import { connectionAdminRoutes } from "../admin-routes.ts";
import { cardPresses } from "../card-presses.ts";
import { CARD } from "../cards.ts";
import { type ConnectionEvent, type Connections, createConnections, neededPermissions } from "../index.ts";
import { connectionRoutes } from "../routes.ts";
import type { Microsoft } from "./microsoft.ts";
import { PLUGIN, REDIRECT, SITE } from "./microsoft.ts";
import { outcomeOf } from "./outcome.ts";

/** Permissions as three features would declare them. */
const ofFeatures = {
  chats_enabled: ["Chat.Read", "ChatMessage.Read", "Files.Read.All"],
  channels_enabled: [
    "ChannelMessage.Read.All",
    "ChannelMessage.Send",
    "Team.ReadBasic.All",
    "Channel.ReadBasic.All",
  ],
  calendar_enabled: ["Calendars.ReadWrite", "MailboxSettings.Read"],
};

const LOCKS = Symbol("locks");

export interface WorldOptions {
  readonly microsoft: Microsoft;
  /** Another node of the same server. */
  readonly beside?: ConnectionsWorld;
}

export class ConnectionsWorld {
  readonly microsoft: Microsoft;
  readonly mattermost: World;
  readonly api: StandInApi;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly config: FixedConfig;
  readonly links: Links;
  readonly connections: Connections;
  readonly cards: Cards;
  readonly bus: Bus;
  readonly events: ConnectionEvent[] = [];
  readonly logs: string[] = [];
  /** Offset from real time: the clock runs with real time, so that tokens are valid, plus what a test adds. */
  #shift = 0;
  fault:
    | ((method: string, args: readonly unknown[]) => Error | undefined | Promise<Error | undefined>)
    | undefined;
  /** Deletes what was made with the person's token; null: nothing was. */
  leaving: ((userId: string, credential: Credential, signal: AbortSignal) => Promise<void>) | null = null;
  /** Called before each request to Microsoft. */
  outgoing: (url: string) => void | Promise<void> = () => {};
  /** May replace answers of Entra's token endpoint. */
  answered: ((response: Response) => Promise<Response>) | null = null;
  readonly keyText: string;
  readonly #locks: Map<string, Promise<void>>;
  readonly #app: ReturnType<typeof mountRoutes>;

  constructor({ beside, microsoft }: WorldOptions) {
    this.microsoft = microsoft;
    if (!beside) microsoft.entra.now = () => this.now;
    this.bus = beside?.bus ?? new Bus();
    this.#locks = beside?.[LOCKS] ?? new Map();
    this.mattermost = beside?.mattermost ?? new World({ now: () => this.now, siteUrl: SITE });
    this.keyText = beside?.keyText ?? newKeyText();
    this.api = watched(
      pluginApi(this.mattermost),
      () => {},
      (method, args) => this.fault?.(method, args),
    );
    this.kv = keyValueStore(this.api);
    const { app, secret } = microsoft.registered;
    this.config = new FixedConfig(
      {
        m365_tenant_id: microsoft.tenant.id,
        m365_client_id: app.appId,
        m365_client_secret: secret,
        national_cloud: "custom",
        custom_login_url: microsoft.entra.url,
        custom_graph_url: microsoft.graph.url,
        custom_teams_url: "https://teams.test",
        encryption_key: this.keyText,
        chats_enabled: true,
      },
      SITE,
    );
    const fetch: Fetch = async (url, init) => {
      await this.outgoing(String(url));
      const tls = { ca: microsoft.authority.certificate };
      const response = await globalThis.fetch(url, { ...init, tls } as RequestInit);
      const isToken = new URL(String(url)).pathname.endsWith("/oauth2/v2.0/token");
      return isToken && this.answered ? this.answered(response) : response;
    };
    const clock = () => this.now;
    const log = this.#logger();
    const cluster = { ...this.bus.node(), lock: (name: string) => this.#lock(name) } as unknown as Cluster;
    this.links = createLinks({ api: this.api, kv: this.kv, cluster, log, clock });
    const graph = createGraph({
      config: this.config,
      tokens: { token: () => Promise.reject(new Error("the app's own token was asked for")) },
      fetch,
      sleep: async () => {},
    });
    const bot = createBot(this.api, { username: PLUGIN, displayName: "Mission", description: "" });
    const url = `/plugins/${PLUGIN}/api/v1/cards`;
    this.cards = createCards({ api: this.api, kv: this.kv, bot, url, now: clock });
    this.connections = createConnections({
      pluginId: PLUGIN,
      config: this.config,
      api: this.api,
      kv: this.kv,
      cluster,
      links: this.links,
      verifier: createTokenVerifier({ config: this.config, fetch, log, clock }),
      graph,
      fetch,
      bot,
      cards: this.cards,
      subscriptions: {
        concerns: async () => this.leaving !== null,
        release: async (userId, credential, signal) => this.leaving?.(userId, credential, signal),
      },
      permissions: () => this.#needed(),
      botPermissions: () => this.#neededOfBot(),
      isSystemAdmin: (id) => this.#isAdmin(id),
      tellAdmins: (message) => tellSystemAdmins(this.api, PLUGIN, message),
      log,
      clock,
      sleep: async () => {},
      audit: (event) => this.events.push(event),
    });
    this.cards.handle(CARD, cardPresses({ api: this.api, bot, connections: this.connections }));
    const routes = connectionRoutes({
      connections: this.connections,
      config: this.config,
      pluginId: PLUGIN,
      api: this.api,
    });
    routes.include(connectionAdminRoutes({ connections: this.connections, api: this.api, clock }));
    this.#app = mountRoutes(routes, {
      isSystemAdmin: (id) => this.#isAdmin(id),
      log: { error: (message, fields) => this.logs.push(`${message} ${JSON.stringify(fields)}`) },
    });
  }

  get now(): number {
    return Date.now() + this.#shift;
  }

  pass(ms: number): void {
    this.#shift += ms;
  }

  user(name: string, part: Partial<User> = {}): User {
    return this.mattermost.addUser({ Username: name, Email: `${name}@example.com`, ...part });
  }

  request(
    path: string,
    by: User | null,
    init: RequestInit = {},
    env: Partial<RequestContext> = {},
  ): Promise<Response> {
    const request = new Request(`http://plugin${path}`, init);
    return Promise.resolve(
      this.#app.fetch(request, {
        SessionId: by ? `session-of-${by.Username}` : "",
        ConnectionId: "",
        RequestId: "request-1",
        IPAddress: "192.0.2.7",
        AcceptLanguage: "en",
        UserAgent: "",
        userId: by?.Id ?? null,
        sourcePluginId: null,
        ...env,
      }),
    );
  }

  /** Returns the address at Entra to which /oauth2/connect redirects. */
  async authorizeAddress(by: User): Promise<string> {
    const response = await this.request("/oauth2/connect", by);
    if (response.status !== 302) throw new Error(`${response.status} ${await outcomeOf(response)}`);
    return response.headers.get("Location") ?? "";
  }

  /** Signs in at Entra. Returns the path and query, below the plugin, to which Entra sends the browser back. */
  async signIn(by: User, person: Person, answer: AuthorizeAnswer = "agree"): Promise<string> {
    return backPath(this.microsoft.entra.signIn(await this.authorizeAddress(by), person, answer));
  }

  async connect(by: User, person: Person): Promise<Response> {
    return this.request(await this.signIn(by, person), by);
  }

  state(by: User) {
    return this.connections.state(by.Id);
  }

  /** Runs the hourly job of one node. */
  async keepUp(): Promise<void> {
    this.connections.start();
    for (const job of this.bus.jobs.splice(0)) await job();
    await this.connections.stop();
  }

  /** Waits for everything that was started in the background. */
  settle(): Promise<void> {
    return this.connections.stop();
  }

  /** Returns everything that remains in the store, as text. */
  stored(): Map<string, string> {
    // The server keeps the bot's id among the plugin's own keys, and the key that signs buttons belongs to nobody.
    const rows = this.mattermost
      .kv(PLUGIN)
      .backup()
      .filter(([key]) => key !== "mmi_botid" && key !== "bot/signing-key");
    return new Map(rows.map(([key, { value }]) => [key, Buffer.from(value).toString("latin1")]));
  }

  messages(to: User): string[] {
    return [...this.mattermost.posts.values()]
      .filter((post) => this.mattermost.channels.get(post.ChannelId)?.Name.includes(to.Id))
      .map((post) => post.Message);
  }

  get [LOCKS]() {
    return this.#locks;
  }

  async #lock(name: string) {
    while (this.#locks.has(name)) await this.#locks.get(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#locks.set(name, promise);
    return {
      release: async () => {
        this.#locks.delete(name);
        resolve();
      },
    };
  }

  #needed(): readonly string[] {
    const { settings } = this.config.current;
    const switches = ["chats_enabled", "channels_enabled", "calendar_enabled"] as const;
    return neededPermissions(switches.flatMap((name) => (settings[name] ? ofFeatures[name] : [])));
  }

  #neededOfBot(): readonly string[] {
    const { channels_enabled } = this.config.current.section(channelsSettings);
    return channels_enabled ? neededPermissions(ofFeatures.channels_enabled) : [];
  }

  async #isAdmin(id: string): Promise<boolean> {
    return this.mattermost.users.get(id)?.Roles.split(" ").includes("system_admin") === true;
  }

  #logger(): Logger {
    const at = (message: string, fields: Record<string, unknown> = {}) =>
      void this.logs.push(`${message} ${JSON.stringify(fields)}`);
    return { debug: at, info: at, warn: at, error: at, child: () => this.#logger() };
  }
}

/** Returns the path and query below the plugin. */
export function backPath(address: string): string {
  if (!address.startsWith(REDIRECT)) throw new Error(`sent to ${address}`);
  return `/oauth2/complete${address.slice(REDIRECT.length)}`;
}
