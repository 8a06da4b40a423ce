/** Reads the owner's zone, clock format and language from a mailbox (docs/facts/microsoft-calendar.md 8). */

import { z } from "zod";
import { words } from "../../../platform/i18n/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { CalendarCore } from "../core.ts";
import { codeOf } from "../day/one-person.ts";
import type { MailboxFacts, Member } from "../preferences/members.ts";
import { hoursOf } from "../rules/working-hours.ts";
import { Turns } from "./turns.ts";

const DAY_MS = 24 * 3_600_000;
/** When to ask a mailbox again that did not answer. */
const RETRY_MS = 3_600_000;

const settings = lazy(() => {
  const text = z.string().catch("");
  return z.object({
    timeZone: text,
    timeFormat: text,
    language: z.object({ locale: text }).nullish().catch(null),
    workingHours: z
      .object({
        daysOfWeek: z.array(text),
        startTime: z.string(),
        endTime: z.string(),
        timeZone: z.object({ name: text }).nullish().catch(null),
      })
      .nullish()
      .catch(null),
  });
});

export const mailboxWords = words({
  en: {
    moved:
      "Your Outlook calendar is in the time zone {zone} now. Your times follow it from the next day on; `/mscalendar settings` has other choices.",
  },
  de: {
    moved:
      "Ihr Outlook-Kalender hat jetzt die Zeitzone {zone}. Ihre Zeiten folgen ihr ab dem nächsten Tag; unter `/mscalendar settings` können Sie anders wählen.",
  },
  es: {
    moved:
      "Su calendario de Outlook está ahora en la zona horaria {zone}. Sus horas la seguirán a partir de mañana; en `/mscalendar settings` hay otras opciones.",
  },
  fr: {
    moved:
      "Votre calendrier Outlook est désormais dans le fuseau horaire {zone}. Vos heures le suivent dès demain ; `/mscalendar settings` offre d’autres choix.",
  },
  ja: {
    moved:
      "Outlook 予定表のタイムゾーンが {zone} になりました。翌日から時刻に反映されます。`/mscalendar settings` で変更できます。",
  },
  ar: {
    moved:
      "أصبحت المنطقة الزمنية لتقويم Outlook لديك {zone}. ستتبعها أوقاتك اعتبارًا من اليوم التالي؛ وفي \u200e`/mscalendar settings` خيارات أخرى.",
  },
});

export interface Mailboxes {
  /** Throws the errors of Graph unchanged. */
  read(userId: string): Promise<MailboxFacts>;
  /** Reads and stores the mailbox settings, and notifies the person once if the mailbox moved to another zone. */
  refresh(userId: string): Promise<void>;
  /** Refreshes in the background if the stored settings are older than a day. */
  refreshOld(userId: string, member: Member): void;
}

export function createMailboxes(core: CalendarCore): Mailboxes {
  const { bot, clock, log } = core.services;
  const turns = new Turns(2);
  const triedAt = new Map<string, number>();

  async function read(userId: string): Promise<MailboxFacts> {
    const { language, timeFormat, timeZone, workingHours } = await core.view.ask(
      userId,
      "settings",
      (base) => ({
        path: `${base}/mailboxSettings`,
        answer: settings(),
      }),
    );
    return {
      zoneName: timeZone,
      // .NET's format pattern: `h` and `tt` mean a 12-hour clock with AM and PM.
      hour12: timeFormat === "" ? null : timeFormat.includes("t"),
      locale: language?.locale ?? "",
      hours: workingHours ? hoursOf(workingHours) : null,
      readAt: clock.now(),
    };
  }

  async function refresh(userId: string): Promise<void> {
    const mailbox = await read(userId);
    let moved = false;
    const { settings: own } = await core.members.update(userId, (member) => {
      moved =
        member.announcedZone !== null && member.announcedZone !== mailbox.zoneName && mailbox.zoneName !== "";
      return { ...member, mailbox, announcedZone: mailbox.zoneName || member.announcedZone };
    });
    if (!moved || own.zone !== "mailbox" || !(own.summary.enabled || own.reminders)) return;
    const audience = await core.audience(userId);
    if (!audience) return;
    const text = mailboxWords.in(audience.language)("moved", { zone: audience.reader.zone });
    await bot.direct(userId, { text });
  }

  return {
    read,
    refresh,
    refreshOld(userId, { mailbox }) {
      const now = clock.now();
      if (now - (mailbox?.readAt ?? 0) < DAY_MS) return;
      if (now - (triedAt.get(userId) ?? Number.NEGATIVE_INFINITY) < RETRY_MS) return;
      triedAt.set(userId, now);
      void turns
        .take(() => refresh(userId))
        .catch((error: unknown) =>
          log.info("The settings of a mailbox could not be read", { user_id: userId, code: codeOf(error) }),
        );
    },
  };
}
