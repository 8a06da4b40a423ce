/**
 * Teams chats in Mattermost as a feature. This module is light; everything else is in chats.ts, which is loaded when
 * the switch is on and there is something to do. While it is off, nothing here costs anything.
 */

import type { ChangeListener } from "../../microsoft/subscriptions/index.ts";
import type { Services } from "../../people/services.ts";
import type { Word } from "../../platform/commands/index.ts";
import type { Feature } from "../../platform/feature.ts";
import { Routes, readJson } from "../../platform/http/index.ts";
import { onDemand } from "../../platform/on-demand.ts";
import type { Permission } from "../../platform/permissions.ts";
import { chatsSettings, registrationSettings } from "../../platform/settings/index.ts";
import { pause } from "../../runtime/mattermost/index.ts";
import { commandWords } from "./members/command-words.ts";

/** The prefix of people's records, which are deleted here even when nothing else of the feature is loaded. */
const PERSON_PREFIX = "chats.person.";
const WISH = {
  key: "all",
  resource: "/chats/getAllMessages",
  changeTypes: ["created", "updated", "deleted"],
  includeResourceData: true,
  permissions: ["Chat.Read.All"],
} as const;

export function chatsFeature(services: Services): Feature {
  const { bot, cards, config, connections, kv, log, subscriptions } = services;
  const isOn = () => config.current.section(chatsSettings).chats_enabled;
  const isAnswered = () => isOn() && config.current.section(chatsSettings).chats_reply;
  let connected = () => 1;

  const room = onDemand(async () => {
    const { createChats } = await import("./chats.ts");
    const made = createChats({
      ...services,
      clock: { now: services.clock, sleep: pause, random: Math.random },
    });
    connected = () => Math.max(1, made.connectedCount());
    return made;
  });
  const chats = room.load;

  const listener: ChangeListener = {
    name: "chats",
    enabled: isOn,
    wishes: async () => [WISH],
    changed: async (change, signal) => (await chats()).changed(change, signal),
    fillGap: async (_wish, gap, work) => (await chats()).fillGap(gap, work),
    get requestsPerFill() {
      return connected();
    },
  };
  subscriptions.listen(listener);
  cards.handle("chats.message", async (press) => (isOn() ? (await chats()).pressed(press) : {}));
  cards.handle("chats.answer", async (press) => (isOn() ? (await chats()).answerPressed(press) : {}));
  connections.onDisconnect(async (userId) => {
    await kv.delete(PERSON_PREFIX + userId);
    await (await room.begun)?.forget(userId);
  });

  let running: { readonly stop: AbortController; readonly ended: Promise<void> } | null = null;
  function run(): void {
    if (!isOn() || running) return;
    const stop = new AbortController();
    const ended = chats()
      .then((made) => made.run(stop.signal))
      .catch((error: unknown) => log.error("Teams chats could not be started", { error: String(error) }));
    running = { stop, ended };
  }
  async function rest(): Promise<void> {
    const before = running;
    running = null;
    before?.stop.abort();
    await before?.ended;
  }

  const help = (key: "help" | "help_status" | "help_on" | "help_off"): Word["help"] => {
    return (language) => commandWords.in(language)(key);
  };
  const permission = (
    kind: Permission["kind"],
    name: string,
    isNeeded: Permission["isNeeded"] = () => true,
  ): Permission => ({
    ...{ kind, name },
    isNeeded: (section) => section(chatsSettings).chats_enabled && isNeeded(section),
    // Without files, answers or presence, messages are still delivered.
    optional: name !== "Chat.Read.All",
  });
  const answering: Permission["isNeeded"] = (section) => section(chatsSettings).chats_reply;

  return {
    name: "chats",
    system: async () => (await import("./system.ts")).chatsSystem({ ...services, isOn, chats }),
    async memberStatus(userId, language) {
      if (!isOn()) return [];
      const { command, settings } = await chats();
      const { connected } = await settings.show(userId);
      return connected ? [await command(["status"], { userId, language })] : [];
    },
    permissions: [
      permission("delegated", "Chat.Read"),
      permission("delegated", "ChatMessage.Read"),
      permission("delegated", "Files.Read.All"),
      permission("delegated", "ChatMessage.Send", answering),
      permission("delegated", "Files.ReadWrite.All", answering),
      permission("application", "Chat.Read.All"),
      // China has no presence (docs/facts/microsoft-chat.md 8).
      permission(
        "application",
        "Presence.Read.All",
        (section) => section(registrationSettings).national_cloud !== "china",
      ),
    ],
    routes: new Routes()
      .get("/api/v1/chats/settings", "member", async (_, userId) => {
        if (!isOn()) return Response.json({ available: false });
        return Response.json({ available: true, ...(await (await chats()).settings.show(userId)) });
      })
      .put("/api/v1/chats/settings", "member", async ({ req }, userId) => {
        if (!isOn()) return Response.json({ code: "not_available" }, { status: 404 });
        const part = await readJson(req.raw);
        const isObject = typeof part === "object" && part !== null && !Array.isArray(part);
        const { settings } = await chats();
        const problems = isObject
          ? await settings.change(userId, part as Record<string, unknown>)
          : { "": "invalid" };
        if (problems) return Response.json({ code: "request_invalid", fields: problems }, { status: 400 });
        return Response.json({ available: true, ...(await settings.show(userId)) });
      }),
    hooks: {
      async messageHasBeenPosted(_context, post) {
        if (!isOn() || post.RootId === "" || post.Type !== "") return;
        if (post.UserId === (await bot.userId())) return;
        await (await chats()).posted(post);
      },
      async reactionHasBeenAdded(_context, reaction) {
        if (isAnswered()) await (await chats()).reacted(reaction, false);
      },
      async reactionHasBeenRemoved(_context, reaction) {
        if (isAnswered()) await (await chats()).reacted(reaction, true);
      },
    },
    commands: [
      {
        name: "notifications",
        trigger: "msteams",
        help: help("help"),
        hint: "[status | on | off]",
        words: [
          { word: "status", help: help("help_status") },
          { word: "on", help: help("help_on") },
          { word: "off", help: help("help_off") },
        ],
        isOffered: isOn,
        run: async (typed, caller) => (await chats()).command(typed, caller),
      },
    ],
    storedKeys: [
      {
        prefix: PERSON_PREFIX,
        holds: "a member's choices, muted chats by their Teams id, posts in whose threads a chat goes on",
        until: "until disconnect",
      },
      {
        prefix: "chats.message.",
        holds: "who got a message, as account and post ids, by a hash of chat and message. No text",
        until: "26 hours",
      },
      {
        prefix: "chats.late.",
        holds: "who wrote how often while messages could not be delivered, or in quiet hours: names, no text",
        until: "26 hours after the last of them",
      },
      {
        prefix: "queue_chats_quiet_",
        holds: "chats with messages in somebody's quiet hours: ids of accounts and chats",
        until: "the end of the quiet hours",
      },
      {
        prefix: "chats.press.",
        holds:
          "that a button was pressed, to send again or to mute: hashes of what it was pressed for, and the time",
        until: "a minute",
      },
      {
        prefix: "queue_chats_answers_",
        holds:
          "answers that wait for Microsoft: ids of posts, chats and accounts, names of uploaded files. No text",
        until: "sent or given up, at most a week",
      },
    ],
    start: run,
    settingsChanged: () => void (isOn() ? run() : rest()),
    stop: rest,
  };
}
