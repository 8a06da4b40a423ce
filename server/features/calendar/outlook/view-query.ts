import { isoOf, type Period } from "../rules/days.ts";
import { widened } from "../rules/view.ts";
import { EVENT_FIELDS } from "./fields.ts";

/** The query of a calendar view: a period wider than wanted, sorted by start, a hundred events per page. */
export function viewQuery(period: Period): string {
  const { from, to } = widened(period);
  const when = `startDateTime=${isoOf(from)}&endDateTime=${isoOf(to)}`;
  return `${when}&$select=${EVENT_FIELDS}&$orderby=start/dateTime&$top=100`;
}
