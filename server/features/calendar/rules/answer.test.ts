import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import { type AnswerInput, howToAnswer } from "./answer.ts";
import { allDay, at, event } from "./testing/events.ts";

const invitation = (different = {}, time = "2026-06-20T08:00/09:00") => event("n", time, different);
const utc = (dateTime: string) => ({ dateTime, timeZone: "UTC" });
const proposal = { start: utc("2026-06-21T08:00:00"), end: utc("2026-06-21T09:00:00") };
const wrong = (start: string, end: string) => ({ start: utc(start), end: utc(end) });
const no = (why: string) => ({ ok: false, why });

describe("answering an invitation", () => {
  const cases: (Partial<AnswerInput> & { name: string; gives: unknown })[] = [
    { name: "accepts", gives: { ok: true, call: "accept", sendResponse: true } },
    {
      name: "accepts tentatively",
      answer: "tentative",
      gives: { ok: true, call: "tentativelyAccept", sendResponse: true },
    },
    {
      name: "declines after having accepted",
      answer: "decline",
      event: invitation({ responseStatus: { response: "accepted" } }),
      gives: { ok: true, call: "decline", sendResponse: true },
    },
    {
      name: "sends a comment",
      comment: " Late by 5 min ",
      gives: { ok: true, call: "accept", sendResponse: true, comment: "Late by 5 min" },
    },
    {
      name: "leaves out an empty comment",
      comment: "  ",
      gives: { ok: true, call: "accept", sendResponse: true },
    },
    {
      name: "proposes another time",
      answer: "decline",
      proposal,
      gives: { ok: true, call: "decline", sendResponse: true, proposedNewTime: proposal },
    },
    {
      name: "sends nothing if the organizer wants no answer",
      event: invitation({ responseRequested: false }),
      gives: { ok: true, call: "accept", sendResponse: false },
    },
    {
      name: "refuses a comment if the organizer wants no answer",
      event: invitation({ responseRequested: false }),
      comment: "x",
      gives: no("no_response_requested"),
    },
    {
      name: "refuses a proposed time if the organizer wants no answer",
      event: invitation({ responseRequested: false }),
      answer: "decline",
      proposal,
      gives: no("no_response_requested"),
    },
    {
      name: "refuses an answer to the person's own event",
      event: invitation({ isOrganizer: true }),
      gives: no("organizer"),
    },
    {
      name: "refuses an answer to a cancelled event",
      event: invitation({ isCancelled: true }),
      gives: no("cancelled"),
    },
    {
      name: "refuses an answer to a past event",
      event: invitation({}, "2026-06-14T08:00/09:00"),
      gives: no("past"),
    },
    {
      name: "answers in the last second",
      event: invitation({}, "2026-06-15T05:00/06:00"),
      gives: no("past"),
    },
    {
      name: "answers while the event runs",
      event: invitation({}, "2026-06-15T05:00/06:01"),
      gives: { ok: true, call: "accept", sendResponse: true },
    },
    {
      name: "answers today's all-day event",
      event: allDay("n", "2026-06-15", "2026-06-16"),
      gives: { ok: true, call: "accept", sendResponse: true },
    },
    {
      name: "answers a series that began long ago",
      event: invitation({ type: "seriesMaster" }, "2019-06-14T08:00/09:00"),
      gives: { ok: true, call: "accept", sendResponse: true },
    },
    { name: "refuses to accept and propose another time", proposal, gives: no("accept_takes_no_proposal") },
    {
      name: "refuses another time if the organizer forbids proposals",
      answer: "tentative",
      proposal,
      event: invitation({ allowNewTimeProposals: false }),
      gives: no("proposals_not_allowed"),
    },
    {
      name: "refuses a proposed time that ends before it begins",
      answer: "decline",
      proposal: wrong("2026-06-21T08:00:00", "2026-06-21T08:00:00"),
      gives: no("proposal_invalid"),
    },
    {
      name: "refuses a proposed time in the past",
      answer: "decline",
      proposal: wrong("2026-06-14T08:00:00", "2026-06-21T08:00:00"),
      gives: no("proposal_invalid"),
    },
    {
      name: "refuses a proposed time that the clock skips",
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
