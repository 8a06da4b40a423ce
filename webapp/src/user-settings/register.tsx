/** Registers the plugin's section in Mattermost's user settings. */

import * as React from "react";
import type { OwnSection } from "../host/feature.ts";
import { type ChoiceProps, Reasons, WhileOnline } from "./choices.tsx";
import { QuietHours } from "./quiet-hours.tsx";
import { type AdminDefaults, type UserSettings, userSettings } from "./settings.ts";
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

/**
 * "As my admin decided" also names the admin's decision. The server is asked once, and the section is registered
 * again with its answer. Until then, and when the server does not answer, the text names no decision.
 */
export function registerUserSettings(
  registry: UserSettingsRegistry,
  store: Store,
): { showAccount(next: OwnSection | null): void; showOthers(next: readonly OwnSection[]): void } {
  let account: OwnSection | null = null;
  let others: readonly OwnSection[] = [];
  let known: AdminDefaults | null = null;
  const users = store.getState().entities?.users;
  const words = wordsFor(users?.profiles?.[users.currentUserId ?? ""]?.locale ?? navigator.language);
  const register = (admin: AdminDefaults | null) => {
    known = admin;
    type Host = Pick<ChoiceProps, "informChange">;
    const parts = {
      reasons: (props: Host) => <Reasons words={words} {...props} />,
      whileOnline: (props: Host) => <WhileOnline words={words} admin={admin} {...props} />,
      quietHours: (props: Host) => <QuietHours words={words} {...props} />,
    };
    registry.registerUserSettings?.(userSettings(words, parts, admin, { account, others }));
  };
  register(null);
  const shown = {
    showAccount(next: OwnSection | null) {
      account = next;
      register(known);
    },
    showOthers(next: readonly OwnSection[]) {
      others = next;
      register(known);
    },
  };
  if (!registry.registerUserSettings) return shown;
  const base = (window as { basename?: string }).basename ?? "";
  fetch(`${base}/plugins/mission-collaboration/api/v1/notifications/defaults`, {
    headers: { "X-Requested-With": "XMLHttpRequest" },
  })
    .then(async (response) => {
      if (response.ok) register((await response.json()) as AdminDefaults);
    })
    .catch(() => {
      // The section exists already, with less information.
    });
  return shown;
}
