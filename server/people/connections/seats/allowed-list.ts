/**
 * The list of people who may connect: a CSV file with one column, accepted as a whole or not at all.
 *
 *   connections.allowed  ─▶  [user id, …]
 */

import { z } from "zod";
import { chunks } from "../../../platform/chunks.ts";
import { SharedRecord } from "../../../platform/store/shared-record.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { Api, KeyValueStore } from "../../../runtime/mattermost/index.ts";
import { foundOrNull } from "../../found-or-null.ts";
import { withAccounts } from "../../with-accounts.ts";

export interface AllowedList {
  has(userId: string): Promise<boolean>;
  count(): Promise<number>;
  /** Removes a person who has connected: they keep that right and no longer need the list. */
  remove(userId: string): Promise<void>;
  /** Replaces the whole list, or changes nothing. */
  replace(csv: string): Promise<ListResult>;
  /** Returns the list as a file that can be uploaded again. */
  csv(): Promise<string>;
}

export interface ListResult {
  readonly ok: boolean;
  /** Number of people on the list now; 0 when the file was refused. */
  readonly count: number;
  /** Number of unusable lines: unknown addresses when the file was accepted, any problem when it was refused. */
  readonly failed: number;
  /** Line numbers from 1, where line 1 is the header. At most 100 of them. */
  readonly failedLines: readonly number[];
}

/** Limit of addresses without an account here; more of them mean that it is the wrong file. */
const MAX_UNKNOWN = 10;
const MAX_LINES_TOLD = 100;
const LOOK_UPS_AT_ONCE = 8;

const ids = lazy(() => z.array(z.string().min(1)));

export function createAllowedList(ports: {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly api: Pick<Api, "getUserByEmail" | "getUsersByIds">;
  /** Called when the stored list cannot be read: nobody is on it until an admin uploads it again. */
  readonly onDamaged: (key: string) => void;
}): AllowedList {
  const { api, kv, onDamaged } = ports;
  const record = new SharedRecord<readonly string[]>(kv, "connections.allowed", {
    empty: [],
    parse: (value) => ids().parse(value),
    isEmpty: (list) => list.length === 0,
    damaged(key) {
      onDamaged(key);
      return [];
    },
  });
  return {
    has: async (userId) => (await record.read()).includes(userId),
    count: async () => (await record.read()).length,
    remove: (userId) =>
      record.change((list) => {
        const next = list.includes(userId) ? list.filter((id) => id !== userId) : list;
        return { next, result: undefined };
      }),
    async replace(csv) {
      const lines = readLines(csv);
      if (lines.bad.length > 0) return refused(lines.bad);
      const found: string[] = [];
      const unknown: number[] = [];
      for (const some of chunks(lines.good, LOOK_UPS_AT_ONCE)) {
        const users = await Promise.all(some.map(({ email }) => foundOrNull(api.getUserByEmail(email))));
        for (const [index, user] of users.entries()) {
          if (user) found.push(user.Id);
          else unknown.push(some[index]?.line ?? 0);
        }
        if (unknown.length > MAX_UNKNOWN) return refused(unknown);
      }
      const list = [...new Set(found)];
      await record.change(() => ({ next: list, result: null }));
      return { ok: true, count: list.length, failed: unknown.length, failedLines: unknown };
    },
    async csv() {
      const list = await record.read();
      const emails: string[] = [];
      for await (const [, user] of withAccounts(api, list, (userId) => userId))
        if (user) emails.push(user.Email);
      return `Email\r\n${emails
        .sort()
        .map((email) => `${csvCell(email)}\r\n`)
        .join("")}`;
    },
  };
}

const refused = (lines: readonly number[]): ListResult => ({
  ok: false,
  count: 0,
  failed: lines.length,
  failedLines: lines.slice(0, MAX_LINES_TOLD),
});

interface Lines {
  readonly good: readonly { readonly line: number; readonly email: string }[];
  readonly bad: readonly number[];
}

/** Reads one address per line, quoted or not; empty lines are skipped. A wrong header makes line 1 bad. */
function readLines(csv: string): Lines {
  const [header = "", ...rest] = csv.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  if (unquote(header).toLowerCase() !== "email") return { good: [], bad: [1] };
  const good: { line: number; email: string }[] = [];
  const bad: number[] = [];
  for (const [index, text] of rest.entries()) {
    if (text.trim() === "") continue;
    const email = unquote(text);
    if (/^[^\s@",;<>]{1,200}@[^\s@",;<>]{1,200}$/.test(email)) good.push({ line: index + 2, email });
    else bad.push(index + 2);
  }
  return { good, bad };
}

function unquote(text: string): string {
  const trimmed = text.trim();
  const quoted = /^"([^"]*)"$/.exec(trimmed);
  // Removes the quote that we write before a cell that a spreadsheet would run as a formula.
  return (quoted?.[1] ?? trimmed).trim().replace(/^'(?=[=+\-@])/, "");
}

/** Quotes a cell that a spreadsheet would run as a formula (OWASP, "CSV Injection"). */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
