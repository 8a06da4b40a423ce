/**
 * Runs the checks on demand, daily on one node, and after each change; sends the admins a message, once, about what
 * broke.
 */

import { z } from "zod";
import type { Language } from "../../platform/i18n/language.ts";
import { createLook, type LookPorts } from "./look.ts";
import { newsKey, newsMessage, newsworthy } from "./news.ts";
import { type CheckRow, createWording, type Report, reportSchema, type Wording } from "./report.ts";

export type { CheckRow, Report, Wording } from "./report.ts";
export type { ServerSettings } from "./server-checks.ts";

export interface CheckPorts extends LookPorts {
  readonly store: {
    get(key: string): Promise<Uint8Array | null>;
    set(key: string, value: Uint8Array): Promise<unknown>;
  };
  /** Aborted when the plugin is deactivated: rows that failed because of that are neither stored nor reported. */
  readonly signal?: AbortSignal;
  /** Sends a message to each admin, in their own language. */
  readonly tellAdmins: (message: (language: Language) => string) => Promise<void>;
  /** Takes a lock that one node at a time can hold. */
  readonly lock: (name: string) => Promise<{ release(): Promise<void> }>;
}

export interface Checks {
  readonly wording: Wording;
  /** Returns the last run of any node. */
  latest(): Promise<Report | null>;
  /** Runs all checks. With a user, also those that concern this person. */
  run(userId?: string): Promise<Report>;
  /** True when a run is in progress on this node, or due because something has changed. */
  isRunning(): boolean;
  /** Runs only the catalog check, at once, for the page that publishes. */
  catalog(): Promise<CheckRow>;
  /** One round of the daily job; does nothing when the last run is recent. */
  daily(): Promise<void>;
  /** Starts listening for changes. Returns a function that stops it. */
  watchChanges(): () => void;
}

const REPORT_KEY = "checks/report";
const REPORTED_KEY = "checks/told";
const DAY_MS = 24 * 3_600_000;

/** Several settings are usually saved at once; one run is then enough. */
const AFTER_CHANGE_MS = 5_000;
/** While an admin is at work, unfinished settings cause no messages. */
const SETTLED_MS = 15 * 60_000;

export function createChecks(ports: CheckPorts): Checks {
  const wording = createWording(ports.contributed ?? []);
  const look = createLook(ports);
  let running = 0;
  let isDue = false;

  async function run(userId?: string): Promise<Report> {
    running += 1;
    try {
      return await runAll(userId);
    } finally {
      running -= 1;
    }
  }

  async function runAll(userId?: string): Promise<Report> {
    const report = await look.all(userId);
    ports.signal?.throwIfAborted();
    // The stored report is for every admin, so rows about one person are left out.
    const shared = { ...report, rows: report.rows.filter(({ id }) => id !== "installed") };
    await ports.store.set(REPORT_KEY, encode(shared));
    return report;
  }

  async function latest(): Promise<Report | null> {
    return decode(await ports.store.get(REPORT_KEY), reportSchema());
  }

  async function tell(report: Report): Promise<void> {
    // An admin who has not begun the set-up knows that nothing works.
    if (!ports.config.current.registration) return;
    const reported = decode(await ports.store.get(REPORTED_KEY), z.array(z.string())) ?? [];
    const current = report.rows.filter(newsworthy).map(newsKey);
    const news = report.rows.filter((row) => newsworthy(row) && !reported.includes(newsKey(row)));
    if (news.length > 0) await ports.tellAdmins((language) => newsMessage(news, wording, language));
    // Afterwards, so that the next round repeats a message that reached nobody.
    await ports.store.set(REPORTED_KEY, encode(current));
  }

  /** One run for all nodes: a node that waited for the lock uses a report that is newer than its reason to run. */
  async function runOnce(reason: Date, andTell: boolean): Promise<void> {
    const lock = await ports.lock("checks");
    try {
      const last = await latest();
      const fresh = last !== null && Date.parse(last.at) >= reason.getTime();
      const report = fresh ? last : await run();
      // The very first run sends no messages: somebody has just installed the plugin and is at work.
      if (andTell && last !== null) await tell(report);
    } finally {
      await lock.release();
    }
  }

  return {
    wording,
    latest,
    run,
    isRunning: () => running > 0 || isDue,
    catalog: look.catalog,
    daily: () => runOnce(new Date(ports.now().getTime() - DAY_MS), true),
    watchChanges() {
      const timers = new Set<ReturnType<typeof setTimeout>>();
      let changes = 0;
      const later = (ms: number, andTell: boolean) => {
        const due = new Date(ports.now().getTime() + ms);
        const change = changes;
        const timer = setTimeout(() => {
          timers.delete(timer);
          runOnce(due, andTell)
            .catch((error: unknown) =>
              ports.log.warn("checks after a change failed", { error: String(error) }),
            )
            .finally(() => {
              if (!andTell && change === changes) isDue = false;
            });
        }, ms);
        timers.add(timer);
      };
      const clear = () => {
        for (const timer of timers) clearTimeout(timer);
        timers.clear();
      };
      const end = ports.config.onChange(() => {
        clear();
        changes += 1;
        isDue = true;
        later(AFTER_CHANGE_MS, false);
        later(SETTLED_MS, true);
      });
      return () => {
        end();
        clear();
        isDue = false;
      };
    },
  };
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function decode<T>(bytes: Uint8Array | null, schema: z.ZodType<T>): T | null {
  if (!bytes) return null;
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // Another version wrote it; the next run replaces it.
    return null;
  }
}
