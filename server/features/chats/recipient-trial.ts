/** Whether a member would get a message of a 1:1 chat now: for the test of an admin. */

import { type Discarded, refusedAtOnce, refusedByPresence } from "./gate.ts";
import type { PresenceState } from "./presence-states.ts";
import { minuteOfDay } from "./recipients.ts";
import type { DeliveryPorts } from "./work.ts";

export interface RecipientTrial {
  /** `not_connected`, or what the member's own choices say; null: nothing is in the way. */
  choices(userId: string): Promise<"not_connected" | Discarded | null>;
  /** Of somebody who is connected; `refused` when Teams itself shows it. */
  presence(userId: string): Promise<{ readonly state: PresenceState; readonly refused: Discarded | null }>;
}

type Ports = Pick<DeliveryPorts, "api" | "clock" | "config" | "people" | "persons" | "presence">;

export function recipientTrial({ api, clock, config, people, persons, presence }: Ports): RecipientTrial {
  return {
    async choices(userId) {
      if ((await people.objectIdOf(userId)) === null) return "not_connected";
      const [accounts, { choices }] = await Promise.all([people.accounts([userId]), persons.read(userId)]);
      const account = accounts.get(userId);
      const now = clock.now();
      return refusedAtOnce({
        ...{ choices, now, kind: "direct", fromApp: false, mutedUntil: null },
        defaultOn: config.current.settings.chats_default_on,
        isActive: account?.isActive === true,
        minuteOfDay: minuteOfDay(now, account?.zone ?? "UTC"),
      });
    },
    async presence(userId) {
      const objectId = (await people.objectIdOf(userId)) ?? "";
      const [states, { choices }, [status]] = await Promise.all([
        presence.states([objectId]),
        persons.read(userId),
        api.getUserStatusesByIds([userId]),
      ]);
      const state = states.get(objectId) ?? "PresenceUnknown";
      return { state, refused: refusedByPresence(choices, state, status?.Status === "online") };
    },
  };
}
