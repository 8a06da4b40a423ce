/** Whether a member would get a message of a 1:1 chat now: for the test of an admin. */

import { choicesOf } from "../members/choices.ts";
import type { DeliveryPorts } from "../work.ts";
import { type Discarded, recipientFacts, refusedAtOnce, refusedByPresence } from "./gate.ts";
import type { PresenceState } from "./presence-states.ts";

export interface RecipientTrial {
  /** `not_connected`, or what the member's own choices say; null: nothing is in the way. */
  choices(userId: string): Promise<"not_connected" | Discarded | null>;
  /** Of somebody who is connected; `refused` when Teams itself shows it. */
  presence(userId: string): Promise<{ readonly state: PresenceState; readonly refused: Discarded | null }>;
}

type Ports = Pick<DeliveryPorts, "api" | "clock" | "config" | "people" | "persons" | "presence">;

/** Of a chat that nobody muted. */
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
