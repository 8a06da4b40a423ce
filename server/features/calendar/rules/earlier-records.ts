/**
 * Reads the store of the earlier Go plugin (com.mattermost.mscalendar) as exported by an admin: one JSON object
 * `{"key", "value"}` per line, with `value` in base64. Keys end with the MD5 of a name, so they cannot be reversed;
 * the record itself says to whom it belongs.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { lazy } from "../../../runtime/lazy.ts";
import { type MigratedPerson, migratedPerson } from "./migrate.ts";

/** Secret: encrypt at once, and show nowhere. */
export interface EarlierTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiry: string;
}

export interface EarlierRecords {
  readonly people: readonly { readonly person: MigratedPerson; readonly tokens: EarlierTokens | null }[];
  /** All channels of each linked event, including those that other members linked. */
  readonly links: readonly { readonly iCalUId: string; readonly channelIds: readonly string[] }[];
  /** Subscriptions at Graph, whose notifications go to the earlier plugin's address. */
  readonly subscriptions: readonly { readonly id: string; readonly mattermostUserId: string }[];
  readonly problems: readonly RecordProblem[];
}

export interface RecordProblem {
  readonly code:
    | "line_unreadable"
    | "record_unreadable"
    /** The index names a person who has no record. */
    | "person_without_record"
    /** Kept, because the index is not needed. */
    | "person_not_in_index"
    /** Two people have one mailbox; the first is kept. */
    | "mailbox_twice";
  /** Counted from 1; 0 if the problem belongs to no line. */
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

/** Reads everything and writes nothing, so that a dry run and a real run share it. */
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
    // Posts of panels, states of sign-ins and locks of jobs are useless here.
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
    // Some records are plain ids instead of JSON; none of those is needed.
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

/**
 * Collects the links of events through their members, because the record of a link does not say which event it is of.
 */
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

/** Only names a record; it protects nothing. */
function md5(name: string): string {
  return createHash("md5").update(name).digest("hex");
}
