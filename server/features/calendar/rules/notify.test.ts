import { describe, expect, test } from "bun:test";
import { type ZoneId, zoneOf } from "../../../microsoft/time-zones/index.ts";
import type { CalendarEvent } from "./event.ts";
import { type EventChange, notificationOf } from "./notify.ts";
import { allDay, at, event } from "./testing/events.ts";

const unanswered = { responseStatus: { response: "notResponded" } };
const invitation = (different = {}, time = "2026-06-20T08:00/09:00") =>
  event("n", time, { ...unanswered, ...different });
const changed = (different = {}, time?: string) => invitation({ changeKey: "k2", ...different }, time);
const none = (why: string) => ({ kind: "none", why });

function notify(
  change: EventChange["change"],
  previous: CalendarEvent | null,
  current: CalendarEvent | null,
) {
  const zone = zoneOf("Europe/Berlin") as ZoneId;
  return notificationOf(
    { change, previous, current, subscribedAt: at("2026-06-01T00:00"), zone },
    at("2026-06-15T06:00"),
  ) as unknown;
}

describe("a notification", () => {
  test("D1, D3, D12: announces an invitation, but not an own event, nor one older than the subscription", () => {
    expect(notify("created", null, invitation())).toEqual({ kind: "new", answer: true });
    expect(notify("created", null, invitation({ isOrganizer: true }))).toEqual(none("own"));
    expect(notify("updated", null, invitation({ createdDateTime: "2026-05-01T00:00:00Z" }))).toEqual(
      none("baseline"),
    );
  });

  test("D2: announces a create and an update in a row as one card", () => {
    expect(notify("updated", invitation(), invitation())).toEqual(none("duplicate"));
    expect(notify("updated", invitation(), changed())).toEqual(none("minor"));
  });

  test("D4, D6: lists old and new values of the fields that matter", () => {
    const before = invitation({ location: { displayName: "Room 1" } });
    const after = changed({
      location: { displayName: "Room 2" },
      subject: "New",
      bodyPreview: "x",
      categories: ["y"],
    });
    expect(notify("updated", before, after)).toEqual({
      kind: "updated",
      changed: [
        { field: "subject", from: "Meeting n", to: "New" },
        { field: "location", from: "Room 1", to: "Room 2" },
      ],
      answer: true,
    });
    const moved = changed({}, "2026-06-20T08:30/09:00");
    expect(notify("updated", invitation(), moved)).toMatchObject({
      changed: [{ field: "when", from: invitation().time, to: moved.time }],
    });
  });

  test("D5: the answer of another guest, or the own answer, is not news", () => {
    expect(notify("updated", invitation(), changed({ responseStatus: { response: "accepted" } }))).toEqual(
      none("minor"),
    );
  });

  test("D7: treats the same moments in another zone as the same time, but not a day and its midnights", () => {
    const berlin = (dateTime: string) => ({ dateTime, timeZone: "W. Europe Standard Time" });
    const same = changed({ start: berlin("2026-06-20T10:00:00"), end: berlin("2026-06-20T11:00:00") });
    expect(notify("updated", invitation(), same)).toEqual(none("minor"));
    const day = allDay("n", "2026-06-20", "2026-06-21", { ...unanswered, changeKey: "k2" });
    expect(notify("updated", invitation({}, "2026-06-20T00:00/2026-06-21T00:00"), day)).toMatchObject({
      changed: [{ field: "when" }],
    });
  });

  test("D8, D9: announces a cancelled event, and a deleted one only if it is remembered", () => {
    expect(notify("updated", invitation(), changed({ isCancelled: true }))).toEqual({ kind: "cancelled" });
    expect(notify("deleted", invitation(), null)).toEqual({ kind: "cancelled" });
    // The event cannot be read any more, although the change notification said "updated".
    expect(notify("updated", invitation(), null)).toEqual({ kind: "cancelled" });
    expect(notify("deleted", null, null)).toEqual(none("unknown_event"));
    expect(notify("updated", null, changed({ isCancelled: true }))).toEqual(none("unknown_event"));
  });

  test("announces a cancellation once: not again when the event is removed afterwards", () => {
    expect(notify("deleted", changed({ isCancelled: true }), null)).toEqual(none("duplicate"));
    expect(notify("updated", changed({ isCancelled: true }), invitation({ isCancelled: true }))).toEqual(
      none("duplicate"),
    );
  });

  test("D11: sends no card about the end of a declined event", () => {
    const declined = invitation({ responseStatus: { response: "declined" } });
    expect(notify("deleted", declined, null)).toEqual(none("declined"));
    expect(notify("updated", declined, changed({ isCancelled: true }))).toEqual(none("declined"));
  });

  test("an own event that the person deletes is not news", () => {
    expect(notify("deleted", invitation({ isOrganizer: true }), null)).toEqual(none("own"));
  });

  test("sends no card for past events, unless one is moved into the past or out of it", () => {
    const past = "2026-06-14T08:00/09:00";
    expect(notify("created", null, invitation({}, past))).toEqual(none("past"));
    expect(notify("updated", invitation({}, past), changed({ subject: "New" }, past))).toEqual(none("past"));
    expect(notify("deleted", invitation({}, past), null)).toEqual(none("past"));
    expect(notify("updated", invitation(), changed({}, past))).toMatchObject({ kind: "updated" });
    expect(notify("updated", invitation({}, past), changed())).toMatchObject({ kind: "updated" });
  });

  test("D14: sends one card for a series, even if its first occurrence is years ago, and none per occurrence", () => {
    const master = invitation({ type: "seriesMaster" }, "2019-06-20T08:00/09:00");
    expect(notify("created", null, master)).toEqual({ kind: "new", answer: true });
    expect(notify("created", null, invitation({ type: "occurrence", seriesMasterId: "s" }))).toEqual(
      none("series"),
    );
  });

  test("D15: gives the original time of a moved occurrence, although it is seen for the first time", () => {
    const series = { type: "exception", seriesMasterId: "s", originalStart: "2026-06-19T08:00:00Z" };
    expect(notify("updated", null, changed(series))).toMatchObject({
      kind: "updated",
      changed: [{ field: "when", from: { start: at("2026-06-19T08:00"), end: at("2026-06-19T09:00") } }],
    });
    const unmoved = changed({ ...series, originalStart: "2026-06-20T08:00:00Z" });
    expect(notify("updated", null, unmoved)).toEqual(none("series"));
  });

  test("adds buttons to a card where an answer is wanted", () => {
    expect(notify("created", null, invitation({ responseRequested: false }))).toEqual({
      kind: "new",
      answer: false,
    });
    const after = changed({ subject: "New", responseRequested: false });
    expect(notify("updated", invitation(), after)).toMatchObject({ kind: "updated", answer: false });
  });
});
