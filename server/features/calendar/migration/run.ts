/**
 * Imports the records of the earlier Go plugin.
 *
 *   POST /api/v1/admin/calendar/import?dry=true|false     multipart `file`: one {"key", "value"} per line
 *
 * A dry run reads everything and writes nothing. Running it twice is the same as once: a person who is already
 * connected here keeps what they have.
 */

import type { Connections } from "../../../people/connections/index.ts";
import type { CalendarCore } from "../core.ts";
import type { DayStore } from "../day/day-store.ts";
import { codeOf } from "../day/one-person.ts";
import type { ChannelLinks } from "../linked-events/channels.ts";
import { linkOfEvent } from "../linked-events/channels.ts";
import { eventByUid, ownMailbox } from "../outlook/events.ts";
import { type EarlierRecords, readEarlierRecords } from "../rules/earlier-records.ts";
import type { MigratedPerson } from "../rules/migrate.ts";
import { type CalendarSettings, settingsAfterConnecting } from "../rules/settings.ts";
import { changedSettings } from "../rules/settings-change.ts";

export interface MigrationPorts {
  readonly core: CalendarCore;
  readonly store: DayStore;
  readonly connections: Pick<Connections, "credential" | "fromEarlier" | "isConnected">;
  readonly links: () => Promise<Pick<ChannelLinks, "add">>;
}

export interface MigrationProblem {
  readonly code: string;
  /** Line number from 1; 0 when the problem is not in a line. */
  readonly line: number;
  readonly userId?: string;
}

export interface MigrationReport {
  readonly dry: boolean;
  readonly people: number;
  /** Connected here now, with the earlier plugin's token or from before. In a dry run: with a token to try. */
  readonly connected: number;
  /** Their settings are kept, but they must connect again. */
  readonly reconnect: number;
  readonly links: number;
  readonly subscriptions: number;
  readonly problems: readonly MigrationProblem[];
}

export async function migrate(
  ports: MigrationPorts,
  text: string,
  { dry, requestId }: { readonly dry: boolean; readonly requestId: string },
): Promise<MigrationReport> {
  const records = readEarlierRecords(text.split("\n"));
  const problems: MigrationProblem[] = records.problems.map(({ code, line, mattermostUserId }) => ({
    ...{ code, line },
    ...(mattermostUserId === undefined ? {} : { userId: mattermostUserId }),
  }));
  const problem = (code: string, userId: string) => problems.push({ code, line: 0, userId });
  const counts = { people: 0, connected: 0, reconnect: 0, links: 0, subscriptions: 0 };
  for (const { person, tokens } of records.people) {
    const userId = person.mattermostUserId;
    const user = await ports.core.services.api.getUser(userId).catch(() => null);
    if (user?.DeleteAt !== 0) {
      problem(user ? "account_deactivated" : "account_unknown", userId);
      continue;
    }
    counts.people += 1;
    counts.links += person.links.length;
    if (dry) {
      counts[tokens ? "connected" : "reconnect"] += 1;
      continue;
    }
    const was = await ports.connections.isConnected(userId);
    const known = await ports.core.members.get(userId);
    if (!known) await keepSettings(ports, person);
    const refreshToken = tokens?.refreshToken;
    const outcome = was
      ? "connected"
      : refreshToken
        ? await ports.connections.fromEarlier(userId, { objectId: person.graphId, refreshToken }, requestId)
        : "no_token";
    if (outcome !== "connected") {
      counts.reconnect += 1;
      problem(`not_connected_${outcome}`, userId);
      continue;
    }
    counts.connected += 1;
    await keepLinks(ports, person, records, problem);
  }
  counts.subscriptions = dry ? records.subscriptions.length : await endSubscriptions(ports, records);
  if (dry) counts.links = records.links.reduce((sum, { channelIds }) => sum + channelIds.length, 0);
  return { dry, ...counts, problems };
}

async function keepSettings({ core, store }: MigrationPorts, person: MigratedPerson): Promise<void> {
  const userId = person.mattermostUserId;
  if (person.ownsStatus && person.status !== "off") {
    const status = person.status;
    const restoreTo = person.restoreTo ?? "online";
    const prev = { status: restoreTo, manual: restoreTo !== "online" };
    // The earlier plugin changed it for a meeting without an end time, so we restore it now.
    await store.update(userId, (record) => ({
      ...record,
      memory: { ...record.memory, status: { status, until: core.services.clock.now(), prev } },
    }));
  }
  await core.members.update(userId, (member) => ({ ...member, settings: settingsOf(person) }));
}

function settingsOf({
  confirm,
  customStatus,
  eventNotifications,
  reminders,
  status,
  summary,
}: MigratedPerson): CalendarSettings {
  const wanted = {
    ...{ status, confirm, customStatus, reminders: reminders !== null, notifications: eventNotifications },
    ...(reminders ? { leadMinutes: reminders.leadMinutes } : {}),
    ...(summary
      ? {
          summary: { enabled: summary.enabled, postTime: summary.postTime, weekdays: [...summary.weekdays] },
        }
      : {}),
  };
  const verdict = changedSettings(settingsAfterConnecting, wanted);
  return verdict.ok ? verdict.settings : settingsAfterConnecting;
}

/** The earlier plugin identified events by iCalUId; here a link refers to the event in its owner's mailbox. */
async function keepLinks(
  { connections, core, links }: MigrationPorts,
  person: MigratedPerson,
  records: EarlierRecords,
  problem: (code: string, userId: string) => void,
): Promise<void> {
  if (person.links.length === 0) return;
  const userId = person.mattermostUserId;
  const { clock, graph } = core.services;
  const mailbox = ownMailbox(connections.credential(userId));
  const kept = await links();
  for (const { channelId, iCalUId } of person.links) {
    try {
      const event = await eventByUid(graph, mailbox, iCalUId);
      if (!event) {
        problem("linked_event_gone", userId);
        continue;
      }
      const all = records.links.find((one) => one.iCalUId === iCalUId)?.channelIds ?? [channelId];
      for (const id of new Set([channelId, ...all]))
        if ((await kept.add(userId, linkOfEvent(event, id, clock.now()))) === "full")
          problem("linked_events_full", userId);
    } catch (error) {
      core.services.log.info("A link to a channel could not be taken over", { code: codeOf(error) });
      problem("linked_event_unreadable", userId);
    }
  }
}

/**
 * Deletes the earlier plugin's subscriptions, whose address nobody answers any more. Those of another registration
 * expire by themselves.
 */
async function endSubscriptions(
  { connections, core }: MigrationPorts,
  records: EarlierRecords,
): Promise<number> {
  let ended = 0;
  for (const { id, mattermostUserId } of records.subscriptions) {
    if (!(await connections.isConnected(mattermostUserId))) continue;
    try {
      await core.services.graph.request({
        method: "DELETE",
        path: `/subscriptions/${encodeURIComponent(id)}`,
        credential: connections.credential(mattermostUserId),
      });
      ended += 1;
    } catch {
      // It is gone, or belongs to another registration.
    }
  }
  return ended;
}
