/**
 * The plugin's section in Mattermost's own user settings. The web app draws the radio buttons and stores every
 * value as a preference in the category `pp_mission-collaboration`; server/platform/preferences/own-settings.ts reads
 * the same rows.
 */

import type { Word, Words } from "./words.ts";

export const reasons = [
  "mention",
  "direct_message",
  "group_message",
  "thread_reply",
  "channel_mention",
  "keyword",
] as const satisfies readonly Word[];

export interface UserSettings {
  readonly id: string;
  readonly uiName: string;
  readonly sections: readonly Section[];
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

/** `quietHours` draws the one setting that is no radio button. */
export function userSettings(words: Words, quietHours: unknown): UserSettings {
  return {
    id: "mission-collaboration",
    uiName: "Microsoft 365",
    sections: [
      {
        title: words("section.notify"),
        settings: [
          {
            name: "notifications",
            type: "radio",
            helpText: words("notify.help"),
            default: "default",
            options: [
              { value: "default", text: words("notify.default") },
              { value: "on", text: words("notify.on") },
              { value: "off", text: words("notify.off") },
            ],
          },
        ],
      },
      {
        title: words("section.reasons"),
        settings: reasons.map((reason) => ({
          name: `notifications_${reason}`,
          type: "radio",
          title: words(reason),
          default: "on",
          options: [
            { value: "on", text: words("on") },
            { value: "off", text: words("off") },
          ],
        })),
      },
      {
        title: words("section.when"),
        settings: [
          {
            name: "notifications_only_away",
            type: "radio",
            title: words("away.title"),
            default: "default",
            options: [
              { value: "default", text: words("away.default") },
              { value: "off", text: words("away.off") },
              { value: "on", text: words("away.on") },
            ],
          },
          {
            name: "notifications_quiet",
            type: "custom",
            title: words("quiet.title"),
            helpText: words("quiet.help"),
            component: quietHours,
          },
        ],
      },
    ],
  };
}
