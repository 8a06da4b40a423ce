/** The card "Mattermost in Teams" on the Overview page: the tab, linked accounts, and activities. */

import { tablesFrom } from "../../platform/i18n/tables.ts";
import type { System, Trouble } from "../../platform/system.ts";
import type { NotificationsState } from "./state.ts";
import de from "./system-words/de.json" with { type: "text" };
import en from "./system-words/en.json" with { type: "text" };
import es from "./system-words/es.json" with { type: "text" };
import fr from "./system-words/fr.json" with { type: "text" };
import ja from "./system-words/ja.json" with { type: "text" };

const words = tablesFrom({ en, de, es, fr, ja });

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0);

export function tabSystem(state: () => NotificationsState): System {
  return {
    ...{ id: "tab", words, page: "notifications" },
    standsOn: [
      ...["site_url", "site_reachable", "frame_ancestors", "frame_headers", "cookies"],
      ...["cloud", "registration", "consent", "second_factor", "departures", "catalog"],
    ],
    look() {
      const { enabled, linkedMembers, totals, trouble, waitingPosts } = state();
      const figures = [{ code: "linked", count: linkedMembers }];
      if (!enabled) return { isOn: true, figures };
      return {
        isOn: true,
        figures: [
          ...figures,
          { code: "accepted", count: sum(totals.accepted) },
          { code: "waiting", count: waitingPosts },
        ],
        failing: [{ code: "refused", count: sum(totals.refused), place: { page: "notifications" } }],
        trouble: trouble ? [failing(trouble)] : [],
      };
    },
  };
}

/** The failure's own text is in English and on the Notifications page; here the link to that page matters. */
const failing = ({ at, code }: { readonly at: number; readonly code: string }): Trouble => ({
  ...{ state: "problem", seen: { code: "activities_fail", values: { code } } },
  ...{ cure: "activities_fail", place: { page: "notifications" }, at },
});
