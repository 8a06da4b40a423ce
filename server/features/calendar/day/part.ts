/** The day of members as one part of the calendar: status, reminders, summary, and the buttons of their posts. */

import type { KeyFamily } from "../../../platform/store/key-families.ts";
import type { CalendarCore } from "../core.ts";
import { createMailboxes, type Mailboxes } from "../outlook/mailbox.ts";
import { MEMBERS_PREFIX } from "../preferences/members.ts";
import { giveBackAll } from "../status/give-back.ts";
import { DAY_PREFIX, DayStore } from "./day-store.ts";
import { DayDriver } from "./driver.ts";
import { DAY_CARD } from "./messages.ts";
import { codeOf } from "./one-person.ts";
import { dayPresses } from "./presses.ts";
import { createSteps } from "./steps.ts";

export const dayKeys: readonly KeyFamily[] = [
  {
    prefix: MEMBERS_PREFIX,
    holds: "calendar settings of members by account ID; zone and clock of their mailbox",
    until: "disconnected",
  },
  {
    prefix: DAY_PREFIX,
    holds:
      "what was done for a member today: the status before a meeting, reminders sent by event ID and start",
    until: "the meeting is over; disconnected",
  },
];

export interface DayPart {
  readonly driver: DayDriver;
  readonly store: DayStore;
  readonly mailboxes: Mailboxes;
  start(): void;
  stop(): Promise<void>;
  /** Removes everything of a person. */
  remove(userId: string): Promise<void>;
}

export function createDayPart(core: CalendarCore, options: { readonly leaseMs?: number } = {}): DayPart {
  const { api, cards, clock, log } = core.services;
  const store = new DayStore(core.services);
  const mailboxes = createMailboxes(core);
  const steps = createSteps({ core, store, log });
  const driver = new DayDriver({ core, store, steps, mailboxes, log, ...options });
  cards.handle(DAY_CARD, dayPresses({ core, store, remembered: (userId) => driver.remembered(userId) }));
  core.changed = (userId) => driver.changed(userId);
  return {
    ...{ driver, store, mailboxes },
    start: () => driver.start(),
    stop: () => driver.stop(),
    async remove(userId) {
      const { memory } = await store.get(userId);
      await core.members.remove(userId);
      await giveBackAll(api, userId, memory, clock.now()).catch((error: unknown) =>
        log.warn("A status could not be given back", { user_id: userId, error: codeOf(error) }),
      );
      await store.remove(userId);
    },
  };
}
