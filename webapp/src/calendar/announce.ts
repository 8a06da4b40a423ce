/** Describes changes for the live region: one in a sentence, several as a number. */

import type { Changes } from "./changes.ts";
import { type Writing, whenText } from "./dates.ts";
import type { CalendarSay } from "./room.ts";
import { subjectOf } from "./sidebar/look.ts";

const MOST_SENTENCES = 3;

export function announcement(
  { added, changed, removed }: Changes,
  writing: Writing,
  say: CalendarSay,
): string {
  const count = added.length + changed.length + removed.length;
  if (count > MOST_SENTENCES) return say.count("news.several", count);
  const when = (event: Parameters<typeof whenText>[0]) => whenText(event, writing, say("event.allDay"));
  return [
    ...added.map((one) => say("news.added", { subject: subjectOf(one, say), when: when(one) })),
    ...changed.map((one) =>
      one.cancelled
        ? say("news.cancelled", { subject: subjectOf(one, say) })
        : say("news.moved", { subject: subjectOf(one, say), when: when(one) }),
    ),
    ...removed.map((one) => say("news.removed", { subject: subjectOf(one, say) })),
  ].join(" ");
}
