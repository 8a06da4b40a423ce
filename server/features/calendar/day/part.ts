/** The day of members as a part of the calendar: status, reminders, summary, and the buttons of their posts. */

import type { Press, PressReply } from "../../../platform/bot/cards.ts";
import type { CalendarCore } from "../core.ts";
import { createMailboxes, type Mailboxes } from "../outlook/mailbox.ts";
import type { DayMemory } from "../rules/day.ts";
import { giveBackAll } from "../status/give-back.ts";
import { DayStore } from "./day-store.ts";
import { DayDriver } from "./driver.ts";
import { codeOf } from "./one-person.ts";
import { dayPresses } from "./presses.ts";
import { createSteps } from "./steps.ts";

export interface DayPart {
  readonly driver: DayDriver;
  readonly store: DayStore;
  readonly mailboxes: Mailboxes;
  /** Handles buttons of the day's posts. */
  readonly press: (press: Press) => Promise<PressReply>;
  start(): void;
  stop(): Promise<void>;
  /** The calendar was switched off: the node that drove ends our statuses now. */
  switchOff(): Promise<void>;
  /** Removes everything about a person. */
  remove(userId: string): Promise<void>;
}

export function createDayPart(core: CalendarCore, options: { readonly leaseMs?: number } = {}): DayPart {
  const { api, clock, log } = core.services;
  const store = new DayStore(core.services);
  const mailboxes = createMailboxes(core);
  const steps = createSteps({ core, store, log });
  const driver = new DayDriver({ core, store, steps, mailboxes, log, ...options });
  core.changed = (userId) => driver.changed(userId);
  const giveBack = (userId: string, memory: DayMemory) =>
    giveBackAll(api, userId, memory, clock.now()).catch((error: unknown) =>
      log.warn("A status could not be put back", { user_id: userId, error: codeOf(error) }),
    );
  return {
    ...{ driver, store, mailboxes },
    press: dayPresses({ core, store, remembered: (userId) => driver.remembered(userId) }),
    start() {
      core.statistics.start();
      driver.start();
    },
    async stop() {
      await Promise.all([driver.stop(), core.statistics.stop()]);
    },
    async switchOff() {
      const { isDriving } = driver;
      await Promise.all([driver.stop(), core.statistics.stop()]);
      if (!isDriving) return;
      for await (const [userId, { memory }] of store.all()) {
        if (!memory.status && !memory.custom) continue;
        await giveBack(userId, memory);
        await store.update(userId, (record) => ({
          memory: { ...record.memory, status: null, custom: null },
          pending: null,
        }));
      }
    },
    async remove(userId) {
      const { memory } = await store.get(userId);
      await core.members.remove(userId);
      await giveBack(userId, memory);
      await store.remove(userId);
    },
  };
}
