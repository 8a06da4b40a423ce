/** Hangs the plugin's section into Mattermost's user settings. */

import * as React from "react";
import { QuietHours } from "./quiet-hours.tsx";
import { type UserSettings, userSettings } from "./settings.ts";
import { wordsFor } from "./words.ts";

export interface UserSettingsRegistry {
  /** Absent on servers before 9.1. */
  registerUserSettings?(settings: UserSettings): void;
}

/** The part of the web app's Redux store that we read. */
interface Store {
  getState(): {
    entities?: { users?: { currentUserId?: string; profiles?: Record<string, { locale?: string }> } };
  };
}

export function registerUserSettings(registry: UserSettingsRegistry, store: Store): void {
  const users = store.getState().entities?.users;
  const words = wordsFor(users?.profiles?.[users.currentUserId ?? ""]?.locale ?? navigator.language);
  registry.registerUserSettings?.(
    userSettings(words, (props: { informChange: (name: string, value: string) => void }) => (
      <QuietHours words={words} {...props} />
    )),
  );
}
