import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { type AnswerInput, howToAnswer } from "./answer.ts";
import { allDay, at, event } from "./testing/events.ts";

const invitation = (different = {}, time = "2026-06-20T08:00/09:00") => event("n", time, different);
const utc = (dateTime: string) => ({ dateTime, timeZone: "UTC" });
const proposal = { start: utc("2026-06-21T08:00:00"), end: utc("2026-06-21T09:00:00") };
const wrong = (start: string, end: string) => ({ start: utc(start), end: utc(end) });
const no = (why: string) => ({ ok: false, why });

describe("an answer", () => {
  const cases: (Partial<AnswerInput> & { name: string; gives: unknown })[] = [
    { name: "yes", gives: { ok: true, call: "accept", sendResponse: true } },
    {
      name: "maybe",
      answer: "tentative",
      gives: { ok: true, call: "tentativelyAccept", sendResponse: true },
    },
    {
      name: "no, after a yes",
      answer: "decline",
      event: invitation({ responseStatus: { response: "accepted" } }),
      gives: { ok: true, call: "decline", sendResponse: true },
    },
    {
      name: "with a comment",
      comment: " Late by 5 min ",
      gives: { ok: true, call: "accept", sendResponse: true, comment: "Late by 5 min" },
    },
    { name: "with an empty comment", comment: "  ", gives: { ok: true, call: "accept", sendResponse: true } },
    {
      name: "with another time",
      answer: "decline",
      proposal,
      gives: { ok: true, call: "decline", sendResponse: true, proposedNewTime: proposal },
    },
    {
      name: "nobody wants one: not sent",
      event: invitation({ responseRequested: false }),
      gives: { ok: true, call: "accept", sendResponse: false },
    },
    {
      name: "a comment that nobody wants",
      event: invitation({ responseRequested: false }),
      comment: "x",
      gives: no("no_response_requested"),
    },
    {
      name: "a time that nobody wants",
      event: invitation({ responseRequested: false }),
      answer: "decline",
      proposal,
      gives: no("no_response_requested"),
    },
    { name: "to an own event", event: invitation({ isOrganizer: true }), gives: no("organizer") },
    { name: "to a cancelled event", event: invitation({ isCancelled: true }), gives: no("cancelled") },
    { name: "to a past event", event: invitation({}, "2026-06-14T08:00/09:00"), gives: no("past") },
    { name: "in the last second", event: invitation({}, "2026-06-15T05:00/06:00"), gives: no("past") },
    {
      name: "while it runs",
      event: invitation({}, "2026-06-15T05:00/06:01"),
      gives: { ok: true, call: "accept", sendResponse: true },
    },
    {
      name: "to today's all-day event",
      event: allDay("n", "2026-06-15", "2026-06-16"),
      gives: { ok: true, call: "accept", sendResponse: true },
    },
    {
      name: "to a series that began long ago",
      event: invitation({ type: "seriesMaster" }, "2019-06-14T08:00/09:00"),
      gives: { ok: true, call: "accept", sendResponse: true },
    },
    { name: "yes, at another time", proposal, gives: no("accept_takes_no_proposal") },
    {
      name: "another time where that is forbidden",
      answer: "tentative",
      proposal,
      event: invitation({ allowNewTimeProposals: false }),
      gives: no("proposals_not_allowed"),
    },
    {
      name: "another time that ends before it begins",
      answer: "decline",
      proposal: wrong("2026-06-21T08:00:00", "2026-06-21T08:00:00"),
      gives: no("proposal_invalid"),
    },
    {
      name: "another time in the past",
      answer: "decline",
      proposal: wrong("2026-06-14T08:00:00", "2026-06-21T08:00:00"),
      gives: no("proposal_invalid"),
    },
    {
      name: "another time that does not exist",
      answer: "decline",
      proposal: wrong("2026-06-31T08:00:00", "2026-07-01T08:00:00"),
      gives: no("proposal_invalid"),
    },
  ];
  const zone = zoneOf("Europe/Berlin") as ZoneId;
  for (const { name, gives, ...given } of cases)
    test(name, () =>
      expect(
        howToAnswer({ event: invitation(), answer: "accept", zone, ...given }, at("2026-06-15T06:00")),
      ).toEqual(gives as never),
    );
});
