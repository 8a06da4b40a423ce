import { describe, expect, test } from "bun:test";
import { joinLink } from "./joining.ts";
import { event } from "./testing/events.ts";

const link = (different: { joinUrl?: string; location?: string; bodyPreview?: string }) =>
  joinLink(
    event("a", "2026-06-15T08:00/09:00", {
      onlineMeeting: different.joinUrl === undefined ? null : { joinUrl: different.joinUrl },
      location: { displayName: different.location ?? "" },
      bodyPreview: different.bodyPreview ?? "",
    }),
  );

describe("the join link", () => {
  for (const [text, service] of [
    ["https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d", "teams"],
    ["https://teams.microsoft.com/meet/123?p=x", "teams"],
    ["https://gov.teams.microsoft.us/l/meetup-join/x", "teams"],
    ["https://dod.teams.microsoft.us/l/meetup-join/x", "teams"],
    ["https://teams.live.com/meet/123", "teams"],
    ["https://us02web.zoom.us/j/123?pwd=a.1", "zoom"],
    ["https://agency.zoomgov.com/j/123", "zoom"],
    ["https://example.zoom.us/my/kim", "zoom"],
    ["https://example.webex.com/meet/kim", "webex"],
    ["https://example.webex.com/example/j.php?MTID=m1", "webex"],
    ["https://meet.google.com/abc-defg-hij", "meet"],
  ] as const) {
    test(`${text} is of ${service}, in the place and in the text`, () => {
      expect(link({ location: text })).toEqual({ url: text, service });
      expect(link({ bodyPreview: `Join: <${text}>.\r\nMeeting ID: 1` })).toEqual({ url: text, service });
      expect(link({ location: `Room 1; ${text}` })?.service).toBe(service);
    });
  }

  test("prefers the meeting's own room, whatever the service", () => {
    const zoom = "https://example.zoom.us/j/1";
    expect(link({ joinUrl: "https://teams.microsoft.com/l/meetup-join/x", location: zoom })?.service).toBe(
      "teams",
    );
    expect(link({ joinUrl: "https://meet.example.com/x", location: zoom })).toEqual({
      url: "https://meet.example.com/x",
      service: "other",
    });
  });

  test("unwraps Outlook's safe links", () => {
    const wrapped = `https://nam02.safelinks.protection.outlook.com/?url=${encodeURIComponent("https://example.zoom.us/j/1")}&data=x`;
    expect(link({ bodyPreview: wrapped })).toEqual({ url: "https://example.zoom.us/j/1", service: "zoom" });
  });

  for (const text of [
    "Room 1",
    "http://example.zoom.us/j/1",
    "https://zoom.us.evil.example/j/1",
    "https://evilzoom.us/j/1",
    "https://example.zoom.us@evil.example/j/1",
    "https://kim:secret@example.zoom.us/j/1",
    "https://zoom.us/download",
    "https://support.zoom.us/hc/en-us",
    "https://www.webex.com/pricing",
    "https://meet.google.com/",
    "https://aka.ms/JoinTeamsMeeting?omkt=en-US",
    "https://nam02.safelinks.protection.outlook.com/?url=javascript%3Aalert(1)",
    "https://",
    "javascript:alert('https://')",
  ])
    test(`${text} is not a place to join`, () => {
      expect(link({ location: text })).toBeNull();
      expect(link({ bodyPreview: text })).toBeNull();
    });

  for (const joinUrl of [
    "http://teams.microsoft.com/l/meetup-join/x",
    "javascript:alert(1)",
    "https://a@evil.example/",
  ])
    test(`${joinUrl} as the meeting's own room is not offered`, () => expect(link({ joinUrl })).toBeNull());
});
