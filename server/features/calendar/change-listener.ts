/** The calendar's wishes for change notifications. Light: the rest is loaded with the first change. */

import type { ChangeListener, SubscriptionWish } from "../../microsoft/subscriptions/index.ts";
import type { EventSeams, MailboxBy } from "./events/events-ports.ts";
import type { EventsRoom } from "./events/events-room.ts";
import { usesEvents } from "./rules/settings.ts";

const LISTENER = "calendar";

export interface ListenerPorts {
  readonly room: () => Promise<Pick<EventsRoom, "invitations" | "links" | "since">>;
  readonly seams: Pick<EventSeams, "access" | "members">;
  readonly objectIdOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly isConnected: (userId: string) => Promise<boolean>;
  readonly isOn: () => boolean;
  /** Whether the app's token has a role that reads calendars. */
  readonly appMayRead: () => Promise<boolean>;
}

export function changeListener(ports: ListenerPorts): ChangeListener {
  return {
    name: LISTENER,
    enabled: ports.isOn,
    async wishes() {
      const [appMayRead, { links, since }] = await Promise.all([ports.appMayRead(), ports.room()]);
      const wanted = new Map<string, string>();
      for await (const { userId, objectId, settings } of ports.seams.members())
        if (settings.notifications || usesEvents(settings)) wanted.set(userId, objectId);
      const owners = (await links.owners()).filter((one) => !wanted.has(one));
      for (const [userId, objectId] of await ports.objectIdOf(owners))
        if (await ports.isConnected(userId)) wanted.set(userId, objectId);
      await since.note([...wanted.keys()]);
      const wishes: SubscriptionWish[] = [];
      for (const [userId, objectId] of wanted) {
        const by = appMayRead ? await ports.seams.access.of(userId) : null;
        wishes.push(
          wishOf(userId, objectId, by?.by === "app" ? null : await ports.seams.access.asPerson(userId)),
        );
      }
      return wishes;
    },
    changed: async (change, signal) => (await ports.room()).invitations.changed(change, signal),
    fillGap: async (wish, gap, work) => (await ports.room()).invitations.fillGap(wish, gap, work),
  };
}

function wishOf(userId: string, objectId: string, person: MailboxBy | null): SubscriptionWish {
  const common = {
    key: userId,
    changeTypes: ["created", "updated", "deleted"],
    includeResourceData: false,
  } as const;
  if (person?.credential) return { ...common, resource: "/me/events", credential: person.credential };
  const resource = `/users/${objectId}/events`;
  return { ...common, resource, permissions: ["Calendars.Read", "Calendars.ReadWrite"] };
}
