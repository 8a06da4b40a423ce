/** Counts the requests to Graph by kind, and compares them with Microsoft's limits (docs/facts). */

import type { RecordedRequest } from "../../e2e/sandbox/graph/server.ts";

interface Kind {
  readonly name: string;
  readonly pattern: RegExp;
  /** Microsoft's limit, for an app in a tenant unless it says otherwise. */
  readonly limit: string;
  /** The limit as requests per hour, if it is a single number. */
  readonly perHour: number | null;
}

const kinds: readonly Kind[] = [
  {
    name: "calendar views",
    pattern: /\/calendarView/i,
    limit: "10,000 in 10 min a mailbox, 4 at a time",
    perHour: null,
  },
  { name: "events", pattern: /\/events\b/i, limit: "10,000 in 10 min a mailbox, 4 at a time", perHour: null },
  {
    name: "mailbox settings",
    pattern: /\/mailboxSettings/i,
    limit: "10,000 in 10 min a mailbox",
    perHour: null,
  },
  { name: "batches", pattern: /\/\$batch$/, limit: "130,000 requests in 10 s for the app", perHour: null },
  {
    name: "subscriptions",
    pattern: /\/subscriptions/,
    limit: "25 a second made, 500 in 20 s in all",
    perHour: 90_000,
  },
  { name: "presence", pattern: /getPresencesByUserId/, limit: "1,500 in 30 s", perHour: 180_000 },
  {
    name: "messages that were missed",
    pattern: /getAllMessages/,
    limit: "200 a second",
    perHour: 720_000,
  },
  { name: "messages by delta", pattern: /\/delta/, limit: "60 a minute", perHour: 3_600 },
  {
    name: "messages to channels",
    pattern: /POST \/teams\/.*\/messages/,
    limit: "50 a second, 1 a second a channel",
    perHour: 180_000,
  },
  { name: "teams and channels", pattern: /\/teams\//, limit: "4 a second a team", perHour: null },
  { name: "chats", pattern: /\/chats\//, limit: "30 a second", perHour: 108_000 },
  {
    name: "activities",
    pattern: /sendActivityNotificationToRecipients/,
    limit: "2 a second",
    perHour: 7_200,
  },
  {
    name: "people",
    pattern: /\/(users|me)\b/,
    limit: "8,000 units in 10 s (tenant over 500 people)",
    perHour: null,
  },
];

export interface Asked {
  readonly name: string;
  readonly count: number;
  readonly refused: number;
  /** The most in one second, and in one minute. */
  readonly second: number;
  readonly minute: number;
  readonly limit: string;
}

interface One {
  readonly at: number;
  readonly what: string;
  readonly status: number;
}

/** Unpacks batches, whose requests count like others at Microsoft. */
function flat(requests: readonly RecordedRequest[]): One[] {
  return requests.flatMap(({ at, body, method, path, status }) => {
    const own = { at, what: `${method} ${path.replace("/v1.0", "").replace(/\?.*$/, "")}`, status };
    if (!own.what.endsWith("/$batch")) return [own];
    const parts = (body as { requests?: { method: string; url: string }[] } | null)?.requests ?? [];
    return [
      own,
      ...parts.map(({ method, url }) => ({ at, what: `${method} ${url.replace(/\?.*$/, "")}`, status })),
    ];
  });
}

export function asked(requests: readonly RecordedRequest[]): Asked[] {
  const all = flat(requests);
  const found = new Map<string, { kind: Kind | null; of: One[] }>();
  for (const one of all) {
    const kind = kinds.find(({ pattern }) => pattern.test(one.what)) ?? null;
    const name = kind?.name ?? one.what.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "{id}");
    const group = found.get(name) ?? { kind, of: [] };
    found.set(name, group);
    group.of.push(one);
  }
  return [...found].map(([name, { kind, of }]) => ({
    name,
    count: of.length,
    refused: of.filter(({ status }) => status >= 400).length,
    second: busiest(of, 1_000),
    minute: busiest(of, 60_000),
    limit: kind?.limit ?? "",
  }));
}

export function countOf(requests: readonly RecordedRequest[], name: string): number {
  return asked(requests).find((one) => one.name === name)?.count ?? 0;
}

function busiest(all: readonly One[], ms: number): number {
  const counts = new Map<number, number>();
  for (const { at } of all) counts.set(Math.floor(at / ms), (counts.get(Math.floor(at / ms)) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
