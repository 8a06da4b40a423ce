import { foundOrNull } from "../../../people/found-or-null.ts";
import type { Room } from "../room.ts";

/** Returns null when the team is gone. */
export type TeamNames = (teamId: string) => Promise<string | null>;

/** Names as Mattermost shows them. Each team is read once. */
export function teamNames({ ports }: Pick<Room, "ports">): TeamNames {
  const known = new Map<string, Promise<string | null>>();
  return (teamId) => {
    const name =
      known.get(teamId) ?? foundOrNull(ports.api.getTeam(teamId)).then((team) => team?.DisplayName ?? null);
    known.set(teamId, name);
    return name;
  };
}
