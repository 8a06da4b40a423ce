/**
 * Decides how to answer an invitation: the call to make, or the reason for refusing (docs/facts/microsoft-calendar.md
 * 5).
 */

import { instantOf, type ZonedWallTime, type ZoneId } from "../../../microsoft/time-zones/index.ts";
import type { CalendarEvent } from "./event.ts";
import { isPast } from "./notify.ts";

export type Answer = "accept" | "tentative" | "decline";

export interface Proposal {
  readonly start: ZonedWallTime;
  readonly end: ZonedWallTime;
}

export interface AnswerInput {
  readonly event: CalendarEvent;
  readonly answer: Answer;
  readonly comment?: string | undefined;
  readonly proposal?: Proposal | undefined;
  readonly zone: ZoneId;
}

export type HowToAnswer =
  | {
      readonly ok: true;
      readonly call: "accept" | "tentativelyAccept" | "decline";
      readonly sendResponse: boolean;
      readonly comment?: string;
      readonly proposedNewTime?: Proposal;
    }
  | { readonly ok: false; readonly why: NoAnswer };

export type NoAnswer =
  | "organizer"
  | "cancelled"
  | "past"
  | "no_response_requested"
  | "accept_takes_no_proposal"
  | "proposals_not_allowed"
  | "proposal_invalid";

const calls = { accept: "accept", tentative: "tentativelyAccept", decline: "decline" } as const;

/** Graph would refuse all of these too, but with sentences that differ per mailbox. */
export function howToAnswer(input: AnswerInput, now: number): HowToAnswer {
  const { event, answer, proposal, zone } = input;
  const comment = input.comment?.trim();
  if (event.organizedByMe) return refuse("organizer");
  if (event.cancelled) return refuse("cancelled");
  if (isPast(event, zone, now)) return refuse("past");
  if (proposal) {
    if (answer === "accept") return refuse("accept_takes_no_proposal");
    if (!event.proposalsAllowed) return refuse("proposals_not_allowed");
    if (!isAhead(proposal, now)) return refuse("proposal_invalid");
  }
  // A comment and a proposal both travel with the response, so one must be sent.
  if (!event.responseRequested && (proposal || comment)) return refuse("no_response_requested");
  return {
    ok: true,
    call: calls[answer],
    sendResponse: event.responseRequested,
    ...(comment ? { comment } : {}),
    ...(proposal ? { proposedNewTime: proposal } : {}),
  };
}

function refuse(why: NoAnswer): HowToAnswer {
  return { ok: false, why };
}

function isAhead({ start, end }: Proposal, now: number): boolean {
  const [from, to] = [instantOf(start), instantOf(end)];
  return from !== null && to !== null && now < from && from < to;
}
