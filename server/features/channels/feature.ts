/**
 * Linked channels as a feature. This module is light: it contains only what a start needs. The rest is loaded once,
 * when the switch is on. While it is off, there is no command, permission, subscription, job or record.
 */

import type { Services } from "../../people/services.ts";
import type { Subcommand } from "../../platform/commands/index.ts";
import type { Feature } from "../../platform/feature.ts";
import { routesOnDemand } from "../../platform/http/index.ts";
import { onDemand } from "../../platform/on-demand.ts";
import type { Permission } from "../../platform/permissions.ts";
import { channelsSettings } from "../../platform/settings/sections/channels.ts";
import type { Clock } from "../../platform/work/clock.ts";
import { pause } from "../../runtime/mattermost/index.ts";
import { channelTables } from "./check-words.ts";
import { channelCommandWords as words } from "./command-words.ts";
import { channelsRoutes } from "./declared-routes.ts";
import type { Engine } from "./engine.ts";
import { channelErrors } from "./errors.ts";
import type { ChannelsPorts, TeamsBotAccount } from "./ports.ts";

/** From docs/facts/microsoft-chat.md 6. People's own actions are carried out with their own permissions. */
const DELEGATED = [
  "ChannelMessage.Read.All",
  "ChannelMessage.ReadWrite",
  "ChannelMessage.Send",
  "Channel.ReadBasic.All",
  "Team.ReadBasic.All",
  "Files.ReadWrite.All",
];
const APPLICATION = [
  "ChannelMessage.Read.All",
  "Channel.ReadBasic.All",
  "Team.ReadBasic.All",
  "Files.Read.All",
  "User.Read.All",
];

const isNeeded: Permission["isNeeded"] = (section) => section(channelsSettings).channels_enabled;

export const channelPermissions: readonly Permission[] = [
  ...DELEGATED.map((name): Permission => ({ kind: "delegated", name, isNeeded })),
  ...APPLICATION.map((name): Permission => ({ kind: "application", name, isNeeded })),
];

export interface ChannelsFeature extends Feature {
  /** For tests: the engine behind the switch. */
  engine(): Promise<Engine>;
}

export function channelsFeature(services: Services, more: Partial<ChannelsPorts> = {}): ChannelsFeature {
  const { api, cards, cluster, config, connections, graph, isSystemAdmin, kv, links, log, metrics } =
    services;
  const isOn = () => config.current.section(channelsSettings).channels_enabled;
  const clock: Clock = { now: services.clock, sleep: pause, random: Math.random };
  const ports: ChannelsPorts = {
    ...{ api, cards, cluster, config, connections, graph, isSystemAdmin, kv, links, log, metrics, clock },
    ...{ bot: services.bot, subscriptions: services.subscriptions, pluginId: services.pluginId },
    openFile: services.openFile,
    botAccount: () => botAccountOf(connections),
    ...more,
  };
  let running = false;
  let ended = false;
  let following: Promise<void> = Promise.resolve();
  const { load: engine } = onDemand(async () => (await import("./engine.ts")).createEngine(ports));

  services.subscriptions.listen({
    name: "channels",
    enabled: isOn,
    wishes: async () => (await engine()).listener.wishes(),
    changed: async (change, signal) => (await engine()).listener.changed(change, signal),
    fillGap: async (wish, gap, work) => (await engine()).listener.fillGap(wish, gap, work),
  });
  connections.onDisconnect(async (userId) => {
    const { links: all } = (await engine()).room;
    for (const link of await all.all())
      if (link.createdBy === userId) await all.update(link.id, (one) => ({ ...one, createdBy: "" }));
  });

  /** One step after the other: somebody may switch it off and on again while it stops. */
  function follow(failure: string): void {
    following = following.then(step).catch((error: unknown) => log.warn(failure, { error }));
  }

  async function step(): Promise<void> {
    if (isOn() === running || ended) return;
    running = isOn();
    const working = await engine();
    if (ended) return;
    if (running) return working.start();
    await working.stop();
    await working.switchedOff();
  }

  const run =
    (name: "link" | "unlink" | "show" | "showLinks"): Subcommand["run"] =>
    async (typed, caller) => {
      const [commands, { room }] = await Promise.all([import("./command.ts"), engine()]);
      return commands[name](room, typed, caller);
    };

  return {
    name: "channels",
    engine,
    async memberStatus(userId, language) {
      if (!isOn()) return [];
      const [{ memberStatus }, { room }] = await Promise.all([import("./links/member-status.ts"), engine()]);
      return memberStatus(room, userId, language);
    },
    permissions: channelPermissions,
    botPermissions: DELEGATED,
    system: async () => (await import("./system.ts")).channelsSystem({ isOn, engine, now: services.clock }),
    errors: channelErrors,
    checks: [
      {
        id: "linked_channels",
        words: channelTables,
        async look() {
          if (!isOn()) return null;
          const [{ checkLinks }, { room }] = await Promise.all([import("./check.ts"), engine()]);
          return checkLinks(room);
        },
      },
    ],
    routes: routesOnDemand(channelsRoutes, async () =>
      (await import("./route-table.ts")).channelRoutes({ isOn, engine, ports }),
    ),
    hooks: {
      messageHasBeenPosted: async (_, post) => (isOn() ? (await engine()).posted(post) : undefined),
      messageHasBeenUpdated: async (_, next, before) =>
        isOn() ? (await engine()).updated(next, before) : undefined,
      messageHasBeenDeleted: async (_, post) => (isOn() ? (await engine()).deleted(post) : undefined),
      userHasJoinedChannel: async (_, member) => (isOn() ? (await engine()).joined(member) : undefined),
      reactionHasBeenAdded: async (_, reaction) =>
        isOn() && reaction ? (await engine()).reacted(reaction) : undefined,
      reactionHasBeenRemoved: async (_, reaction) =>
        isOn() && reaction ? (await engine()).reacted(reaction) : undefined,
    },
    commands: [
      {
        name: "link",
        help: (language) => words.in(language)("link"),
        hint: "[team-id] [channel-id]",
        complete: [
          { route: "api/v1/channels/complete/teams", help: (language) => words.in(language)("team") },
          { route: "api/v1/channels/complete/channels", help: (language) => words.in(language)("channel") },
        ],
        isOffered: isOn,
        run: run("link"),
      },
      {
        name: "unlink",
        // `/teams unlink` concerns the person's own account.
        trigger: "msteams",
        help: (language) => words.in(language)("unlink"),
        isOffered: isOn,
        run: run("unlink"),
      },
      { name: "show", help: (language) => words.in(language)("show"), isOffered: isOn, run: run("show") },
      {
        name: "show-links",
        help: (language) => words.in(language)("show_links"),
        role: "system_admin",
        isOffered: isOn,
        run: run("showLinks"),
      },
    ],
    storedKeys: [
      {
        prefix: "channels.link.",
        holds: "which channels are linked, names of the Teams side, the account ID of who linked them",
        until: "unlinked",
      },
      { prefix: "channels.claim.", holds: "which link has a channel, on either side", until: "unlinked" },
      {
        prefix: "channels.state.",
        holds: "when a link copied last, how much failed, which message is being sent (ids)",
        until: "unlinked",
      },
      {
        prefix: "channels.members.",
        holds:
          "who was in the Teams channel when it was looked at last: a digest of each person's ID. No names",
        until: "unlinked",
      },
      {
        prefix: "channels.pair.",
        holds: "which post belongs to which Teams messages, digests of both. No text, no names",
        until: "unlinked, or 400 days after the last change",
      },
      {
        prefix: "channels.index.",
        holds: "which pairs a link has (ids of posts and messages), to remove them with it",
        until: "unlinked, or 800 days after the last message",
      },
      {
        prefix: "channels.ended",
        holds: "ids of links that have ended and of which something may be left in the store",
        until: "two minutes after the end, on a node that runs",
      },
      {
        prefix: "queue_channels_",
        holds: "IDs of posts, messages and accounts whose change waits to be copied. No text, no names",
        until: "copied or unlinked, at most a week and an hour",
      },
    ],
    async diagnostics() {
      if (!isOn()) return { on: false };
      const { queue, room } = await engine();
      const all = await room.links.all();
      const { parked, waiting } = queue.state;
      return {
        on: true,
        links: all.length,
        paused: all.flatMap(({ paused }) => paused ?? []),
        parked,
        waiting,
      };
    },
    start: () => follow("Linked channels could not be started"),
    settingsChanged: () => follow("Linked channels could not follow a setting"),
    async stop() {
      ended = true;
      if (!running) return;
      running = false;
      await (await engine()).stop();
    },
  };
}

/** Returns null when there is no bot account, or when its connection is lost. */
async function botAccountOf(connections: Services["connections"]): Promise<TeamsBotAccount | null> {
  const found = await connections.bot();
  if (!found || found.lost) return null;
  const { account, objectId } = found;
  return { account, objectId, credential: connections.botCredential() };
}
