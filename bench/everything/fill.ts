/** Creates the state of a server that has run for weeks, with the product's own stores. */

import { randomUUID } from "node:crypto";
import { everything } from "../../e2e/sandbox/consent.ts";
import { Members, newMember } from "../../server/features/calendar/preferences/members.ts";
import { settingsAfterConnecting } from "../../server/features/calendar/rules/settings.ts";
import { SubscribedSince } from "../../server/features/calendar/subscribed-since.ts";
import { ChannelLinks } from "../../server/features/channels/links/link-store.ts";
import {
  clientState,
  newRegistrationId,
} from "../../server/microsoft/subscriptions/incoming/client-state.ts";
import {
  newState,
  type Registration,
  Registrations,
} from "../../server/microsoft/subscriptions/lifecycle/registrations.ts";
import { type Connection, ownerOf } from "../../server/people/connections/connection.ts";
import { ConnectionStore } from "../../server/people/connections/connection-store.ts";
import { LinkStore } from "../../server/people/link-store.ts";
import { readKey, seal } from "../../server/platform/store/sealed.ts";
import { ADMIN, PLUGIN, type Stage } from "./stage.ts";

/** Replaces the server's store; its content moves there when it is complete. */
class Store {
  readonly all = new Map<string, Uint8Array>();

  get = async (key: string): Promise<Uint8Array | null> => this.all.get(key) ?? null;
  set = async (key: string, value: Uint8Array): Promise<void> => void this.all.set(key, value);
  delete = async (key: string): Promise<void> => void this.all.delete(key);
  compareAndSet = async (
    key: string,
    before: Uint8Array | null,
    next: Uint8Array | null,
  ): Promise<boolean> => {
    const now = this.all.get(key) ?? null;
    if ((now === null) !== (before === null) || (now && before && Buffer.compare(now, before) !== 0))
      return false;
    if (next) this.all.set(key, next);
    else this.all.delete(key);
    return true;
  };
}

const quiet = { warn: () => {}, info: () => {}, error: () => {}, debug: () => {} };
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const LIFETIME_MS = 4_200 * 60_000;
const AT_ONCE = 500;

export interface Plan {
  /** When everybody's meeting begins; milliseconds since 1970. */
  readonly meetingAt: number;
  readonly inMeeting: number;
  /** `HH:MM` in UTC, and how many people get a summary then. */
  readonly summaryAt: string;
  readonly summaries: number;
  /** Subscriptions due for renewal at the start, besides those that become due over time. */
  readonly renewals: number;
}

/**
 * Asks for the plan last: on a busy machine the rest takes minutes, and the plan's moments are soon.
 */
export async function fill(stage: Stage, planned: () => Plan): Promise<number> {
  const store = new Store();
  const now = Date.now();
  await connections(stage, store, now);
  await links(stage, store, now);
  const plan = planned();
  await calendars(stage, store, now, plan);
  await subscriptions(stage, store, now, plan);
  const entries = [...store.all];
  for (let from = 0; from < entries.length; from += AT_ONCE)
    await stage.host.do("set-kv", {
      world: Object.fromEntries(
        entries.slice(from, from + AT_ONCE).map(([key, value]) => [key, new TextDecoder().decode(value)]),
      ),
    });
  return entries.length;
}

async function connections(stage: Stage, kv: Store, now: number): Promise<void> {
  const { app, bot, entra, members, tenant } = stage;
  const current = readKey(stage.encryptionKey);
  if (!current) throw new Error("no key");
  const store = new ConnectionStore(kv);
  const people = new LinkStore({ kv, revoke: async () => {}, clock: () => now });
  const scopes = [...everything.scopes, "openid", "profile", "email", "offline_access"];
  const connect = async (userId: string, objectId: string, account: string) => {
    const refresh = entra.delegated.issueRefresh(app.appId, objectId, scopes);
    const since = now - 30 * DAY_MS;
    const connection: Connection = {
      ...{ v: 1, id: randomUUID().repeat(2), tenantId: tenant.id, objectId, account, since, scopes },
      ...{ sealed: seal(refresh, ownerOf(userId), { current, previous: null }), takenAt: now - DAY_MS },
      madeLink: userId !== "bot",
    };
    await store.replace(userId, connection);
    return { objectId, account, since };
  };
  await connect("bot", bot.objectId, bot.userPrincipalName);
  for (let from = 0; from < members.length; from += AT_ONCE)
    await Promise.all(
      members.slice(from, from + AT_ONCE).map(async ({ person, userId }) => {
        const { objectId, userPrincipalName } = person;
        await people.claim({ tenantId: tenant.id, objectId }, userId, "connected");
        const entry = await connect(userId, objectId, userPrincipalName);
        await store.entries.set(userId, { ...entry, madeLink: true });
        await store.once.set(userId, entry.since);
      }),
    );
}

async function links({ pairs, tenant }: Stage, kv: Store, now: number): Promise<void> {
  const cluster = { publish: async () => {}, on: () => () => {} };
  const all = new ChannelLinks({ kv, cluster: cluster as never, log: quiet, now: () => now });
  // Otherwise each creation reads all links again, like a node does.
  all.reload = async () => {};
  await Promise.all(
    pairs.map(({ channelId, there }, index) =>
      all.create({
        ...{ v: 1, id: `link${index}`.padEnd(26, "x"), channelId, teamId: there.teamId },
        ...{ teamsChannelId: there.id, membershipType: "standard", teamName: `Team ${index}` },
        ...{ teamsChannelName: "General", tenantId: tenant.id, createdBy: ADMIN, createdAt: now - DAY_MS },
        ...{ paused: null, pausedAt: null, isPrivate: false, copySince: null },
      }),
    ),
  );
}

/**
 * All members have statuses, reminders and cards switched on; some have a meeting at the same moment.
 */
async function calendars(stage: Stage, kv: Store, now: number, plan: Plan): Promise<void> {
  const cluster = { publish: async () => {}, on: () => () => {} };
  const all = new Members({ kv, cluster, log: quiet } as never);
  const since = new SubscribedSince({ kv, now: () => now - DAY_MS, has: async () => true });
  const owners = stage.members.slice(0, stage.sizes.calendars);
  await Promise.all(
    owners.map(async ({ person, userId }, index) => {
      const mailbox = stage.graph.calendars;
      const midnight = now - (now % DAY_MS) + DAY_MS;
      // Three meetings on the next day, at different times.
      for (const hour of [9, 11, 14])
        mailbox.add(person.objectId, midnight + hour * HOUR_MS, midnight + (hour + 0.5) * HOUR_MS, {
          subject: "Talk",
        });
      if (index < plan.inMeeting)
        mailbox.add(person.objectId, plan.meetingAt, plan.meetingAt + HOUR_MS, {
          subject: "All hands",
          attendees: [
            { type: "required", emailAddress: { name: "Ana", address: "ana@example.com" }, status: {} },
          ],
        });
      const enabled = index < plan.summaries;
      await all.update(userId, () => ({
        ...newMember,
        settings: {
          ...settingsAfterConnecting,
          ...{
            status: "dnd",
            reminders: true,
            leadMinutes: 1,
            notifications: true,
            needAttendee: false,
            zone: "UTC",
          },
          summary: { enabled, postTime: plan.summaryAt, weekdays: [1, 2, 3, 4, 5, 6, 7] },
        },
        mailbox: { zoneName: "UTC", hour12: false, locale: "en-US", hours: null, readAt: now },
        announcedZone: "UTC",
      }));
      await since.of(userId);
    }),
  );
}

/**
 * Subscriptions of the calendars, as if created over the last day and a half, since each is renewed at half its life.
 * Those of links and chats include contents, for which the plugin creates its own certificate.
 */
async function subscriptions(stage: Stage, kv: Store, now: number, plan: Plan): Promise<void> {
  const { app, graph, members, sizes, tenant } = stage;
  const secret = new TextEncoder().encode("s".repeat(32));
  await kv.set("subscriptions/secret", secret);
  const all = new Registrations(kv as never, () => now);
  const url = `${stage.site.url}/plugins/${PLUGIN}/api/v1/graph`;
  const wishes: { wish: string; resource: string }[] = members
    .slice(0, sizes.calendars)
    .map(({ person, userId }) => ({
      wish: `calendar/${userId}`,
      resource: `/users/${person.objectId}/events`,
    }));
  await Promise.all(
    wishes.map(async ({ wish, resource }, index) => {
      const half = LIFETIME_MS / 2;
      const age = index < plan.renewals ? half : Math.random() * half;
      const [madeAt, expiresAt] = [now - age, now - age + LIFETIME_MS];
      const registration: Registration = {
        ...{ id: newRegistrationId(), wish, resource, changeTypes: "created,updated,deleted" },
        ...{
          notificationUrl: `${url}/changes`,
          tenantId: tenant.id,
          clientId: app.appId,
          certificateId: null,
        },
        ...{
          subscriptionId: randomUUID(),
          madeAt,
          renewedAt: madeAt,
          renewAt: madeAt + half,
          expiresAt,
          asked: null,
        },
      };
      await all.set(registration);
      await all.changeState(wish, () => ({
        ...newState,
        seenUntil: now - 60_000,
        fillAt: now + Math.random() * 4 * HOUR_MS,
        lastFilledAt: now - HOUR_MS,
      }));
      graph.subscriptions.all.set(registration.subscriptionId ?? "", {
        ...{ id: registration.subscriptionId ?? "", applicationId: app.appId, creatorId: null, expiresAt },
        ...{ changeType: registration.changeTypes, notificationUrl: registration.notificationUrl, resource },
        lifecycleNotificationUrl: `${url}/lifecycle`,
        clientState: clientState(registration.id, secret),
        certificate: null,
      });
    }),
  );
}
