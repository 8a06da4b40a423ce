/** Shared state and services of the calendar's parts; light, and created without reading anything. */

import type { Press, PressReply } from "../../platform/bot/cards.ts";
import { type Language, languageOf } from "../../platform/i18n/index.ts";
import { calendarSettings } from "../../platform/settings/sections/calendar.ts";
import type { User } from "../../runtime/mattermost/index.ts";
import { CalendarStatistics } from "./admin/statistics.ts";
import { type CalendarView, createView } from "./outlook/view.ts";
import type { CalendarServices } from "./ports.ts";
import { type Member, Members, newMember, zoneOfMember } from "./preferences/members.ts";
import type { Answer } from "./rules/answer.ts";
import type { Reader } from "./rules/when.ts";

/** A person's account, language and time zone, for the texts that they read. */
export interface Audience {
  readonly userId: string;
  readonly user: User;
  readonly member: Member;
  readonly language: Language;
  readonly reader: Reader;
}

/** Answers an invitation from a button of another card. */
export type AnswerEvent = (press: Press, eventId: string, answer: Answer) => Promise<PressReply>;

export interface CalendarCore {
  readonly services: CalendarServices;
  readonly members: Members;
  readonly view: CalendarView;
  readonly statistics: CalendarStatistics;
  isOn(): boolean;
  /** Returns null for an account that is gone or deactivated. */
  audience(userId: string): Promise<Audience | null>;
  /** Set by the part that answers invitations; without it, such buttons are not shown. */
  answer: AnswerEvent | null;
  /** Called after calendars were read; set by the part that checks the admin's consent in the app's own token. */
  wasRead: () => void;
  /** Set by the part that drives the day; called when events of this person may have changed. */
  changed: (userId: string) => void;
}

export function createCore(services: CalendarServices): CalendarCore {
  const members = new Members(services);
  return {
    services,
    members,
    view: createView(services),
    statistics: new CalendarStatistics(services),
    isOn: () => services.config.current.section(calendarSettings).calendar_enabled,
    async audience(userId) {
      const [user, member] = await Promise.all([
        services.api.getUser(userId).catch(() => null),
        members.get(userId),
      ]);
      return user && user.DeleteAt === 0 ? audienceOf(user, member ?? newMember) : null;
    },
    answer: null,
    wasRead: () => {},
    changed: () => {},
  };
}

export function audienceOf(user: User, member: Member): Audience {
  const hour12 = member.mailbox?.hour12 ?? undefined;
  const zone = zoneOfMember(member, user);
  const locale = user.Locale === "" ? "en" : user.Locale;
  return {
    ...{ userId: user.Id, user, member, language: languageOf(user.Locale) },
    reader: { zone, locale, ...(hour12 === undefined ? {} : { hour12 }) },
  };
}
