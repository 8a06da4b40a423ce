/** The line of `/teams status` about the calendar: the choices that the person has switched on. */

import { type Language, words } from "../../platform/i18n/index.ts";
import type { CalendarCore } from "./core.ts";
import { newMember } from "./preferences/members.ts";

export const calendarStatusWords = words({
  en: {
    nothing: "Calendar: nothing is switched on. `/mscalendar settings` shows what there is.",
    some: "Calendar: {parts}. `/mscalendar settings` changes it.",
    status: "status in meetings",
    customStatus: "custom status",
    reminders: "reminders {minutes} min before",
    remindersOutlook: "reminders as in Outlook",
    summary: "summary at {time}",
    notifications: "invitations and changes",
  },
  de: {
    nothing: "Kalender: Nichts ist eingeschaltet. `/mscalendar settings` zeigt, was es gibt.",
    some: "Kalender: {parts}. `/mscalendar settings` ändert es.",
    status: "Status in Besprechungen",
    customStatus: "eigener Status",
    reminders: "Erinnerungen {minutes} Min. vorher",
    remindersOutlook: "Erinnerungen wie in Outlook",
    summary: "Tagesübersicht um {time}",
    notifications: "Einladungen und Änderungen",
  },
  es: {
    nothing: "Calendario: no hay nada activado. `/mscalendar settings` muestra lo que hay.",
    some: "Calendario: {parts}. `/mscalendar settings` lo cambia.",
    status: "estado en reuniones",
    customStatus: "estado personalizado",
    reminders: "recordatorios {minutes} min antes",
    remindersOutlook: "recordatorios como en Outlook",
    summary: "resumen a las {time}",
    notifications: "invitaciones y cambios",
  },
  fr: {
    nothing: "Calendrier : rien n’est activé. `/mscalendar settings` montre ce qui est possible.",
    some: "Calendrier : {parts}. `/mscalendar settings` permet de le changer.",
    status: "statut en réunion",
    customStatus: "statut personnalisé",
    reminders: "rappels {minutes} min avant",
    remindersOutlook: "rappels comme dans Outlook",
    summary: "résumé à {time}",
    notifications: "invitations et changements",
  },
  ja: {
    nothing: "予定表: オンになっているものはありません。`/mscalendar settings` で確認できます。",
    some: "予定表: {parts}。`/mscalendar settings` で変更できます。",
    status: "会議中のステータス",
    customStatus: "カスタムステータス",
    reminders: "{minutes} 分前のリマインダー",
    remindersOutlook: "Outlook と同じリマインダー",
    summary: "{time} の概要",
    notifications: "招待と変更",
  },
  ar: {
    nothing: "التقويم: لا شيء مفعّل. يعرض الأمر \u200e`/mscalendar settings` ما هو متاح.",
    some: "التقويم: {parts}. يغيّره الأمر \u200e`/mscalendar settings`.",
    status: "الحالة أثناء الاجتماعات",
    customStatus: "حالة مخصصة",
    reminders: "تذكيرات قبل البدء بـ {minutes} د",
    remindersOutlook: "تذكيرات كما في Outlook",
    summary: "ملخص في الساعة {time}",
    notifications: "الدعوات والتغييرات",
  },
});

export async function memberStatus(
  { members }: Pick<CalendarCore, "members">,
  userId: string,
  language: Language,
): Promise<readonly string[]> {
  const { settings } = (await members.get(userId)) ?? newMember;
  const say = calendarStatusWords.in(language);
  const parts = [
    ...(settings.status === "off" ? [] : [say("status")]),
    ...(settings.customStatus ? [say("customStatus")] : []),
    ...(settings.reminders ? [lead(settings.leadMinutes, say)] : []),
    ...(settings.summary.enabled ? [say("summary", { time: settings.summary.postTime })] : []),
    ...(settings.notifications ? [say("notifications")] : []),
  ];
  if (parts.length === 0) return [say("nothing")];
  return [say("some", { parts: new Intl.ListFormat(language, { type: "unit" }).format(parts) })];
}

function lead(minutes: number | "outlook", say: ReturnType<typeof calendarStatusWords.in>): string {
  return minutes === "outlook" ? say("remindersOutlook") : say("reminders", { minutes });
}
