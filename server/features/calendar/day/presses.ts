/** Buttons of the day's posts: yes and no, snooze, running late, answers. On whichever node the press arrives. */

import type { Press, PressReply } from "../../../platform/bot/cards.ts";
import type { Audience, CalendarCore } from "../core.ts";
import { readEventOf, tellLate } from "../reminders/late.ts";
import { reminderWords } from "../reminders/words.ts";
import type { Answer } from "../rules/answer.ts";
import { afterAnswer } from "../rules/day.ts";
import { snoozedUntil } from "../rules/reminders.ts";
import { clockText } from "../rules/when.ts";
import { statusWords } from "../status/words.ts";
import type { DayStore } from "./day-store.ts";
import type { DayButton } from "./messages.ts";

export interface PressesPorts {
  readonly core: CalendarCore;
  readonly store: DayStore;
  readonly remembered: (userId: string) => Promise<void>;
}

const SNOOZE_MS = 5 * 60_000;
const answers: readonly string[] = ["accept", "tentative", "decline"];

export function dayPresses({ core, remembered, store }: PressesPorts): (press: Press) => Promise<PressReply> {
  const { bot, clock } = core.services;

  /** The post without its buttons, with a line about what was done. */
  async function close({ post }: Press, line: string): Promise<void> {
    const { attachments: _, ...props } = post.Props as Record<string, unknown>;
    await bot.update(post.Id, { text: `${post.Message}\n\n${line}`, props });
  }

  async function answered(press: Press, audience: Audience, until: number): Promise<PressReply> {
    const { action, userId } = press;
    const say = statusWords.in(audience.language);
    const answer = action === "yes" ? "yes" : "no";
    let status: string | null = null;
    if (until > clock.now()) {
      await store.update(userId, (record) => {
        status = record.memory.question ? audience.member.settings.status : null;
        return record.memory.question ? { ...record, memory: afterAnswer(record.memory, answer) } : record;
      });
    }
    if (status === null || status === "off") {
      await close(press, say("over"));
      return {};
    }
    await remembered(userId);
    const time = clockText(until, audience.reader);
    const done = status === "away" ? "done_away" : "done_dnd";
    await close(press, say(answer === "yes" ? done : "refused", { time }));
    return {};
  }

  async function snoozed(
    press: Press,
    audience: Audience,
    { keys = [], start = 0 }: DayButton,
  ): Promise<PressReply> {
    const { action, userId } = press;
    const now = clock.now();
    const say = reminderWords.in(audience.language);
    if (start <= now) {
      await close(press, say("gone"));
      return {};
    }
    const at = action === "snooze5" ? Math.min(now + SNOOZE_MS, start) : start;
    await store.update(userId, (record) => ({
      ...record,
      memory: {
        ...record.memory,
        reminders: keys.reduce((memory, key) => snoozedUntil(memory, key, at), record.memory.reminders),
      },
    }));
    await remembered(userId);
    await close(press, say("snoozed", { time: clockText(at, audience.reader) }));
    return {};
  }

  return async (press) => {
    const audience = await core.audience(press.userId);
    const value = (press.value ?? {}) as DayButton;
    if (!audience || !core.isOn()) return {};
    const { action } = press;
    if (action === "yes" || action === "no") return answered(press, audience, value.until ?? 0);
    if (action === "snooze5" || action === "snooze_start") return snoozed(press, audience, value);
    const answer = answers.includes(action) ? action : press.selected;
    if (answer && answers.includes(answer) && core.answer && value.event)
      return core.answer(press, value.event, answer as Answer);
    if (action === "late" && value.event) {
      const event = await readEventOf(core, press.userId, value.event);
      const count = event ? await tellLate(core, audience, event) : 0;
      const say = reminderWords.in(audience.language);
      return { ephemeral: count > 0 ? say("told_late", { count }) : say("nobody") };
    }
    return {};
  };
}
