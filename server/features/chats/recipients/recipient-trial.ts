/** Tells an admin's test whether a member would get a message of a 1:1 chat now. */

import { choicesOf } from "../members/choices.ts";
import type { DeliveryPorts } from "../work.ts";
import { type Discarded, recipientFacts, refusedAtOnce, refusedByPresence } from "./gate.ts";
import type { PresenceState } from "./presence-states.ts";

export interface RecipientTrial {
  /**
   * Returns `not_connected`, or the refusal that follows from the member's own choices; null: nothing prevents it.
   */
  choices(userId: string): Promise<"not_connected" | Discarded | null>;
  /** For somebody who is connected; `refused` when Teams itself notifies them. */
  presence(userId: string): Promise<{ readonly state: PresenceState; readonly refused: Discarded | null }>;
}

type Ports = Pick<DeliveryPorts, "api" | "clock" | "config" | "people" | "persons" | "presence">;

/** A chat that nobody has muted. */
const chat = { id: "", kind: "direct" } as const;

export function recipientTrial({ api, clock, config, people, persons, presence }: Ports): RecipientTrial {
  return {
    async choices(userId) {
      if ((await people.objectIdOf(userId)) === null) return "not_connected";
      const [accounts, person] = await Promise.all([people.accounts([userId]), persons.read(userId)]);
      const who = { account: accounts.get(userId), person, config: config.current, now: clock.now() };
      return refusedAtOnce(recipientFacts(who, { chat, fromApp: false }));
    },
    async presence(userId) {
      const objectId = (await people.objectIdOf(userId)) ?? "";
      const [states, { chosen }, [status]] = await Promise.all([
        presence.states([objectId]),
        persons.read(userId),
        api.getUserStatusesByIds([userId]),
      ]);
      const state = states.get(objectId) ?? "PresenceUnknown";
      const refused = refusedByPresence(choicesOf(chosen), state, status?.Status === "online");
      return { state, refused };
    },
  };
}
