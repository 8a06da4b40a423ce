/**
 * The store of the earlier Go plugin (com.mattermost.mscalendar), exported by an admin: one JSON object
 * `{"key", "value"}` a line, `value` in base64. Keys end with the MD5 of a name, so they cannot be
 * reversed. The record itself says whom it belongs to.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { lazy } from "../../../runtime/lazy.ts";
import { type MigratedPerson, migratedPerson } from "./migrate.ts";

/** Secret: to be encrypted at once and shown nowhere. */
export interface EarlierTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiry: string;
}

export interface EarlierRecords {
  readonly people: readonly { readonly person: MigratedPerson; readonly tokens: EarlierTokens | null }[];
  /** All channels of each linked event, those of other members included. */
  readonly links: readonly { readonly iCalUId: string; readonly channelIds: readonly string[] }[];
  /** At Graph; theirs call the earlier plugin's address. */
  readonly subscriptions: readonly { readonly id: string; readonly mattermostUserId: string }[];
  readonly problems: readonly RecordProblem[];
}

export interface RecordProblem {
  readonly code:
    | "line_unreadable"
    | "record_unreadable"
    /** The index names a person of whom there is no record. */
    | "person_without_record"
    /** Kept: the index is not needed. */
    | "person_not_in_index"
    /** Two people with one mailbox: the first is kept. */
    | "mailbox_twice";
  /** From 1; 0 where no line is to blame. */
  readonly line: number;
  readonly mattermostUserId?: string;
}

const lineShape = lazy(() => z.object({ key: z.string(), value: z.base64() }));
const indexShape = lazy(() => z.array(z.object({ mm_id: z.string().min(1) })));
const tokenShape = lazy(() =>
  z.object({
    OAuth2Token: z.object({
      access_token: z.string().default(""),
      refresh_token: z.string().min(1),
      expiry: z.string().default(""),
    }),
  }),
);
const subscriptionShape = lazy(() =>
  z.object({ Remote: z.object({ id: z.string().min(1) }), MattermostCreatorID: z.string().min(1) }),
);
const linkedShape = lazy(() => z.object({ LinkedChannelIDs: z.record(z.string(), z.unknown()) }));

/** Reads everything and writes nothing, so that a dry run is the same thing without the end. */
export function readEarlierRecords(lines: Iterable<string>): EarlierRecords {
  const problems: RecordProblem[] = [];
  const people = new Map<string, EarlierRecords["people"][number]>();
  const byMailbox = new Map<string, string>();
  const subscriptions: EarlierRecords["subscriptions"][number][] = [];
  const eventRecords = new Map<string, unknown>();
  let index: readonly string[] | null = null;
  let number = 0;
  for (const text of lines) {
    number += 1;
    if (text.trim() === "") continue;
    const record = recordOf(text);
    if (!record) {
      problems.push({ code: "line_unreadable", line: number });
      continue;
    }
    const unreadable = () => problems.push({ code: "record_unreadable", line: number });
    const { key, value } = record;
    if (key === "userindex_") {
      const parsed = indexShape().safeParse(value);
      if (parsed.success) index = parsed.data.map(({ mm_id }) => mm_id);
      else unreadable();
    } else if (key.startsWith("user_")) {
      const person = migratedPerson(value);
      if (!person || key !== `user_${md5(person.mattermostUserId)}`) unreadable();
      else if (byMailbox.has(person.graphId))
        problems.push({ code: "mailbox_twice", line: number, mattermostUserId: person.mattermostUserId });
      else {
        byMailbox.set(person.graphId, person.mattermostUserId);
        people.set(person.mattermostUserId, { person, tokens: tokensOf(value) });
      }
    } else if (key.startsWith("sub_")) {
      const parsed = subscriptionShape().safeParse(value);
      if (parsed.success)
        subscriptions.push({ id: parsed.data.Remote.id, mattermostUserId: parsed.data.MattermostCreatorID });
      else unreadable();
    } else if (key.startsWith("ev_")) eventRecords.set(key, value);
    // Posts of panels, states of sign-ins and locks of jobs mean nothing here.
  }
  return {
    people: [...people.values()],
    links: linksOf([...people.values()], eventRecords),
    subscriptions,
    problems: [...problems, ...indexProblems(index, people)],
  };
}

function recordOf(text: string): { readonly key: string; readonly value: unknown } | null {
  try {
    const { key, value } = lineShape().parse(JSON.parse(text));
    const bytes = Buffer.from(value, "base64").toString("utf8");
    // Some records are plain ids, not JSON; none of those is read.
    return { key, value: bytes.startsWith("{") || bytes.startsWith("[") ? JSON.parse(bytes) : bytes };
  } catch {
    return null;
  }
}

function tokensOf(value: unknown): EarlierTokens | null {
  const parsed = tokenShape().safeParse(value);
  if (!parsed.success) return null;
  const { access_token, refresh_token, expiry } = parsed.data.OAuth2Token;
  return { accessToken: access_token, refreshToken: refresh_token, expiry };
}

/** What an event is linked to is found through its members: its own record does not say which event it is of. */
function linksOf(
  people: EarlierRecords["people"],
  eventRecords: ReadonlyMap<string, unknown>,
): EarlierRecords["links"] {
  const channels = new Map<string, Set<string>>();
  for (const { iCalUId, channelId } of people.flatMap(({ person }) => person.links))
    channels.set(iCalUId, (channels.get(iCalUId) ?? new Set()).add(channelId));
  for (const [iCalUId, ids] of channels) {
    const parsed = linkedShape().safeParse(eventRecords.get(`ev_${md5(`metadata_${iCalUId}`)}`));
    if (parsed.success) for (const id of Object.keys(parsed.data.LinkedChannelIDs)) ids.add(id);
  }
  return [...channels].map(([iCalUId, ids]) => ({ iCalUId, channelIds: [...ids] }));
}

function indexProblems(
  index: readonly string[] | null,
  people: ReadonlyMap<string, unknown>,
): RecordProblem[] {
  if (!index) return [];
  const listed = new Set(index);
  const missing = [...listed].filter((id) => !people.has(id));
  const unlisted = [...people.keys()].filter((id) => !listed.has(id));
  return [
    ...missing.map((id) => ({ code: "person_without_record" as const, line: 0, mattermostUserId: id })),
    ...unlisted.map((id) => ({ code: "person_not_in_index" as const, line: 0, mattermostUserId: id })),
  ];
}

/** Only a name of a record; it protects nothing. */
function md5(name: string): string {
  return createHash("md5").update(name).digest("hex");
}
