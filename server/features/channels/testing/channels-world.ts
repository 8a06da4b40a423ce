/**
 * Linked channels between a fake Mattermost and a fake Graph, in one process and with a clock that a test moves.
 * Tokens are names of people: the fake Graph sees who asks with which permissions, as the real one does.
 */

import { Hono } from "hono";
import type { GraphToken } from "../../../../e2e/sandbox/entra/server.ts";
import type { SentChange } from "../../../../e2e/sandbox/graph/changes.ts";
import { takeRange } from "../../../../e2e/sandbox/graph/channel-drives.ts";
import { Refusal } from "../../../../e2e/sandbox/graph/refusal.ts";
import { teamRoutes } from "../../../../e2e/sandbox/graph/team-routes.ts";
import type { TeamsChannel, TeamsChannelMessage, TeamsTeam } from "../../../../e2e/sandbox/graph/teams.ts";
import { TeamsChannels } from "../../../../e2e/sandbox/graph/teams-channels.ts";
import { pluginApi, type StandInApi, World, watched } from "../../../../e2e/sandbox/mattermost/index.ts";
import { publish } from "../../../../e2e/sandbox/mattermost/publish.ts";
import { type Person, Tenant } from "../../../../e2e/sandbox/tenant.ts";
import { createGraphClient } from "../../../microsoft/graph/client.ts";
import { type Credential, fixedToken } from "../../../microsoft/graph/index.ts";
import type { Fetch } from "../../../microsoft/network/index.ts";
// Loaded now, because loading it on demand would take longer than a turn of the test's clock.
import "../../../microsoft/graph/upload.ts";
import "../../../microsoft/teams-messages/index.ts";
import { readResource } from "../../../microsoft/subscriptions/index.ts";
import { createBot } from "../../../platform/bot/bot.ts";
import { createCards } from "../../../platform/bot/cards.ts";
import { ProductError } from "../../../platform/errors.ts";
import { createMetrics } from "../../../platform/metrics/metrics.ts";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import type { Channel, Post, Team, User } from "../../../runtime/mattermost/index.ts";
import { MemoryCluster, MemoryStore } from "../../activity/testing/memory-store.ts";
import { StandingConfig } from "../../sign-in/testing/sign-in-world.ts";
import { createEngine, type Engine } from "../engine.ts";
import { channelPermissions } from "../feature.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { makeLink } from "../links/linking.ts";
import type { ChannelsApi, ChannelsPorts } from "../ports.ts";

export const SITE = "https://chat.example.com";
export const GRAPH = "https://graph.test";
const APP = "app";

const namesOf = (kind: string) =>
  channelPermissions.filter((one) => one.kind === kind).map(({ name }) => name);

export interface TestPerson {
  readonly user: User;
  readonly person: Person;
}

export interface ChannelsNode {
  readonly engine: Engine;
  readonly cluster: ReturnType<MemoryCluster["node"]>;
  readonly name: string;
}

export class ChannelsWorld {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 28, 9));
  readonly tenant = new Tenant("example.com");
  readonly channels = new TeamsChannels(this.tenant, () => this.#graphHost);
  readonly mattermost = new World({ now: this.clock.now, siteUrl: SITE });
  readonly store = new MemoryStore();
  readonly cluster = new MemoryCluster();
  readonly team: Team;
  readonly channel: Channel;
  readonly teamsTeam: TeamsTeam;
  readonly teamsChannel: TeamsChannel;
  readonly admin: TestPerson;
  readonly botPerson: Person;
  readonly warnings: string[] = [];
  /** Graph calls that change or read something, as `POST /teams/…`. */
  readonly calls: string[] = [];
  readonly nodes: ChannelsNode[] = [];
  readonly config: StandingConfig;
  /** Object IDs of people whose connection works. */
  readonly connected = new Set<string>();
  /** Permissions of the app, and of everybody who is connected. */
  roles = new Set(namesOf("application"));
  scopes = new Set(namesOf("delegated"));
  botConnected = true;
  /** What is older than a message and on its way to the channels has arrived. */
  older: () => Promise<void> = async () => {};
  /** Called before each Graph call; may return a response in place of the fake's. */
  intercept: (method: string, path: string, token: GraphToken) => Response | null | Promise<Response | null> =
    () => null;
  /** Called after a Graph call was carried out: true loses its answer. */
  lose: (method: string, path: string) => boolean = () => false;
  apiFault: (method: string, args: readonly unknown[]) => Error | undefined | Promise<Error | undefined> =
    () => undefined;
  /** Receives what Teams reports, in order; a test may hold it back, repeat it or reorder it. */
  deliver: (change: SentChange) => void = (change) => this.pending.push(change);
  readonly pending: SentChange[] = [];
  /** Files of the server that were opened and not closed. */
  openFiles = 0;
  readonly #links = new Map<
    string,
    { readonly tenantId: string; readonly objectId: string; readonly userId: string }
  >();
  #started = 0;
  #answering = 0;
  #graphHost = GRAPH;
  readonly #app: Hono<{ Variables: { token: GraphToken } }>;

  constructor(raw: Record<string, unknown> = {}) {
    this.clock.isBusy = () => this.#answering > 0;
    this.channels.now = this.clock.now;
    this.channels.drives.graphUrl = () => GRAPH;
    this.channels.onChange = (change) => this.deliver(change);
    this.config = new StandingConfig(
      {
        m365_tenant_id: this.tenant.id,
        m365_client_id: "b0b0b0b0-0000-4000-8000-000000000001",
        m365_client_secret: "secret",
        national_cloud: "custom",
        custom_login_url: "https://login.test",
        custom_graph_url: GRAPH,
        custom_teams_url: "https://teams.test",
        channels_enabled: true,
        ...raw,
      },
      SITE,
    );
    this.#app = this.#graphApp();
    this.team = this.mattermost.addTeam({ Name: "operations", DisplayName: "Operations" });
    this.channel = this.mattermost.addChannel({
      TeamId: this.team.Id,
      Name: "plans",
      DisplayName: "Plans",
      Type: "O",
    });
    this.botPerson = this.tenant.addPerson({
      displayName: "Bridge",
      userPrincipalName: "bridge@example.com",
    });
    this.teamsTeam = this.channels.addTeam("Ops", [this.botPerson]);
    this.teamsChannel = this.channels.addChannel(this.teamsTeam, "Plans in Teams");
    this.admin = this.both("cy");
    this.mattermost.putChannelMember({
      ...(this.mattermost.channelMember(this.channel.Id, this.admin.user.Id) as never as object),
      Roles: "channel_user channel_admin",
      SchemeAdmin: true,
    } as never);
  }

  /** A person with an account on both sides, linked and connected. */
  both(name: string): TestPerson {
    const user = this.mattermostPerson(name);
    const person = this.teamsPerson(name);
    this.#links.set(user.Id, { userId: user.Id, tenantId: this.tenant.id, objectId: person.objectId });
    this.connected.add(user.Id);
    return { user, person };
  }

  mattermostPerson(name: string, part: Partial<User> = {}): User {
    const user = this.mattermost.addUser({
      Username: name,
      FirstName: `${name[0]?.toUpperCase()}${name.slice(1)}`,
      ...part,
    });
    this.mattermost.joinTeam(user.Id, this.team.Id, { Roles: "team_user" });
    this.mattermost.join(user.Id, this.channel.Id, { Roles: "channel_user" });
    return user;
  }

  teamsPerson(name: string, part: Partial<Person> = {}): Person {
    const person = this.tenant.addPerson({
      displayName: `${name[0]?.toUpperCase()}${name.slice(1)} Teams`,
      userPrincipalName: `${name}@example.com`,
      ...part,
    });
    this.teamsTeam.members.add(person.objectId);
    return person;
  }

  /** Starts one process of the plugin; hooks of the server go to the first one, or to a named one. */
  node(
    name = this.#nextName(),
    change: Partial<ChannelsPorts> = {},
    wrap: (ports: ChannelsPorts) => ChannelsPorts = (ports) => ports,
  ): ChannelsNode {
    const api = this.#api(name);
    const kv = makeKeyValueStoreOf(this.store);
    const cluster = this.cluster.node();
    const log = {
      warn: (message: string, fields?: object) =>
        void this.warnings.push(`${message} ${JSON.stringify(fields, errors)}`),
      info: () => {},
    };
    const bot = createBot(api as never, {
      username: "mission-collaboration",
      displayName: "Mission",
      description: "",
    });
    const ports: ChannelsPorts = {
      api: api as unknown as ChannelsApi,
      kv,
      cluster,
      config: this.config,
      graph: this.graphOf(() => this.#token(APP)),
      links: {
        byMattermostUser: async (ids) =>
          new Map(
            ids.flatMap((id) => {
              const link = this.#links.get(id);
              return link ? [[id, { ...link, linkedAt: 0, basis: "connected" as const }] as const] : [];
            }),
          ),
        onLinkChange: () => () => {},
        store: {
          read: async ({ objectId }) => {
            const link = [...this.#links.values()].find((one) => one.objectId === objectId);
            return (link ? { record: { userId: link.userId } } : null) as never;
          },
        },
      },
      connections: {
        credential: (userId) => this.credential(userId),
        isConnected: async (userId) => this.connected.has(userId),
      },
      botAccount: async () =>
        this.botConnected
          ? {
              objectId: this.botPerson.objectId,
              account: "bridge@example.com",
              credential: fixedToken(this.#token(this.botPerson.objectId)),
            }
          : null,
      bot,
      cards: createCards({ api: api as never, kv: kv as never, bot, url: "/cards", now: this.clock.now }),
      subscriptions: {
        older: () => this.older(),
        retry: () => {},
        wishesChanged: () => {},
        status: async () => ({ subscriptions: [] }) as never,
      },
      isSystemAdmin: async (id) => this.mattermost.users.get(id)?.Roles.includes("system_admin") === true,
      metrics: createMetrics(),
      log,
      clock: this.clock,
      openFile: async (fileId) => {
        const bytes = await api.getFile(fileId);
        if (!bytes) throw new Error("no file");
        this.openFiles += 1;
        const close = () => {
          this.openFiles -= 1;
        };
        return { size: bytes.length, parts: () => [bytes], close };
      },
      pluginId: "mission-collaboration",
      ...change,
    };
    const engine = createEngine(wrap(ports));
    const node = { engine, cluster, name };
    this.nodes.push(node);
    this.mattermost.hookSinks.add({
      node: name,
      has: (hook) => hook in hooks,
      call: async (hook, ...args) => hooks[hook]?.(engine, args.slice(1)),
    });
    engine.start();
    return node;
  }

  /** Stops the hooks of a node. */
  unhook(name: string): void {
    for (const sink of this.mattermost.hookSinks)
      if (sink.node === name) this.mattermost.hookSinks.delete(sink);
  }

  async stop(): Promise<void> {
    for (const { engine } of this.nodes) {
      const stopped = engine.stop();
      await this.clock.pass(1_000);
      await stopped;
    }
  }

  async link(more: { days?: number; teamsChannel?: TeamsChannel } = {}): Promise<ChannelLink> {
    const [first] = this.nodes;
    if (!first) throw new Error("no node");
    const place = more.teamsChannel ?? this.teamsChannel;
    const made = await makeLink(first.engine.room, {
      userId: this.admin.user.Id,
      channelId: this.channel.Id,
      teamId: place.teamId,
      teamsChannelId: place.id,
      ...(more.days === undefined ? {} : { days: more.days }),
    });
    if (!made.ok) throw new Error(`not linked: ${made.refusal}`);
    await this.clock.pass(10);
    return made.link;
  }

  /** Delivers what Teams reported to a node, in order, and waits for all consequences. */
  async settle(seconds = 5): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      await this.mattermost.settled();
      await this.flush();
      await this.clock.pass((seconds * 1_000) / 3);
    }
    await this.mattermost.settled();
  }

  async flush(node = this.nodes[0]): Promise<void> {
    for (const change of this.pending.splice(0)) await this.report(change, node);
  }

  async report({ resource, changeType, data }: SentChange, node = this.nodes[0]): Promise<void> {
    const read = readResource(resource);
    if (!node || read?.kind !== "channel_message") throw new Error(`not a message: ${resource}`);
    const link = (await node.engine.room.links.all()).find((one) => one.teamsChannelId === read.channelId);
    if (!link) return;
    const change = {
      key: link.id,
      resource: read,
      changeType,
      etag: String(data.etag),
      content: data,
      receivedAt: this.clock.now(),
    };
    await node.engine.listener.changed(change, new AbortController().signal);
  }

  /** Somebody posts in Mattermost. */
  async post(user: User, message: string, more: Partial<Post> = {}): Promise<Post> {
    return publish(this.mattermost, {
      UserId: user.Id,
      ChannelId: this.channel.Id,
      Message: message,
      ...more,
    });
  }

  edit(post: Post, message: string): void {
    const before = this.mattermost.posts.get(post.Id) as Post;
    const next = { ...before, Message: message, EditAt: this.clock.now(), UpdateAt: this.clock.now() };
    this.mattermost.updatePost(next);
    this.mattermost.fire("messageHasBeenUpdated", structuredClone(next), structuredClone(before));
  }

  remove(post: Post): void {
    this.mattermost.fire("messageHasBeenDeleted", this.mattermost.deletePost(post));
  }

  react(user: User, post: Post, EmojiName: string, on = true): void {
    const reaction = {
      UserId: user.Id,
      PostId: post.Id,
      EmojiName,
      CreateAt: this.clock.now(),
      UpdateAt: 0,
      DeleteAt: 0,
      RemoteId: null,
      ChannelId: post.ChannelId,
    };
    if (on) this.mattermost.addReaction(reaction);
    else this.mattermost.removeReaction(reaction);
    this.mattermost.fire(on ? "reactionHasBeenAdded" : "reactionHasBeenRemoved", reaction);
  }

  /** Posts of the linked channel, oldest first, without notices of the bot. */
  get posts(): Post[] {
    return this.mattermost
      .postsIn(this.channel.Id)
      .filter((post) => post.Props.teams_message_id !== undefined || !this.isBot(post.UserId));
  }

  get notices(): string[] {
    return this.mattermost
      .postsIn(this.channel.Id)
      .filter((post) => post.Props.teams_message_id === undefined && this.isBot(post.UserId))
      .map(({ Message }) => Message);
  }

  get messages(): TeamsChannelMessage[] {
    return this.channels.visible(this.teamsChannel);
  }

  /** Presses the first button under a direct message of the bot. */
  async press(user: User, { Id, ChannelId, Props }: Post): Promise<{ ok: boolean }> {
    const [card] = Props.attachments as { actions: { integration: { context: { token: string } } }[] }[];
    const cards = this.nodes[0]?.engine.room.ports.cards as unknown as {
      press: (by: string, request: object) => Promise<{ ok: boolean }>;
    };
    const context = { token: card?.actions[0]?.integration.context.token };
    return cards.press(user.Id, {
      user_id: user.Id,
      post_id: Id,
      channel_id: ChannelId,
      trigger_id: "",
      context,
    });
  }

  /** Direct messages of the bot to a person. */
  notes(user: User): Post[] {
    return [...this.mattermost.posts.values()].filter((post) => {
      const channel = this.mattermost.channels.get(post.ChannelId);
      return channel?.Type === "D" && channel.Name.includes(user.Id);
    });
  }

  credential(userId: string): Credential {
    return {
      token: async () => {
        const link = this.#links.get(userId);
        if (!link || !this.connected.has(userId)) throw new ProductError("not_connected");
        return this.#token(link.objectId);
      },
    };
  }

  graphOf(appToken: () => string) {
    const fetch: Fetch = async (url, init) => {
      const { pathname, search } = new URL(String(url));
      const method = init?.method ?? "GET";
      const path = (pathname + search).replace("/v1.0", "");
      this.calls.push(`${method} ${path}`);
      const bearer = new Headers(init?.headers).get("authorization") ?? "";
      const instead = await this.intercept(method, path, this.#read(bearer));
      if (instead) return instead;
      const upload = /^\/upload\/([^/?]+)$/.exec(pathname)?.[1];
      if (upload)
        return this.#answer(() =>
          takeRange(this.channels.drives, upload, new Request(String(url), init as RequestInit)),
        );
      const response = await this.#answer(async () =>
        this.#app.fetch(new Request(String(url), init as RequestInit)),
      );
      if (this.lose(method, path)) throw new Error("the answer was lost");
      return response;
    };
    return createGraphClient({
      config: this.config,
      tokens: { token: async () => appToken() },
      fetch,
      now: this.clock.now,
      sleep: async () => {},
      random: () => 1,
    });
  }

  /** Bodies are read beside the turns of the clock: on a busy machine that takes longer. */
  async #answer(make: () => Promise<Response>): Promise<Response> {
    this.#answering += 1;
    try {
      return await make();
    } finally {
      this.#answering -= 1;
    }
  }

  #token = (who: string) => `token-of-${who}`;

  #read(bearer: string): GraphToken {
    const who = bearer.replace(/^Bearer token-of-/, "");
    const isApp = who === APP;
    return {
      appid: APP,
      oid: isApp ? null : who,
      roles: isApp ? [...this.roles] : [],
      scp: isApp ? [] : [...this.scopes],
      exp: 0,
    };
  }

  #graphApp() {
    const app = new Hono<{ Variables: { token: GraphToken } }>().basePath("/v1.0");
    app.onError((error) => {
      const refusal =
        error instanceof Refusal ? error : new Refusal(500, "InternalServerError", error.message);
      return refusal.response("request");
    });
    app.use(async (c, next) => {
      c.set("token", this.#read(c.req.header("authorization") ?? ""));
      return next();
    });
    app.get("/users/:id", (c) => {
      const person = this.tenant.person(c.req.param("id"));
      if (!person) throw new Refusal(404, "NotFound", "no such user");
      const userType = person.guest ? "Guest" : "Member";
      return c.json({ id: person.objectId, displayName: person.displayName, userType });
    });
    app.route("/", teamRoutes(this.channels));
    app.notFound(() => new Refusal(404, "ResourceNotFound", "no such segment").response("request"));
    return app;
  }

  #api(node: string): StandInApi {
    return watched(
      pluginApi(this.mattermost, { node }),
      () => {},
      (method, args) => this.apiFault(method, args),
    );
  }

  #nextName(): string {
    this.#started += 1;
    return `node-${this.#started}`;
  }

  /** Makes the fake Graph answer for the configured cloud. */
  redirectGraph(): void {
    this.#graphHost = new URL(this.config.current.cloud.graphUrl).origin;
  }

  accountOf(objectId: string): string | null {
    return [...this.#links.values()].find((one) => one.objectId === objectId)?.userId ?? null;
  }

  isBot(userId: string): boolean {
    return this.mattermost.users.get(userId)?.IsBot === true;
  }
}

const errors = (_: string, value: unknown) => (value instanceof Error ? value.stack : value);

const hooks: Readonly<Record<string, (engine: Engine, args: unknown[]) => Promise<void>>> = {
  messageHasBeenPosted: (engine, [post]) => engine.posted(post as Post),
  messageHasBeenUpdated: (engine, [next, before]) => engine.updated(next as Post, before as Post),
  messageHasBeenDeleted: (engine, [post]) => engine.deleted(post as Post),
  reactionHasBeenAdded: (engine, [reaction]) => engine.reacted(reaction as never),
  userHasJoinedChannel: (engine, [member]) => engine.joined(member as never),
  reactionHasBeenRemoved: (engine, [reaction]) => engine.reacted(reaction as never),
};

function makeKeyValueStoreOf(store: MemoryStore): ChannelsPorts["kv"] {
  return {
    get: (key) => store.get(key),
    set: (key, value) => store.set(key, value as never),
    delete: (key) => store.delete(key),
    compareAndSet: (key, expected, next) => store.compareAndSet(key, expected, next as never),
  };
}
