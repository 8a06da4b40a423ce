/** The row of the Checks page about calendars. Light: the check itself is loaded when it runs. */

import type { CheckAnswer, FeatureCheck } from "../../../platform/checks.ts";
import { tablesFrom } from "../../../platform/i18n/tables.ts";
import de from "../check-words/de.json" with { type: "text" };
import en from "../check-words/en.json" with { type: "text" };
import es from "../check-words/es.json" with { type: "text" };
import fr from "../check-words/fr.json" with { type: "text" };
import ja from "../check-words/ja.json" with { type: "text" };

export const calendarTables = tablesFrom({ en, de, es, fr, ja });

/** `look` returns `null` when the calendar is off. */
export function calendarChecks(look: () => Promise<CheckAnswer | null>): readonly FeatureCheck[] {
  return [{ id: "calendar", words: calendarTables, look }];
}
