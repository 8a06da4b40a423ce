import { isoOf, type Period } from "../rules/days.ts";
import { widened } from "../rules/view.ts";
import { EVENT_FIELDS } from "./fields.ts";

/** What a calendar view is asked for: wider than wanted, in order, a hundred at a time. */
export function viewQuery(period: Period): string {
  const { from, to } = widened(period);
  const when = `startDateTime=${isoOf(from)}&endDateTime=${isoOf(to)}`;
  return `${when}&$select=${EVENT_FIELDS}&$orderby=start/dateTime&$top=100`;
}
