/** Validates requests of the HTTP API field by field: a code for each invalid field. */

import { z } from "zod";
import { type ZonedWallTime, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { wallTimeOf } from "../../../microsoft/time-zones/wall-time.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { FieldErrors } from "../field-errors.ts";
import type { Answer, Proposal } from "../rules/answer.ts";
import type { Period } from "../rules/days.ts";

const LONGEST_DAYS = 62;
/** Outlook cuts no comment shorter than this. */
const LONGEST_COMMENT = 4_000;

/** `?from&to`, moments in RFC 3339. */
export function periodOfQuery(from: string | undefined, to: string | undefined): Period {
  const [first, last] = [momentOf(from), momentOf(to)];
  const errors = {
    ...(typeof first === "string" ? { from: first } : {}),
    ...(typeof last === "string" ? { to: last } : {}),
  };
  if (typeof first === "string" || typeof last === "string") throw new FieldErrors(errors);
  if (last < first) throw new FieldErrors({ to: "to_before_from" });
  if (last - first > LONGEST_DAYS * 86_400_000) throw new FieldErrors({ to: "too_long" });
  return { from: first, to: last };
}

function momentOf(text: string | undefined): number | "missing" | "invalid" {
  if (!text) return "missing";
  // An unencoded plus in a query arrives as a space.
  const whole = text.replace(/ (?=\d\d:\d\d$)/, "+");
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.test(whole)) return "invalid";
  try {
    return Temporal.Instant.from(whole.toUpperCase()).epochMilliseconds;
  } catch {
    return "invalid";
  }
}

const answerShape = lazy(() =>
  z.object({
    answer: z.enum(["accept", "tentative", "decline"]),
    comment: z.string().optional(),
    proposedStart: z.string().optional(),
    proposedEnd: z.string().optional(),
    zone: z.string().optional(),
    series: z.boolean().optional(),
  }),
);

export interface AnswerInput {
  readonly answer: Answer;
  readonly comment?: string;
  readonly proposal?: Proposal;
  readonly series?: boolean;
}

/** `mailboxZone` is the mailbox's own name of its time zone, which Exchange gets back. */
export function answerOf(json: unknown, mailboxZone: string): AnswerInput {
  const parsed = answerShape().safeParse(json);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => String(path[0] ?? "answer"));
    throw new FieldErrors(
      Object.fromEntries(names.map((name) => [name, name === "answer" ? "answer_invalid" : "invalid"])),
    );
  }
  const { answer, comment = "", proposedEnd, proposedStart, series, zone } = parsed.data;
  if ([...comment].length > LONGEST_COMMENT) throw new FieldErrors({ comment: "comment_too_long" });
  const zoneName = zone ?? mailboxZone;
  if (!zoneOf(zoneName)) throw new FieldErrors({ zone: "zone_unknown" });
  const proposal = proposalOf(proposedStart, proposedEnd, zoneName);
  return {
    answer,
    ...(comment === "" ? {} : { comment }),
    ...(proposal ? { proposal } : {}),
    ...(series === undefined ? {} : { series }),
  };
}

/** Returns null when nothing is proposed. */
export function proposalOf(
  start: string | undefined,
  end: string | undefined,
  zoneName: string,
): Proposal | null {
  if (!start && !end) return null;
  const [from, to] = [wallTime(start, zoneName), wallTime(end, zoneName)];
  const errors = {
    ...(typeof from === "string" ? { proposedStart: from } : {}),
    ...(typeof to === "string" ? { proposedEnd: to } : {}),
  };
  if (typeof from === "string" || typeof to === "string") throw new FieldErrors(errors);
  if (to.dateTime <= from.dateTime) throw new FieldErrors({ proposedEnd: "end_before_start" });
  return { start: from, end: to };
}

function wallTime(text: string | undefined, timeZone: string): ZonedWallTime | string {
  if (!text) return "time_missing";
  const wall = wallTimeOf(text);
  return wall ? { dateTime: wall.toString({ smallestUnit: "second" }), timeZone } : "time_invalid";
}
