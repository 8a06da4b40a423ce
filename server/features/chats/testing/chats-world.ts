/** Chats between fake Entra, Graph and Mattermost servers, with a clock that tests move. */

import type { Chat, ChatMessage } from "../../../../e2e/sandbox/graph/chats.ts";
import { pluginApi, type StandInApi, World, watched } from "../../../../e2e/sandbox/mattermost/index.ts";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import { createAppTokens } from "../../../microsoft/entra/app-token.ts";
import { createGraph } from "../../../microsoft/graph/index.ts";
import type { Fetch } from "../../../microsoft/network/index.ts";
import { createBot } from "../../../platform/bot/bot.ts";
import { type Cards, createCards } from "../../../platform/bot/cards.ts";
import { createMetrics, type Metrics } from "../../../platform/metrics/metrics.ts";
import { newKeyText } from "../../../platform/store/sealed.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import type { Post, User } from "../../../runtime/mattermost/index.ts";
import { MemoryCluster, MemoryStore } from "../../activity/testing/memory-store.ts";
import { FixedConfig } from "../../sign-in/testing/sign-in-world.ts";
import { type Chats, createChats } from "../chats.ts";
import type { Microsoft } from "./microsoft.ts";
import { PLUGIN, SCOPES, SITE, TestConnections } from "./test-connections.ts";

export interface Member {
  readonly user: User;
  readonly person: Person;
}

/** A Teams message with more than its text. */
export interface Said extends Partial<ChatMessage> {
  readonly html: string;
}

export interface Node {
  readonly chats: Chats;
  readonly metrics: Metrics;
  readonly cards: Cards;
  readonly stop: AbortController;
  ended: Promise<void>;
}

export class ChatsWorld {
  readonly microsoft: Microsoft;
  readonly clock = new FakeClock(Date.now());
  readonly mattermost: World;
  readonly api: StandInApi;
  readonly store = new MemoryStore();
  readonly cluster = new MemoryCluster();
  readonly config: FixedConfig;
  readonly logs: string[] = [];
  /** Calls of the plugin API, by name. */
  readonly calls: string[] = [];
  /** Files of the server that were opened and not closed. */
  openFiles = 0;
  fault:
    | ((method: string, args: readonly unknown[]) => Error | undefined | Promise<Error | undefined>)
    | undefined;
  /** Called before each request to Microsoft; throws to simulate a network failure. */
  outgoing: (url: string) => void | Promise<void> = () => {};
  readonly #connections: TestConnections;
  readonly #nodes: Node[] = [];
  readonly #clusterNodes: ReturnType<MemoryCluster["node"]>[] = [];
  #serial = 0;

  constructor(microsoft: Microsoft, settings: Record<string, unknown> = {}) {
    this.microsoft = microsoft;
    const { chats, presence, drives, requests } = microsoft.graph;
    microsoft.graph.healthy();
    microsoft.graph.throttle.enabled = false;
    chats.reset(this.clock.now);
    presence.all.clear();
    drives.items.clear();
    for (const list of [presence.asked, drives.downloads, drives.invitations, requests]) list.splice(0);
    microsoft.entra.now = this.clock.now;
    this.mattermost = new World({ now: this.clock.now, siteUrl: SITE });
    this.api = watched(
      pluginApi(this.mattermost),
      (method) => void this.calls.push(method),
      (method, args) => this.fault?.(method, args),
    );
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
        encryption_key: newKeyText(),
        chats_enabled: true,
        chats_reply: true,
        ...settings,
      },
      SITE,
    );
    this.#connections = new TestConnections(microsoft, this.config, this.fetch);
  }

  readonly fetch: Fetch = async (url, init) => {
    await this.outgoing(String(url));
    return fetch(url, { ...init, tls: { ca: this.microsoft.authority.certificate } } as RequestInit);
  };

  get teams() {
    return this.microsoft.graph.chats;
  }

  /** A person in Teams without an account here. */
  stranger(displayName: string): Person {
    this.#serial += 1;
    return this.microsoft.tenant.addPerson({
      displayName,
      userPrincipalName: `p${this.#serial}.${crypto.randomUUID()}@example.com`,
    });
  }

  /** A person with both accounts, connected. */
  member(name: string, part: Partial<User> = {}): Member {
    const user = this.mattermost.addUser({ Username: name, ...part });
    const person = this.stranger(name[0]?.toUpperCase() + name.slice(1));
    this.connect({ user, person });
    return { user, person };
  }

  connect({ user, person }: Member, scopes: string[] = SCOPES): void {
    this.#connections.connect(user.Id, person.objectId, scopes);
  }

  disconnect({ user }: Member): void {
    this.#connections.disconnect(user.Id);
  }

  lose({ user }: Member): void {
    this.#connections.lose(user.Id);
  }

  /** Starts one process of the plugin. `store` is its view of the shared store. */
  node(store: MemoryStore = this.store, api: StandInApi = this.api, fetch: Fetch = this.fetch): Node {
    const { clock, config } = this;
    const metrics = createMetrics();
    const tokens = createAppTokens({ config, fetch, now: clock.now });
    const graph = createGraph({ config, tokens, fetch, sleep: async () => {}, now: clock.now });
    const bot = createBot(api, { username: PLUGIN, displayName: "Mission", description: "" });
    const cards = createCards({
      api,
      kv: store,
      bot,
      url: `/plugins/${PLUGIN}/api/v1/cards`,
      now: clock.now,
    });
    const log = (message: string, fields: object = {}) =>
      void this.logs.push(`${message} ${JSON.stringify(fields)}`);
    const connections = this.#connections.ofOneNode();
    const chats = createChats({
      ...{ api, bot, cards, config, connections, graph, metrics, clock, fetch },
      kv: store,
      cluster: this.#clusterNode(),
      log: { info: log, warn: log },
      pluginId: PLUGIN,
      openFile: async (fileId) => {
        const bytes = await api.getFile(fileId);
        this.openFiles += 1;
        const close = () => {
          this.openFiles -= 1;
        };
        return { size: bytes.length, parts: () => [bytes], close };
      },
    });
    cards.handle("chats.message", (press) => chats.pressed(press));
    cards.handle("chats.answer", (press) => chats.answerPressed(press));
    const node: Node = { chats, metrics, cards, stop: new AbortController(), ended: Promise.resolve() };
    this.#nodes.push(node);
    return node;
  }

  #clusterNode() {
    const made = this.cluster.node();
    this.#clusterNodes.push(made);
    return made;
  }

  /** Takes the locks of every node created so far, as if they had died. */
  loseLocks(): void {
    for (const one of this.#clusterNodes.splice(0)) one.loseLocks();
  }

  /** Runs the background work: answers. */
  run(node: Node): void {
    node.ended = node.chats.run(node.stop.signal);
  }

  /** Passes a change to the feature, as the inbox does. */
  change(
    node: Node,
    message: ChatMessage,
    changeType: "created" | "updated" | "deleted" = "created",
    more: { content?: Record<string, unknown> | null; signal?: AbortSignal } = {},
  ): Promise<Outcome> {
    const { content, signal = new AbortController().signal } = more;
    return node.chats.changed(
      {
        key: "all",
        resource: { kind: "chat_message", chatId: message.chatId, messageId: message.id },
        changeType,
        etag: message.etag,
        content: content === undefined ? structuredClone({ ...message }) : content,
        receivedAt: this.clock.now(),
      },
      signal,
    );
  }

  /** Somebody writes in Teams, and the change arrives. */
  async write(node: Node, chat: Chat, by: Person | null, said: string | Said) {
    const { html, ...more } = typeof said === "string" ? { html: said } : said;
    const message = this.teams.put(chat, by?.objectId ?? null, {
      body: { contentType: "html", content: html },
      ...more,
    });
    const outcome = await this.change(node, message);
    return { message, outcome };
  }

  /** Posts of the bot to a member, oldest first. */
  posts({ user }: Member): Post[] {
    const botId = this.mattermost.userByUsername(PLUGIN)?.Id ?? "";
    const channel = this.mattermost.channelByName("", [botId, user.Id].sort().join("__"));
    return channel ? this.mattermost.postsIn(channel.Id).filter((post) => post.UserId === botId) : [];
  }

  texts(member: Member): string[] {
    return this.posts(member).map(({ Message }) => Message);
  }

  /** A member replies in the thread of a post of the bot. */
  async reply(
    node: Node,
    member: Member,
    root: Post,
    said: string | { readonly Message: string; readonly FileIds: string[] },
  ): Promise<Post> {
    const post = this.mattermost.putPost({
      ...{
        UserId: member.user.Id,
        ChannelId: root.ChannelId,
        RootId: root.RootId || root.Id,
        ...(typeof said === "string" ? { Message: said, FileIds: [] } : said),
      },
    });
    await node.chats.posted(post);
    return post;
  }

  async press(node: Node, member: Member, post: Post, action: string) {
    const attachments = post.Props.attachments as {
      actions: { id: string; integration: { context: object } }[];
    }[];
    const button = attachments.flatMap(({ actions }) => actions).find(({ id }) => id === action);
    if (!button) throw new Error(`no button ${action}`);
    const { context } = button.integration as { context: { token?: unknown } };
    return node.cards.press(member.user.Id, {
      ...{ user_id: member.user.Id, post_id: post.Id, channel_id: post.ChannelId, trigger_id: "", context },
    });
  }

  /** Graph paths that the plugin requested, without ids. */
  get asked(): string[] {
    return this.microsoft.graph.requests.map(({ method, path }) =>
      `${method} ${decodeURIComponent(path)}`
        .replace("/v1.0", "")
        .replace(/\?.*/, "")
        .replace(/19:[^/]+/g, "{chat}")
        .replace(/\/\d{13}\b/g, "/{message}"),
    );
  }

  /** Advances the time while it waits, so that delayed work becomes due. */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 1_000; tries += 1) {
      if (await condition()) return;
      await this.clock.pass(50);
      await Bun.sleep(5);
    }
    throw new Error(`never: ${what}\n${this.logs.join("\n")}`);
  }

  async stop(): Promise<void> {
    for (const node of this.#nodes) node.stop.abort();
    await Promise.all(this.#nodes.map(({ ended }) => ended));
  }
}
