/**
 * Handles the buttons of the day's posts: yes and no, snooze, running late, answers. Any node can get the press; of
 * two presses on one post, the second one finds the post as the first one left it.
 */

import type { Press, PressReply } from "../../../platform/bot/cards.ts";
import { Once } from "../../../platform/work/once.ts";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { commandWords } from "../command/words.ts";
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
import { codeOf } from "./one-person.ts";

export interface PressesPorts {
  readonly core: CalendarCore;
  readonly store: DayStore;
  readonly remembered: (userId: string) => Promise<void>;
}

const SNOOZE_MS = 5 * 60_000;
const answers: readonly string[] = ["accept", "tentative", "decline"];
const simple: readonly string[] = ["yes", "no", "snooze5", "snooze_start"];

export function dayPresses({ core, remembered, store }: PressesPorts): (press: Press) => Promise<PressReply> {
  const { api, bot, clock } = core.services;
  const once = new Once({ ...core.services, prefix: "calendar/press_" });

  /** Removes the buttons from the post, and adds a line about what was done. */
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

  /** Happens once: the button disappears with the press. */
  async function late(press: Press, audience: Audience, eventId: string): Promise<PressReply> {
    const { post, userId } = press;
    const say = reminderWords.in(audience.language);
    try {
      const event = await readEventOf(core, userId, eventId);
      if (!event || event.cancelled) return { ephemeral: say("gone") };
      const count = await tellLate(core, audience, { event, post });
      if (count === 0) return { ephemeral: say("nobody") };
      await bot.update(post.Id, { text: post.Message, props: withoutButton(post, "late") });
      return { ephemeral: say("late_sent", { count }) };
    } catch (error) {
      core.services.log.info("The message that a member is late could not be sent", { error: codeOf(error) });
      return { ephemeral: commandWords.in(audience.language)("unavailable") };
    }
  }

  /** Repeats the reply of the first press, after which the button has gone. */
  function carriedOut(press: Press, audience: Audience): Promise<PressReply> {
    const { action, post: seen, selected, userId } = press;
    const value = (press.value ?? {}) as DayButton;
    return once.run(`${userId} ${seen.Id}`, `${action} ${selected}`, async (turn) => {
      const post = await api.getPost(seen.Id);
      if (!post || post.DeleteAt > 0 || !buttonsOf(post).includes(action)) {
        const noted = await turn.noted();
        return noted === null ? {} : { ephemeral: noted };
      }
      const now = { ...press, post };
      if (action === "yes" || action === "no") return answered(now, audience, value.until ?? 0);
      if (action !== "late") return snoozed(now, audience, value);
      const reply = await late(now, audience, value.event ?? "");
      if (reply.ephemeral) await turn.note(reply.ephemeral).catch(() => {});
      return reply;
    });
  }

  return async (press) => {
    const audience = await core.audience(press.userId);
    const value = (press.value ?? {}) as DayButton;
    if (!audience || !core.isOn()) return {};
    const { action } = press;
    const answer = answers.includes(action) ? action : press.selected;
    if (answer && answers.includes(answer) && core.answer && value.event)
      return core.answer(press, value.event, answer as Answer);
    const isOurs = action === "late" ? value.event !== undefined : simple.includes(action);
    return isOurs ? carriedOut(press, audience) : {};
  };
}

interface Attachment {
  readonly actions?: readonly { readonly id: string }[];
}

function attachmentsOf(post: Post): readonly Attachment[] {
  return (post.Props.attachments as readonly Attachment[] | undefined) ?? [];
}

function buttonsOf(post: Post): string[] {
  return attachmentsOf(post).flatMap(({ actions = [] }) => actions.map(({ id }) => id));
}

function withoutButton(post: Post, id: string): Record<string, unknown> {
  const left = attachmentsOf(post).map((one) => ({
    ...one,
    actions: (one.actions ?? []).filter((action) => action.id !== id),
  }));
  return { ...post.Props, attachments: left };
}
