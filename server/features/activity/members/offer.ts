/**
 * The question "Keep telling me?", shown once in the tab to members who arrive from an activity and have never chosen
 * anything. The answer is a preference like those of preferences.ts.
 */

import { PREFERENCE_CATEGORY } from "../../../platform/preferences/index.ts";
import type { Api } from "../../../runtime/mattermost/index.ts";
import { nothingChosen, readOwnChoices } from "./own-settings.ts";
import { activityPreferences } from "./preferences.ts";

const ASKED = "notifications_asked";

export interface Offer {
  /** Whether to ask this person. */
  due(userId: string): Promise<boolean>;
  answer(userId: string, keep: boolean): Promise<void>;
}

export interface OfferPorts {
  readonly api: Pick<Api, "getPreferencesForUser" | "updatePreferencesForUser">;
  readonly available: () => boolean;
  readonly linked: (userId: string) => Promise<boolean>;
}

export function createOffer({ api, available, linked }: OfferPorts): Offer {
  return {
    async due(userId) {
      if (!available() || !(await linked(userId))) return false;
      const preferences = await api.getPreferencesForUser(userId);
      const ours = preferences.filter((one) => one.Category === PREFERENCE_CATEGORY);
      return !ours.some((one) => one.Name === ASKED) && readOwnChoices(ours) === nothingChosen;
    },
    async answer(userId, keep) {
      const asked = { UserId: userId, Category: PREFERENCE_CATEGORY, Name: ASKED, Value: "yes" };
      const off = keep ? null : activityPreferences.row(userId, "enabled", "off");
      await api.updatePreferencesForUser(userId, off ? [asked, off] : [asked]);
    },
  };
}
