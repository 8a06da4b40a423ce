/**
 * Reads a person's events from Outlook: one mailbox for a command, many in one `$batch` for the day driver.
 *
 * A failure of one mailbox affects that mailbox alone. Each node runs at most four requests at a time.
 */

import { z } from "zod";
import {
  type BatchAnswer,
  type BatchPart,
  batch,
  GraphError,
  type GraphRequest,
  GraphUnreachable,
} from "../../../microsoft/graph/index.ts";
import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { CalendarServices } from "../ports.ts";
import type { Period } from "../rules/days.ts";
import type { CalendarEvent } from "../rules/event.ts";
import { mergePages } from "../rules/view.ts";
import { type Access, type AccessBy, MailboxAccess } from "./access.ts";
import { isNoMailbox } from "./events.ts";
import { OUTLOOK_HEADERS } from "./fields.ts";
import { OtherCalendars } from "./other-calendars.ts";
import { Turns } from "./turns.ts";
import { viewQuery } from "./view-query.ts";

/**
 * - `not_connected`: no linked account, or the connection was lost.
 * - `no_mailbox`: no licence, on-premises or inactive; a retry today is pointless.
 * - `denied`: neither the app nor the person may read it.
 * - `unavailable`: a later try may succeed.
 */
export type ViewFailure = "not_connected" | "no_mailbox" | "denied" | "unavailable";

export type EventsAnswer =
  | {
      readonly ok: true;
      readonly events: readonly CalendarEvent[];
      /** Entries of the calendar that are no events or have a time that cannot be read. */
      readonly unreadable: number;
      readonly by: AccessBy;
    }
  | {
      readonly ok: false;
      readonly why: ViewFailure;
      /** The wait that Microsoft asked for. */
      readonly retryAfterMs: number | null;
      /** For logs, e.g. `403 ErrorAccessDenied`; never contains Microsoft's text. */
      readonly code: string;
    };

export interface Wanted {
  readonly userId: string;
  readonly period: Period;
  readonly zone: ZoneId;
  /** The person's own calendars beside the default one, too. */
  readonly others: boolean;
}

const PARTS = 20;
const page = lazy(() => z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().optional() }));
type Page = z.infer<ReturnType<typeof page>>;
/** Guards against a chain of pages that never ends. */
const MAX_PAGES = 50;
/** Few, because a person waits for the answer of a command. */
const COMMAND_TRIES = 2;

export type ViewPorts = Pick<CalendarServices, "clock" | "connections" | "graph" | "links" | "metrics">;

/** The permissions for events and for mailbox settings are granted separately. */
export type About = "events" | "settings";

export interface CalendarView {
  /** Decides whose rights read events. */
  readonly eventAccess: MailboxAccess;
  /** Forgets all refusals, so that everything is tried again. */
  forgetRefusals(userId?: string): void;
  events(wanted: Wanted, signal?: AbortSignal): Promise<EventsAnswer>;
  /**
   * Answers each request. Mailboxes that the app may read go into `$batch` requests, each mailbox once.
   */
  readMany(
    wanted: readonly Wanted[],
    each: (userId: string, answer: EventsAnswer) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Runs one request about a mailbox with the rights that work for it. Throws GraphError, GraphUnreachable or
   * ProductError.
   */
  ask<T>(userId: string, about: About, request: (base: string) => GraphRequest<T>): Promise<T>;
}

export function createView(ports: ViewPorts): CalendarView {
  const { clock, graph, metrics } = ports;
  const access = new MailboxAccess(ports);
  const accessTo = { events: access, settings: new MailboxAccess(ports) };
  const turns = new Turns(4);
  const others = new OtherCalendars({ graph, now: clock.now });
  const reads = metrics.counter("calendar_reads_total", "Mailboxes read for the calendar, by outcome.");

  async function ask<T>(
    userId: string,
    about: About,
    request: (base: string) => GraphRequest<T>,
  ): Promise<T> {
    const rights = accessTo[about];
    const first = await rights.of(userId);
    if (!first) throw new ProductError("not_connected");
    const send = ({ base, credential }: Access) =>
      turns.take(() => graph.request<T>({ ...request(base), ...(credential ? { credential } : {}) }));
    try {
      return await send(first);
    } catch (error) {
      if (first.by === "person" || !rights.refused(userId, error)) throw error;
      return send(rights.asPerson(userId));
    }
  }

  /** Reads further pages with plain requests; the next link is sent back unchanged. */
  async function rest(first: Page, { credential }: Access, signal?: AbortSignal): Promise<unknown[][]> {
    const pages = [first.value];
    for (let next = first["@odata.nextLink"]; next !== undefined; ) {
      if (pages.length >= MAX_PAGES) throw new GraphUnreachable("a calendar view without an end");
      const path = next;
      const more: Page = await turns.take(() =>
        graph.request({
          path,
          headers: OUTLOOK_HEADERS,
          answer: page(),
          ...(credential ? { credential } : {}),
          ...(signal ? { signal } : {}),
        }),
      );
      pages.push(more.value);
      next = more["@odata.nextLink"];
    }
    return pages;
  }

  async function finished(
    wanted: Wanted,
    first: Page,
    by: Access,
    signal?: AbortSignal,
  ): Promise<EventsAnswer> {
    const { period, userId, zone } = wanted;
    const pages = await rest(first, by, signal);
    if (wanted.others) pages.push(await turns.take(() => others.events(userId, by, period, signal)));
    const { events, unreadable } = mergePages(pages, period, zone);
    if (unreadable > 0) reads.add({ outcome: "unreadable_event" }, unreadable);
    return { ok: true, events, unreadable, by: by.by };
  }

  /**
   * `tries` is 1 for the driver, which retries by itself and must not hold a turn while it waits.
   */
  async function read(wanted: Wanted, tries: number, signal?: AbortSignal): Promise<EventsAnswer> {
    try {
      let by = await access.of(wanted.userId);
      if (!by) return failed(new ProductError("not_connected"));
      const ask = (one: Access) =>
        turns.take(() =>
          graph.request({
            path: viewPath(one.base, wanted.period),
            headers: OUTLOOK_HEADERS,
            answer: page(),
            tries,
            ...(one.credential ? { credential: one.credential } : {}),
            ...(signal ? { signal } : {}),
          }),
        );
      let first: Page;
      try {
        first = await ask(by);
      } catch (error) {
        if (by.by === "person" || !access.refused(wanted.userId, error)) throw error;
        by = access.asPerson(wanted.userId);
        first = await ask(by);
      }
      return await finished(wanted, first, by, signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      return failed(error);
    }
  }

  return {
    eventAccess: access,
    forgetRefusals(userId) {
      accessTo.events.forget(userId);
      accessTo.settings.forget(userId);
    },
    ask,
    events: (wanted, signal) => read(wanted, COMMAND_TRIES, signal),
    async readMany(wanted, each, signal) {
      const answered = (userId: string, answer: EventsAnswer) => {
        reads.add({ outcome: answer.ok ? answer.by : answer.why });
        each(userId, answer);
      };
      const byApp: { readonly wanted: Wanted; readonly by: Access }[] = [];
      const alone: Wanted[] = [];
      for (const one of wanted) {
        const by = await access.of(one.userId);
        if (!by) answered(one.userId, failed(new ProductError("not_connected")));
        else if (by.by === "app") byApp.push({ wanted: one, by });
        else alone.push(one);
      }
      const single = async (one: Wanted) => answered(one.userId, await read(one, 1, signal));
      const chunks = Array.from({ length: Math.ceil(byApp.length / PARTS) }, (_, index) =>
        byApp.slice(index * PARTS, (index + 1) * PARTS),
      );
      await Promise.all([
        ...alone.map(single),
        ...chunks.map(async (chunk) => {
          const parts = new Map<string, BatchPart<Page>>(
            chunk.map(({ wanted: { userId, period }, by }) => [
              userId,
              { path: viewPath(by.base, period), headers: OUTLOOK_HEADERS, answer: page() },
            ]),
          );
          let answers: Map<string, BatchAnswer<Page>>;
          try {
            const options = { signal, tries: 1 };
            answers = await turns.take(() => batch({ client: graph, now: clock.now }, parts, options));
          } catch (error) {
            if (signal.aborted) throw error;
            // Only a missing credential or a refusal of the whole batch gets here.
            await Promise.all(
              chunk.map(async ({ wanted: one }) => {
                if (access.refused(one.userId, error)) await single(one);
                else answered(one.userId, failed(error));
              }),
            );
            return;
          }
          await Promise.all(
            chunk.map(async ({ wanted: one, by }) => {
              const answer = answers.get(one.userId);
              if (answer?.ok) {
                const whole = await finished(one, answer.value, by, signal).catch((error: unknown) => {
                  if (signal.aborted) throw error;
                  return failed(error);
                });
                answered(one.userId, whole);
              } else if (answer && access.refused(one.userId, answer.error)) await single(one);
              else answered(one.userId, failed(answer?.error));
            }),
          );
        }),
      ]);
    },
  };
}

export function viewPath(base: string, period: Period): string {
  return `${base}/calendarView?${viewQuery(period)}`;
}

/** Judges by status and code; Microsoft's sentences are not read (docs/facts/microsoft-calendar.md 11). */
function failed(error: unknown): EventsAnswer {
  if (error instanceof ProductError) {
    const gone = error.code === "not_connected" || error.code === "connection_lost";
    return { ok: false, why: gone ? "not_connected" : "unavailable", retryAfterMs: null, code: error.code };
  }
  if (!(error instanceof GraphError))
    return { ok: false, why: "unavailable", retryAfterMs: null, code: "unreachable" };
  const { code, retryAfterMs, status } = error;
  const shown = `${status} ${code.replace(/[^\w.]/g, "").slice(0, 60)}`;
  const why = (reason: ViewFailure) => ({ ok: false as const, why: reason, retryAfterMs, code: shown });
  if (isNoMailbox(error)) return why("no_mailbox");
  if (status === 403) return why("denied");
  if (status === 401) return why("not_connected");
  if (status === 404) return why("no_mailbox");
  return why("unavailable");
}
