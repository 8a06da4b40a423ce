/**
 * The settings panel, the welcome flow and the question before a disconnect: bot posts with buttons. They change the
 * same record as the web app, at once. A person has one panel post; a new one replaces the old one.
 */

import type { CardAction, Press, PressReply } from "../../../platform/bot/cards.ts";
import { DISCONNECT_CARD, PANEL_CARD, WELCOME_CARD } from "../card-names.ts";
import { commandWords } from "../command/words.ts";
import { type Audience, audienceOf, type CalendarCore } from "../core.ts";
import { calendarPreferences } from "../rules/choices.ts";
import { type CalendarSettings, needsEvents, type WishedStatus } from "../rules/settings.ts";
import { changedSettings } from "../rules/settings-change.ts";
import { zoneText } from "../rules/when.ts";
import { postTimeText } from "./post-time.ts";
import { panelWords } from "./words.ts";

export interface Panel {
  show(userId: string): Promise<void>;
  welcome(userId: string): Promise<void>;
  askDisconnect(userId: string): Promise<void>;
  press(press: Press): Promise<PressReply>;
  welcomePress(press: Press): Promise<PressReply>;
  disconnectPress(press: Press): Promise<PressReply>;
}

const YEAR_MS = 365 * 86_400_000;
const HOUR_MS = 3_600_000;
const switches = [
  "confirm",
  "customStatus",
  "focusBlocks",
  "workingHoursOnly",
  "otherCalendars",
  "reminders",
  "notifications",
  "summary",
] as const;
type Switch = (typeof switches)[number];
const questions = ["status", "customStatus", "notifications", "reminders"] as const;
type Question = (typeof questions)[number];

export function createPanel(core: CalendarCore): Panel {
  const { api, bot, cards, clock, connections } = core.services;

  async function panelMessage(audience: Audience) {
    const { language, member, userId } = audience;
    const card = {
      name: PANEL_CARD,
      title: panelWords.in(language)("title"),
      fields: fieldsOf(audience, clock.now()),
      actions: actionsOf(member.settings, audience),
    };
    return { text: "", props: await cards.props(card, { userId, expiresAt: clock.now() + YEAR_MS }) };
  }

  async function change(userId: string, part: object): Promise<Audience | null> {
    const user = await api.getUser(userId);
    const member = await core.members.update(userId, (current) => {
      const verdict = changedSettings(current.settings, part);
      return verdict.ok ? { ...current, settings: verdict.settings } : current;
    });
    return user ? audienceOf(user, member) : null;
  }

  async function ask(audience: Audience, index: number): Promise<void> {
    const question = questions[index];
    const { language, userId } = audience;
    const say = panelWords.in(language);
    if (!question) {
      await bot.direct(userId, { text: say("welcome_end") });
      return;
    }
    const value = { question, index };
    const actions: CardAction[] =
      question === "status"
        ? [{ ...statusMenu(language), value }]
        : [
            { id: "yes", label: say("yes"), style: "primary", value },
            { id: "no", label: say("no"), value },
          ];
    const card = { name: WELCOME_CARD, actions };
    const props = await cards.props(card, { userId, expiresAt: clock.now() + YEAR_MS });
    await bot.direct(userId, { text: say(`ask_${question}`), props });
  }

  return {
    async show(userId) {
      const audience = await core.audience(userId);
      if (!audience) return;
      const before = audience.member.panelPost;
      const post = await bot.direct(userId, await panelMessage(audience));
      await core.members.update(userId, (member) => ({ ...member, panelPost: post.Id }));
      if (before) await api.deletePost(before).catch(() => {});
    },

    async welcome(userId) {
      const audience = await core.audience(userId);
      if (!audience) return;
      await bot.direct(userId, { text: panelWords.in(audience.language)("welcome") });
      await ask(audience, 0);
    },

    async askDisconnect(userId) {
      const audience = await core.audience(userId);
      if (!audience) return;
      const say = commandWords.in(audience.language);
      const actions: CardAction[] = [
        { id: "yes", label: say("disconnect_yes"), style: "danger" },
        { id: "no", label: panelWords.in(audience.language)("no") },
      ];
      const props = await cards.props(
        { name: DISCONNECT_CARD, actions },
        { userId, expiresAt: clock.now() + HOUR_MS },
      );
      await bot.direct(userId, { text: say("disconnect_ask"), props });
    },

    async press({ action, post, selected, userId }) {
      const before = await core.members.get(userId);
      const part = before && changeOf(action, selected, before.settings);
      const audience = part ? await change(userId, part) : await core.audience(userId);
      if (audience) await bot.update(post.Id, await panelMessage(audience));
      return {};
    },

    async welcomePress({ action, post, selected, userId, value }) {
      const { index, question } = value as { question: Question; index: number };
      const audience = await change(userId, {
        [question]: question === "status" ? selected : action === "yes",
      });
      if (!audience) return {};
      const say = panelWords.in(audience.language);
      const answer =
        question === "status"
          ? statusText(audience.member.settings, audience)
          : say(action === "yes" ? "yes" : "no");
      await bot.update(post.Id, { text: `${post.Message}\n**${answer}**`, props: {} });
      await ask(audience, index + 1);
      return {};
    },

    async disconnectPress({ action, post, userId }) {
      const audience = await core.audience(userId);
      if (!audience) return {};
      const say = commandWords.in(audience.language);
      if (action === "yes") await connections.disconnect(userId, { userId, requestId: "" });
      await bot.update(post.Id, { text: say(action === "yes" ? "disconnected" : "kept"), props: {} });
      return {};
    },
  };
}

/** The settings change behind an action of the panel; null for an action that this version does not know. */
function changeOf(action: string, selected: string | null, settings: CalendarSettings): object | null {
  switch (action) {
    case "status":
      return { status: selected };
    case "leadMinutes":
      return { leadMinutes: calendarPreferences.all.leadMinutes.read(selected ?? "") };
    case "summaryTime":
      return { summary: { postTime: selected } };
    case "zone":
      return { zone: selected };
    case "summary":
      return { summary: { enabled: !settings.summary.enabled } };
  }
  const name = switches.find((one) => one === action);
  return name ? { [name]: !settings[name] } : null;
}

/** Leaves out choices that have no effect at present. */
function actionsOf(settings: CalendarSettings, { language, reader }: Audience): CardAction[] {
  const say = panelWords.in(language);
  const toggle = (name: Switch): CardAction => {
    const isOn = name === "summary" ? settings.summary.enabled : settings[name];
    return { id: name, label: say(isOn ? "switch_off" : "switch_on", { what: say(name) }) };
  };
  const lead: CardAction = {
    id: "leadMinutes",
    label: say("leadMinutes"),
    options: calendarPreferences.all.leadMinutes.options.map((value) => ({
      text: value === "outlook" ? say("lead_outlook") : say("lead", { minutes: value }),
      value,
    })),
  };
  const time: CardAction = {
    id: "summaryTime",
    label: say("summaryTime"),
    options: quarterHours().map((value) => ({ text: postTimeText(value, reader), value })),
  };
  const zone: CardAction = {
    id: "zone",
    label: say("zone"),
    options: calendarPreferences.all.zone.options.map((value) => ({
      text: say(value === "mailbox" ? "zone_mailbox" : "zone_mattermost"),
      value,
    })),
  };
  return [
    statusMenu(language),
    ...(settings.status === "off" ? [] : [toggle("confirm")]),
    toggle("customStatus"),
    ...(settings.status === "off" && !settings.customStatus
      ? []
      : [toggle("focusBlocks"), toggle("workingHoursOnly")]),
    toggle("reminders"),
    ...(settings.reminders ? [lead] : []),
    ...[toggle("notifications"), toggle("summary")],
    ...(needsEvents(settings) ? [toggle("otherCalendars")] : []),
    ...(settings.summary.enabled ? [time] : []),
    zone,
  ];
}

function statusMenu(language: Audience["language"]): CardAction {
  const say = panelWords.in(language);
  const values = calendarPreferences.all.status.options as readonly WishedStatus[];
  const options = values.map((value) => ({ text: say(`status_${value}`), value }));
  return { id: "status", label: say("status"), options };
}

function statusText({ status }: CalendarSettings, { language }: Audience): string {
  return panelWords.in(language)(`status_${status}`);
}

function fieldsOf(audience: Audience, now: number) {
  const { language, member, reader } = audience;
  const { settings } = member;
  const say = panelWords.in(language);
  const onOff = (isOn: boolean) => say(isOn ? "on" : "off");
  const field = (title: string, value: string) => ({ title, value, short: true });
  const { leadMinutes, summary } = settings;
  const lead = leadMinutes === "outlook" ? say("lead_outlook") : say("lead", { minutes: leadMinutes });
  return [
    field(say("status"), statusText(settings, audience)),
    ...(settings.status === "off" ? [] : [field(say("confirm"), onOff(settings.confirm))]),
    field(say("customStatus"), onOff(settings.customStatus)),
    ...(settings.focusBlocks ? [field(say("focusBlocks"), onOff(true))] : []),
    ...(settings.workingHoursOnly ? [field(say("workingHoursOnly"), onOff(true))] : []),
    field(say("reminders"), settings.reminders ? `${onOff(true)} · ${lead}` : onOff(false)),
    field(say("notifications"), onOff(settings.notifications)),
    field(
      say("summary"),
      summary.enabled ? `${onOff(true)} · ${postTimeText(summary.postTime, reader)}` : onOff(false),
    ),
    ...(settings.otherCalendars ? [field(say("otherCalendars"), onOff(true))] : []),
    field(say("zone"), zoneText(reader.zone, now)),
  ];
}

function quarterHours(): string[] {
  return Array.from({ length: 96 }, (_, index) => {
    const [hour, minute] = [Math.floor(index / 4), (index % 4) * 15];
    return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
  });
}
