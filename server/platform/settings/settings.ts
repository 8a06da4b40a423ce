/** All sections together, in the order of the System Console's pages. */

import type { Problem } from "./problem.ts";
import { type Definitions, readSection, type Section, section, type ValuesOf } from "./section.ts";
import { accountsSettings } from "./sections/accounts.ts";
import { activitySettings } from "./sections/activity.ts";
import { calendarSettings } from "./sections/calendar.ts";
import { channelsSettings } from "./sections/channels.ts";
import { chatsSettings } from "./sections/chats.ts";
import { encryptionSettings } from "./sections/encryption.ts";
import { networkSettings } from "./sections/network.ts";
import { registrationSettings } from "./sections/registration.ts";
import { signInSettings } from "./sections/sign-in.ts";
import { teamsAppSettings } from "./sections/teams-app.ts";

export interface Settings
  extends ValuesOf<typeof registrationSettings>,
    ValuesOf<typeof networkSettings>,
    ValuesOf<typeof encryptionSettings>,
    ValuesOf<typeof teamsAppSettings>,
    ValuesOf<typeof signInSettings>,
    ValuesOf<typeof activitySettings>,
    ValuesOf<typeof accountsSettings>,
    ValuesOf<typeof chatsSettings>,
    ValuesOf<typeof channelsSettings>,
    ValuesOf<typeof calendarSettings> {}

export const sections: readonly Section[] = [
  registrationSettings,
  networkSettings,
  encryptionSettings,
  teamsAppSettings,
  signInSettings,
  activitySettings,
  accountsSettings,
  chatsSettings,
  channelsSettings,
  calendarSettings,
];

/** Each setting by its key. */
export const allSettings: Definitions = Object.assign({}, ...sections.map(({ settings }) => settings));
const everything = section("", allSettings);

/** `raw` is the JSON of LoadPluginConfiguration. */
export function parseSettings(raw: unknown): { settings: Settings; problems: Problem[] } {
  const { values, problems } = readSection(everything, raw);
  return { settings: values as unknown as Settings, problems };
}
