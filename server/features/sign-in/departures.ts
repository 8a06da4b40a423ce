/**
 * Looks at the directory daily, and ends the sessions inside Microsoft 365 of people who were disabled or deleted
 * there.
 *
 *   links of the tenant ─▶ 15 people a request ─▶ disabled, or absent and then read alone ─▶ sessions end, audit
 *
 * Needs the application permission User.Read.All; without it no request is sent, and the checks report it. The link
 * stays: an account may be enabled again, and a deleted one can never sign in.
 */

import { z } from "zod";
import type { ConfigSource } from "../../microsoft/config/index.ts";
import { type GraphClient, GraphError } from "../../microsoft/graph/index.ts";
import type { Link } from "../../people/link.ts";
import type { Links } from "../../people/links.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import { MAY_READ_USERS } from "./may-read-users.ts";

export type Departure = "disabled" | "deleted";

/** The result of the last look. */
export interface DirectoryLook {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `begun`: the plugin has just been installed. `implausible`: most people were missing, so nothing was done. */
  readonly outcome: "begun" | "done" | "not_permitted" | "failed" | "implausible";
  readonly looked: number;
  /** Number of people whose sessions were ended. */
  readonly ended: number;
}

export interface DeparturesPorts {
  readonly config: ConfigSource;
  /** The application permissions in the app's token. */
  readonly roles: () => Promise<readonly string[]>;
  readonly graph: Pick<GraphClient, "request">;
  readonly links: Links;
  readonly kv: Pick<KeyValueStore, "get" | "set">;
  readonly cluster: Pick<Cluster, "runOnOneNode">;
  readonly audit: {
    sessionsEnded(ended: { readonly link: Link; readonly why: Departure }): void;
  };
  readonly log: Pick<Logger, "warn">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface Departures {
  start(): void;
  stop(): Promise<void>;
  last(): Promise<DirectoryLook | null>;
}

const KEY = "identity.departures";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Graph accepts at most 15 values in one `in`. */
const PEOPLE_AT_ONCE = 15;
/**
 * When more people than this are missing, and most of all people: it is not the directory that the links are from.
 */
const PLAUSIBLE = 10;

const lookShape = lazy(() =>
  z.object({
    at: z.number(),
    outcome: z.enum(["begun", "done", "not_permitted", "failed", "implausible"]),
    looked: z.number(),
    ended: z.number(),
  }),
);
const usersShape = lazy(() =>
  z.object({
    value: z.array(z.object({ id: z.string().toLowerCase(), accountEnabled: z.boolean().nullish() })),
  }),
);
const userShape = lazy(() => z.object({ id: z.string() }));

export function createDepartures(ports: DeparturesPorts): Departures {
  const { audit, clock, cluster, config, graph, kv, links, log, roles } = ports;
  let job: { stop(): Promise<void> } | null = null;

  async function last(): Promise<DirectoryLook | null> {
    const bytes = await kv.get(KEY);
    if (!bytes) return null;
    try {
      return lookShape().parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch {
      // As before the first look: the next one is in a day.
      return null;
    }
  }

  const note = (look: Omit<DirectoryLook, "at">) => kv.set(KEY, JSON.stringify({ at: clock(), ...look }));

  /** Runs hourly: the record shows whether a day has passed, also after a restart or on another node. */
  async function round(signal: AbortSignal): Promise<void> {
    const before = await last();
    const age = before ? clock() - before.at : 0;
    if (before && age >= 0 && age < DAY_MS) return;
    if (!before) return note({ outcome: "begun", looked: 0, ended: 0 });
    try {
      const look = await lookAtAll(signal);
      // The next node repeats a look that was stopped.
      if (!signal.aborted) await note(look);
    } catch (error) {
      if (signal.aborted) return;
      log.warn("The directory could not be asked about linked people", { error: String(error) });
      await note({ outcome: "failed", looked: 0, ended: 0 });
    }
  }

  async function lookAtAll(signal: AbortSignal): Promise<Omit<DirectoryLook, "at">> {
    const { credentials, registration } = config.current;
    if (!registration || credentials.length === 0) return { outcome: "not_permitted", looked: 0, ended: 0 };
    const held = await unlessAborted(roles(), signal);
    if (!held.some((role) => MAY_READ_USERS.includes(role)))
      return { outcome: "not_permitted", looked: 0, ended: 0 };

    let looked = 0;
    const gone: { link: Link; why: Departure }[] = [];
    let some: Link[] = [];
    const ask = async () => {
      looked += some.length;
      gone.push(...(await departed(some, signal)));
      some = [];
    };
    for await (const link of links.store.all()) {
      if (link.tenantId !== registration.tenantId) continue;
      if (some.push(link) === PEOPLE_AT_ONCE) await ask();
    }
    if (some.length > 0) await ask();
    if (gone.length > PLAUSIBLE && gone.length > looked / 2) {
      log.warn("Most linked people are missing in the directory: no session was ended", {
        missing: gone.length,
      });
      return { outcome: "implausible", looked, ended: 0 };
    }

    let ended = 0;
    for (const { link, why } of gone) {
      signal.throwIfAborted();
      const seen = await links.store.read(link);
      if (seen?.record.userId !== link.userId || seen.record.sessions.length === 0) continue;
      await links.store.endSessions(link);
      audit.sessionsEnded({ link, why });
      ended++;
    }
    return { outcome: "done", looked, ended };
  }

  async function departed(some: readonly Link[], signal: AbortSignal) {
    const ids = some.map(({ objectId }) => `'${objectId}'`).join(",");
    const path = `/users?$filter=${encodeURIComponent(`id in (${ids})`)}&$select=id,accountEnabled&$top=${PEOPLE_AT_ONCE}`;
    const { value } = await unlessAborted(graph.request({ path, answer: usersShape() }), signal);
    const known = new Map(value.map(({ id, accountEnabled }) => [id, accountEnabled]));
    const found: { link: Link; why: Departure }[] = [];
    for (const link of some) {
      const enabled = known.get(link.objectId.toLowerCase());
      if (enabled === false) found.push({ link, why: "disabled" });
      else if (!known.has(link.objectId.toLowerCase()) && (await isDeleted(link, signal)))
        found.push({ link, why: "deleted" });
    }
    return found;
  }

  /** A list may leave people out for other reasons, so only a 404 for this very person counts as a departure. */
  async function isDeleted({ objectId }: Link, signal: AbortSignal): Promise<boolean> {
    const path = `/users/${encodeURIComponent(objectId)}?$select=id`;
    try {
      await unlessAborted(graph.request({ path, answer: userShape() }), signal);
      return false;
    } catch (error) {
      if (error instanceof GraphError && error.status === 404) return true;
      throw error;
    }
  }

  return {
    last,
    start() {
      job ??= cluster.runOnOneNode("identity.departures", { everyMs: HOUR_MS, leaseMs: 120_000 }, round);
    },
    async stop() {
      await job?.stop();
      job = null;
    },
  };
}

/** Stopping does not wait for Microsoft. */
async function unlessAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  asked.catch(() => undefined);
  try {
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
