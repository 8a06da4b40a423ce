/** Connected accounts as a card of the Overview page. */

import { tablesFrom } from "../../platform/i18n/tables.ts";
import { OFF, type System } from "../../platform/system.ts";
import type { Connections } from "./connections.ts";
import { countConnections } from "./metrics.ts";
import de from "./system-words/de.json" with { type: "text" };
import en from "./system-words/en.json" with { type: "text" };
import es from "./system-words/es.json" with { type: "text" };
import fr from "./system-words/fr.json" with { type: "text" };
import ja from "./system-words/ja.json" with { type: "text" };

const words = tablesFrom({ en, de, es, fr, ja });

export interface ConnectionsSystemPorts {
  readonly connections: Pick<Connections, "allowed" | "countInvited" | "isOn" | "list">;
  readonly clock: () => number;
}

export function connectionsSystem({ clock, connections }: ConnectionsSystemPorts): System {
  return {
    ...{ id: "connections", words, page: "accounts" },
    standsOn: ["registration"],
    async look() {
      if (!connections.isOn()) return OFF;
      const { activeSevenDays, connected, lost, pendingInvitations } = await countConnections(
        connections,
        clock(),
      );
      return {
        isOn: true,
        figures: [
          { code: "connected", count: connected },
          { code: "active", count: activeSevenDays },
          { code: "invited", count: pendingInvitations },
        ],
        failing: [{ code: "lost", count: lost, place: { page: "accounts", part: "connected" } }],
      };
    },
  };
}
