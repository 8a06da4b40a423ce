/**
 * Decides about the custom status "In a meeting". It follows the rules of the status and never replaces a custom
 * status of the person's own.
 */

import { type Span, spanAt } from "./spans.ts";

/**
 * The caller provides the text in the person's language; it is compared with what the server reports.
 */
export interface CustomStatus {
  readonly emoji: string;
  readonly text: string;
}

/** Remembered while the custom status is ours. Plain JSON. */
export interface CustomMemory extends CustomStatus {
  readonly expiresAt: number;
  /** The person removed or replaced it: leave it alone until this span is over. */
  readonly yielded?: boolean;
}

export type CustomDecision =
  | { readonly do: "set"; readonly emoji: string; readonly text: string; readonly expiresAt: number }
  | { readonly do: "remove" }
  | { readonly do: "yield" }
  | { readonly do: "forget" }
  | { readonly do: "none"; readonly why: CustomReason };

export type CustomReason = "off" | "free" | "yielded" | "already_ours" | "user_has_own";

export interface CustomInput {
  readonly spans: readonly Span[];
  readonly settings: { readonly customStatus: boolean };
  readonly inMeeting: CustomStatus;
  /** The custom status that the server shows now. */
  readonly current: CustomStatus | null;
  readonly ours: CustomMemory | null;
}

const none = (why: CustomReason): CustomDecision => ({ do: "none", why });

export function decideCustomStatus(input: CustomInput, now: number): CustomDecision {
  const { settings, inMeeting, current, ours } = input;
  if (!settings.customStatus) return none("off");
  const span = spanAt(input.spans, now);
  if (!span) return ours ? removeOurs(ours, current) : none("free");
  const isOurs = ours !== null && same(current, ours);
  if (ours && (ours.expiresAt > span.start || (isOurs && !ours.yielded))) {
    if (ours.yielded) return none("yielded");
    if (!isOurs) return { do: "yield" };
    if (ours.expiresAt === span.end) return none("already_ours");
  } else if (current) return none("user_has_own");
  return { do: "set", ...inMeeting, expiresAt: span.end };
}

/**
 * Ends our custom status. Also used if the person switches the feature off in the middle of a meeting.
 */
export function removeOurs(ours: CustomMemory, current: CustomStatus | null): CustomDecision {
  return !ours.yielded && same(current, ours) ? { do: "remove" } : { do: "forget" };
}

function same(a: CustomStatus | null, b: CustomStatus): boolean {
  return a?.emoji === b.emoji && a.text === b.text;
}

/** Returns the memory after a decision was carried out. */
export function customMemoryAfter(decision: CustomDecision, ours: CustomMemory | null): CustomMemory | null {
  switch (decision.do) {
    case "set":
      return { emoji: decision.emoji, text: decision.text, expiresAt: decision.expiresAt };
    case "yield":
      return ours && { ...ours, yielded: true };
    case "remove":
    case "forget":
      return null;
    default:
      return ours;
  }
}
