/** Registers the console's pages and fields in the System Console. */

import * as React from "react";
import plugin from "../../../plugin.json";
import { setSystemAdmin } from "./access.ts";
import { SettingField } from "./fields.tsx";
import { setDispatch } from "./host.ts";
import { type People, setOwnName } from "./own-name.ts";
import { DownloadManifest } from "./panels/package-panel.tsx";
import { Section, type SectionProps } from "./section.tsx";
import { registerSiteStatistics, type StatisticsRegistry } from "./site-statistics.ts";
import { setLocale } from "./translate.ts";

export interface Registry extends StatisticsRegistry {
  registerAdminConsoleCustomSetting(key: string, component: unknown, options?: { showTitle?: boolean }): void;
  /** Absent on servers before 9.11. */
  registerAdminConsoleCustomSection?(key: string, component: unknown): void;
}

/** The part of the web app's Redux store that we read. */
export interface Store {
  dispatch?(action: { readonly type: string; readonly data: unknown }): unknown;
  getState(): {
    entities?: People & {
      users?: { profiles?: Record<string, { roles?: string }> };
    };
  };
}

export function registerConsole(registry: Registry, store: Store): void {
  setDispatch((action) => store.dispatch?.(action));
  const people = store.getState().entities ?? {};
  const { users } = people;
  const me = users?.profiles?.[users.currentUserId ?? ""];
  setOwnName(people);
  setLocale(me?.locale ?? navigator.language);
  setSystemAdmin(me?.roles === undefined || me.roles.split(" ").includes("system_admin"));
  registerSiteStatistics(registry);
  for (const section of plugin.settings_schema.sections) {
    const page = (props: Omit<SectionProps, "page">) => <Section page={section.key} {...props} />;
    registry.registerAdminConsoleCustomSection?.(section.key, page);
    // A registered setting replaces the plain field that plugin.json describes. While the plugin is disabled, the
    // System Console shows neither, only a line that says so.
    for (const setting of section.settings) {
      registry.registerAdminConsoleCustomSetting(setting.key, components[setting.key] ?? SettingField, {
        showTitle: false,
      });
    }
  }
}

const Nothing = () => null;
/** Custom settings have no value. Pages without a setting are rendered by their sections. */
const components: Readonly<Record<string, unknown>> = {
  app_package: DownloadManifest,
  ...Object.fromEntries(
    ["overview", "chats", "channels", "calendar", "changes", "checks", "links"].map((page) => [
      `${page}_page`,
      Nothing,
    ]),
  ),
};
