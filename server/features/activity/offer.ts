/**
 * "Keep telling me?": asked once, in the tab, of who came there by a click on an activity and never chose
 * anything. The answer is a preference like those of own-settings.ts.
 */

import type { Api } from "../../runtime/mattermost/index.ts";
import { nothingChosen, PREFERENCE_CATEGORY, preferenceNames, readOwnChoices } from "./own-settings.ts";

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
      const row = (Name: string, Value: string) => ({
        UserId: userId,
        Category: PREFERENCE_CATEGORY,
        Name,
        Value,
      });
      const rows = [row(ASKED, "yes"), ...(keep ? [] : [row(preferenceNames.enabled, "off")])];
      await api.updatePreferencesForUser(userId, rows);
    },
  };
}
