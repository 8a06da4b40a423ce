/** What a mailbox says about its owner's zone, clock and language (docs/facts/microsoft-calendar.md 8). */

import { z } from "zod";
import { lazy } from "../../../runtime/lazy.ts";
import type { MailboxFacts } from "../preferences/members.ts";
import type { CalendarView } from "./view.ts";

const settings = lazy(() => {
  const text = z.string().catch("");
  return z.object({
    timeZone: text,
    timeFormat: text,
    language: z.object({ locale: text }).nullish().catch(null),
  });
});

/** Throws what Graph throws. */
export async function readMailbox(view: CalendarView, userId: string, now: number): Promise<MailboxFacts> {
  const { language, timeFormat, timeZone } = await view.ask(userId, "settings", (base) => ({
    path: `${base}/mailboxSettings`,
    answer: settings(),
  }));
  return {
    zoneName: timeZone,
    // .NET's pattern: `h` and `tt` mean twelve hours with AM and PM.
    hour12: timeFormat === "" ? null : /t/.test(timeFormat),
    locale: language?.locale ?? "",
    readAt: now,
  };
}
