/** Runs linked channels between a fake Mattermost and a fake Graph, in one process, on one or several nodes. */

import type { SentChange } from "../../../../e2e/sandbox/graph/changes.ts";
import type { TeamsChannel } from "../../../../e2e/sandbox/graph/teams.ts";
import { pluginApi, type StandInApi, watched } from "../../../../e2e/sandbox/mattermost/index.ts";
import { fixedToken } from "../../../microsoft/graph/index.ts";
// Loaded now, because loading it on demand would take longer than a turn of the test's clock.
import "../../../microsoft/graph/upload.ts";
import "../../../microsoft/teams-messages/index.ts";
import { readResource } from "../../../microsoft/subscriptions/index.ts";
import { createBot } from "../../../platform/bot/bot.ts";
import { createCards } from "../../../platform/bot/cards.ts";
import { createMetrics } from "../../../platform/metrics/metrics.ts";
import type { Post, User } from "../../../runtime/mattermost/index.ts";
import { MemoryCluster, MemoryStore } from "../../activity/testing/memory-store.ts";
import { createEngine, type Engine } from "../engine.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { makeLink } from "../links/linking.ts";
import type { ChannelsApi, ChannelsPorts } from "../ports.ts";
import { APP } from "./channels-graph.ts";
import { ChannelsPlaces } from "./channels-places.ts";

export interface ChannelsNode {
  readonly engine: Engine;
  readonly cluster: ReturnType<MemoryCluster["node"]>;
  readonly name: string;
}

export class ChannelsWorld extends ChannelsPlaces {
  readonly store = new MemoryStore();
  readonly cluster = new MemoryCluster();
  readonly warnings: string[] = [];
  readonly nodes: ChannelsNode[] = [];
  botConnected = true;
  /** Resolves when all older messages that are on their way to the channels have arrived. */
  older: () => Promise<void> = async () => {};
  apiFault: (method: string, args: readonly unknown[]) => Error | undefined | Promise<Error | undefined> =
    () => undefined;
  /** Files of the server that were opened and not closed. */
  openFiles = 0;
  #started = 0;

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
      graph: this.graphOf(() => this.tokenOf(APP)),
      links: {
        byMattermostUser: async (ids) =>
          new Map(
            ids.flatMap((id) => {
              const link = this.accountLinks.get(id);
              return link ? [[id, { ...link, linkedAt: 0, basis: "connected" as const }] as const] : [];
            }),
          ),
        onLinkChange: () => () => {},
        store: {
          read: async ({ objectId }) => {
            const link = [...this.accountLinks.values()].find((one) => one.objectId === objectId);
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
              credential: fixedToken(this.tokenOf(this.botPerson.objectId)),
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
