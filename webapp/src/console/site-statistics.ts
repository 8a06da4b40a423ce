/** Cards on the System Console's Site Statistics page: how many people are connected, and how many use it. */

import { get } from "./api.ts";
import { t } from "./translate.ts";

export interface StatisticsRegistry {
  registerSiteStatisticsHandler?(handler: () => Promise<Readonly<Record<string, Statistic>>>): void;
}

/** The type `PluginAnalyticsRow` of the web app. */
interface Statistic {
  readonly id: string;
  readonly name: string;
  readonly icon: string;
  readonly value: number;
  readonly visualizationType: "count";
}

interface Counts {
  readonly connected: number;
  readonly activeSevenDays: number;
}

export function registerSiteStatistics(registry: StatisticsRegistry): void {
  registry.registerSiteStatisticsHandler?.(async () => {
    const counts = await get<Counts>("/api/v1/admin/connections/stats").catch(() => null);
    // The page waits for the handlers of all plugins, and shows nothing when one of them fails.
    if (!counts) return {};
    const { activeSevenDays, connected } = counts;
    const card = (id: string, name: string, icon: string, value: number): Record<string, Statistic> => ({
      [id]: { id, name, icon, value, visualizationType: "count" },
    });
    return {
      ...card("mission_collaboration_connected", t("statistics.connected"), "fa-link", connected),
      ...card("mission_collaboration_active", t("statistics.active"), "fa-users", activeSevenDays),
    };
  });
}
