/** Invitations and events as a part of the calendar. Light: everything else is loaded when it is needed. */

import { rolesOf } from "../../../microsoft/entra/token-roles.ts";
import type { ChangeListener } from "../../../microsoft/subscriptions/index.ts";
import type { Subcommand } from "../../../platform/commands/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { Routes } from "../../../platform/http/index.ts";
import { onDemand } from "../../../platform/on-demand.ts";
import type { KeyFamily } from "../../../platform/store/key-families.ts";
import { changeListener } from "../change-listener.ts";
import { eventCommands } from "./event-commands.ts";
import { ANSWER_DIALOG, CHOICE_CARD, CREATE_DIALOG, EVENT_CARD } from "./event-names.ts";
import { eventsKeys } from "./events-keys.ts";
import type { EventSeams, EventServices } from "./events-ports.ts";
import type { EventsRoom } from "./events-room.ts";
import { eventsRoutes } from "./events-routes.ts";

/** Interval of the reminders of linked events in channels. */
const REMINDERS_EVERY_MS = 20_000;
const REMINDERS_LEASE_MS = 60_000;

export interface CalendarEventsPart {
  readonly routes: Routes;
  /** Subcommands of `/mscalendar`. */
  readonly commands: readonly Subcommand[];
  readonly storedKeys: readonly KeyFamily[];
  readonly listener: ChangeListener;
  readonly room: () => Promise<EventsRoom>;
  /** Starts the work of this part while the calendar is on. */
  start(): void;
  stop(): Promise<void>;
}

export interface CalendarEventsOptions {
  readonly isOn: () => boolean;
  /** Returns the app's own token. */
  readonly appToken: () => Promise<string>;
}

export function calendarEvents(
  services: EventServices,
  seams: EventSeams,
  { appToken, isOn }: CalendarEventsOptions,
): CalendarEventsPart {
  const { connections, links } = services;
  let job: { stop(): Promise<void> } | null = null;
  const { load: room } = onDemand(async () =>
    (await import("./events-room.ts")).createEventsRoom(services, seams),
  );
  connections.onDisconnect(async (userId) => (await room()).forget(userId));
  const listener = changeListener({
    ...{ isOn, room, seams },
    isConnected: (userId) => connections.isConnected(userId),
    async objectIdOf(userIds) {
      const found = await links.byMattermostUser(userIds);
      return new Map([...found].map(([userId, { objectId }]) => [userId, objectId]));
    },
    async appMayRead() {
      try {
        return rolesOf(await appToken()).some((role) => /^Calendars\.Read(Write)?$/.test(role));
      } catch {
        return false;
      }
    },
  });
  const { cards, dialogs } = services;
  cards.handle(EVENT_CARD, async (press) => (isOn() ? (await room()).buttons.press(press) : {}));
  cards.handle(CHOICE_CARD, async (press) => (isOn() ? (await room()).commands.chosen(press) : {}));
  dialogs.handle(ANSWER_DIALOG, async (submission) =>
    isOn() ? (await room()).buttons.submitted(submission) : {},
  );
  dialogs.handle(CREATE_DIALOG, async (submission) =>
    isOn() ? (await room()).form.submitted(submission) : {},
  );
  return {
    commands: eventCommands(room, isOn),
    routes: eventsRoutes({
      room,
      mustBeOn() {
        if (!isOn()) throw new ProductError("not_found");
      },
    }),
    storedKeys: eventsKeys,
    listener,
    room,
    start() {
      job ??= services.cluster.runOnOneNode(
        "calendar.links",
        { everyMs: REMINDERS_EVERY_MS, leaseMs: REMINDERS_LEASE_MS },
        async (signal) => (await room()).reminders.run(signal),
      );
    },
    async stop() {
      const ending = job;
      job = null;
      await ending?.stop();
    },
  };
}
