/** The calendar's card for admins: numbers, mailboxes that cannot be read by reason, and a mailbox to try. */

import { tablesFrom } from "../../../platform/i18n/tables.ts";
import { OFF, type Place, type System, type Trouble } from "../../../platform/system.ts";
import de from "../system-words/de.json" with { type: "text" };
import en from "../system-words/en.json" with { type: "text" };
import es from "../system-words/es.json" with { type: "text" };
import fr from "../system-words/fr.json" with { type: "text" };
import ja from "../system-words/ja.json" with { type: "text" };
import type { CalendarState } from "./admin-state.ts";
import { type MailboxTrialPorts, tryMailbox } from "./mailbox-trial.ts";

const words = tablesFrom({ en, de, es, fr, ja });

const HERE: Place = { page: "calendar" };
/** Older failures are not shown. */
const RECENT_MS = 24 * 3_600_000;

export interface CalendarSystemPorts extends MailboxTrialPorts {
  readonly isOn: () => boolean;
  readonly state: () => Promise<CalendarState>;
  readonly now: () => number;
}

export function calendarSystem(ports: CalendarSystemPorts): System {
  const { isOn, now, state } = ports;
  return {
    ...{ id: "calendar", words, page: "calendar", setting: "calendar_enabled" },
    standsOn: ["connections"],
    async look() {
      if (!isOn()) return OFF;
      const { day, done, lastFailure, linkedEvents, members } = await state();
      const { sevenDays, today } = done;
      const reasons = Object.entries(day?.failing ?? {});
      const failing = reasons.reduce((sum, [, count]) => sum + count, 0);
      return {
        isOn: true,
        figures: [
          { code: "members", count: members.all },
          { code: "status", count: members.status },
          { code: "reminders", count: members.reminders },
          { code: "summary", count: members.summary },
          { code: "notifications", count: members.notifications },
          ...(day
            ? [
                { code: "read_by_app", count: day.readByApp },
                { code: "read_by_person", count: day.readByPerson },
                { code: "last_read_at", at: day.lastReadAt },
                { code: "next_boundary_at", at: day.nextBoundaryAt },
              ]
            : []),
          { code: "status_changes", count: today.statusChanges },
          { code: "status_changes_week", count: sevenDays.statusChanges },
          { code: "cards_week", count: sevenDays.cards },
          { code: "linked_events", count: linkedEvents },
        ],
        failing: [{ code: "mailboxes", count: failing, place: HERE }],
        reasons: reasons.map(([code, count]) => ({ code, count })),
        trouble: lastFailure && now() - lastFailure.at < RECENT_MS ? [lately(lastFailure)] : [],
      };
    },
    test: { about: "member", run: ({ userId }) => tryMailbox(ports, userId) },
  };
}

const lately = ({ at, code, what }: NonNullable<CalendarState["lastFailure"]>): Trouble => ({
  ...{ state: "warning", at, seen: { code: `failed_${what}`, values: { code } } },
  ...{ cure: "failed_lately", place: HERE },
});
