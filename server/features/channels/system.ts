/**
 * The card of linked channels for admins. The page Linked channels has a row for each link; here they are counted.
 */

import { tablesFrom } from "../../platform/i18n/tables.ts";
import { OFF, type Place, type System, type Trouble } from "../../platform/system.ts";
import type { Engine } from "./engine.ts";
import type { ChannelLink, Pause } from "./links/link-store.ts";
import de from "./system-words/de.json" with { type: "text" };
import en from "./system-words/en.json" with { type: "text" };
import es from "./system-words/es.json" with { type: "text" };
import fr from "./system-words/fr.json" with { type: "text" };
import ja from "./system-words/ja.json" with { type: "text" };
import { LATE_MS } from "./work.ts";

const words = tablesFrom({ en, de, es, fr, ja });

const LINKS: Place = { page: "channels", part: "links" };
export interface ChannelsSystemPorts {
  readonly isOn: () => boolean;
  readonly engine: () => Promise<Pick<Engine, "room">>;
  readonly now: () => number;
}

export function channelsSystem({ engine, isOn, now }: ChannelsSystemPorts): System {
  return {
    ...{ id: "channels", words, page: "channels", setting: "channels_enabled" },
    standsOn: ["changes_reachable", "connections"],
    async look() {
      if (!isOn()) return OFF;
      const { room } = await engine();
      await room.links.reload();
      const [links, waiting] = await Promise.all([room.links.all(), room.waiting()]);
      const ways = [...waiting.values()].flatMap(({ toMattermost, toTeams }) => [toTeams, toMattermost]);
      const oldest = Math.min(...ways.map(({ oldestAt }) => oldestAt ?? Number.POSITIVE_INFINITY));
      const parked = [...waiting.values()].filter(
        ({ toMattermost, toTeams }) => toMattermost.parked + toTeams.parked > 0,
      );
      const isLate = now() - oldest > LATE_MS;
      return {
        isOn: true,
        figures: [
          { code: "links", count: links.length },
          { code: "waiting", count: ways.reduce((sum, way) => sum + way.waiting, 0) },
          { code: "waiting_since", at: Number.isFinite(oldest) ? oldest : null },
        ],
        failing: [
          { code: "paused", count: links.filter(({ paused }) => paused !== null).length, place: LINKS },
          { code: "parked", count: parked.length, place: LINKS },
        ],
        trouble: [
          ...pauses(links),
          ...(isLate
            ? [{ state: "warning", seen: { code: "late" }, cure: "late", place: LINKS, at: oldest } as const]
            : []),
        ],
      };
    },
  };
}

/** Lists each reason once. */
function pauses(links: readonly ChannelLink[]): Trouble[] {
  const counts = new Map<Pause, number>();
  for (const { paused } of links) if (paused) counts.set(paused, (counts.get(paused) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({
    state: "warning",
    ...{ seen: { code: reason, values: { count } }, cure: reason, place: LINKS },
  }));
}
