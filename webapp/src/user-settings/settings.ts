/**
 * The plugin's section in Mattermost's own user settings. The web app draws radio buttons and stores every value as a
 * preference in the category `pp_mission-collaboration`; names and values are those of
 * server/features/activity/members/preferences.ts.
 *
 * The web app shows a setting's title only to screen readers, and gives every section a Save button. So there is one
 * section, the texts of radio buttons name their subject, and custom components draw all other settings.
 */

import { activityPreferences } from "../../../server/features/activity/members/preferences.ts";
import type { OwnSection } from "../host/feature.ts";
import type { Word, Words } from "./words.ts";

const { enabled, onlyWhenAway, quiet } = activityPreferences.all;

/** The admin's defaults for members who have not chosen (`GET /api/v1/notifications/defaults`). */
export interface AdminDefaults {
  /** False: off for everybody, whatever they choose. */
  readonly available: boolean;
  readonly notify: boolean;
  readonly onlyWhenAway: boolean;
}

export interface UserSettings {
  readonly id: string;
  readonly uiName: string;
  readonly sections: readonly (Section | OwnSection)[];
}

interface Section {
  readonly title: string;
  readonly settings: readonly Setting[];
}

interface Radio {
  readonly name: string;
  readonly type: "radio";
  readonly title?: string;
  readonly helpText?: string;
  readonly default: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

interface Custom {
  readonly name: string;
  readonly type: "custom";
  readonly title?: string;
  readonly helpText?: string;
  readonly component: unknown;
}

type Setting = Radio | Custom;

/** Sections that render themselves, before and after our own. */
export interface OwnSections {
  /** The section of the person's Microsoft 365 account. */
  readonly account?: OwnSection | null;
  /** Sections of features that are on. */
  readonly others?: readonly OwnSection[];
}

/** Components for settings that radio buttons cannot express readably. */
export interface OwnParts {
  readonly reasons: unknown;
  readonly whileOnline: unknown;
  readonly quietHours: unknown;
}

/** `admin` is `null` until the server has answered. */
export function userSettings(
  words: Words,
  parts: OwnParts,
  admin: AdminDefaults | null,
  { account = null, others = [] }: OwnSections = {},
): UserSettings {
  const asDecided = admin ? words(admin.notify ? "notify.default.on" : "notify.default.off") : null;
  return {
    id: "mission-collaboration",
    uiName: "Microsoft 365",
    sections: [
      ...(account ? [account] : []),
      {
        title: words("notify.title"),
        settings: [
          {
            name: enabled.name,
            type: "radio",
            title: words("notify.title"),
            helpText: words(admin?.available === false ? "notify.offForAll" : "notify.help"),
            default: "default",
            options: enabled.options.map((value) => ({
              value,
              text: value === "default" && asDecided ? asDecided : words(`notify.${value}` as Word),
            })),
          },
          { name: "notifications_reasons", type: "custom", component: parts.reasons },
          { name: onlyWhenAway.name, type: "custom", component: parts.whileOnline },
          { name: quiet.name, type: "custom", component: parts.quietHours },
        ],
      },
      ...others,
    ],
  };
}
