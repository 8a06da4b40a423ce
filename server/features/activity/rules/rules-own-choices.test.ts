/** Recipients of a post by their own settings in this plugin, and by the post's origin. */

import { describe, expect, test } from "bun:test";
import { isQuiet } from "../../../platform/preferences/index.ts";
import { check } from "../testing/cases.ts";

const own = (name: string, value: string) => ({ [`pp_mission-collaboration/${name}`]: value });

describe("the person's own settings", () => {
  check([
    { name: "switched off", post: "@bob", bob: { preferences: own("notifications", "off") }, tells: "" },
    {
      name: "switched on",
      post: "@bob",
      bob: { preferences: own("notifications", "on") },
      tells: "bob: mention",
    },
    {
      name: "a value nobody knows",
      post: "@bob",
      bob: { preferences: own("notifications", "maybe") },
      tells: "bob: mention",
    },
    {
      name: "the admin's default is off",
      post: "@bob",
      defaults: { enabled: false, onlyWhenAway: false },
      tells: "",
    },
    {
      name: "the admin's default is off, bob switched on",
      post: "@bob",
      defaults: { enabled: false, onlyWhenAway: false },
      bob: { preferences: own("notifications", "on") },
      tells: "bob: mention",
    },
    {
      name: "no mentions",
      post: "@bob",
      bob: { preferences: own("notifications_mention", "off") },
      tells: "",
    },
    {
      name: "no @channel, but named",
      post: "@channel @bob",
      bob: { preferences: own("notifications_channel_mention", "off") },
      tells: "bob: mention, carol: channel_mention",
    },
    {
      name: "no @channel",
      post: "@channel",
      bob: { preferences: own("notifications_channel_mention", "off") },
      tells: "carol: channel_mention",
    },
    {
      name: "no direct messages",
      post: "hi",
      channel: "D",
      bob: { preferences: own("notifications_direct_message", "off") },
      tells: "",
    },
    {
      name: "no group messages",
      post: "hi",
      channel: "G",
      bob: { preferences: own("notifications_group_message", "off") },
      tells: "carol: group_message",
    },
    {
      name: "no keywords",
      post: "deploy",
      bob: { notify: { mention_keys: "deploy" }, preferences: own("notifications_keyword", "off") },
      tells: "",
    },
    {
      name: "only while away: online",
      post: "@bob",
      bob: { status: "online", preferences: own("notifications_only_away", "on") },
      tells: "",
    },
    {
      name: "only while away: away",
      post: "@bob",
      bob: { status: "away", preferences: own("notifications_only_away", "on") },
      tells: "bob: mention",
    },
    {
      name: "only while away by the admin's default",
      post: "@bob",
      defaults: { enabled: true, onlyWhenAway: true },
      bob: { status: "online" },
      tells: "",
    },
    {
      name: "only while away by default, bob does not want that",
      post: "@bob",
      defaults: { enabled: true, onlyWhenAway: true },
      bob: { status: "online", preferences: own("notifications_only_away", "off") },
      tells: "bob: mention",
    },
    {
      name: "quiet hours",
      post: "@bob",
      bob: { preferences: own("notifications_quiet", "11:00-13:00") },
      tells: "",
    },
    {
      name: "outside quiet hours",
      post: "@bob",
      bob: { preferences: own("notifications_quiet", "22:00-07:00") },
      tells: "bob: mention",
    },
    {
      name: "quiet hours where bob lives",
      post: "@bob",
      bob: { timezone: "Asia/Tokyo", preferences: own("notifications_quiet", "20:30-07:00") },
      tells: "",
    },
    {
      name: "quiet hours that nobody can read",
      post: "@bob",
      bob: { preferences: own("notifications_quiet", "late-early") },
      tells: "bob: mention",
    },
    {
      name: "a time zone that nobody knows is UTC",
      post: "@bob",
      bob: { timezone: "Mars/Base", preferences: own("notifications_quiet", "11:00-13:00") },
      tells: "",
    },
  ]);

  test("quiet hours include their start, not their end, and may cross midnight", () => {
    const at = (hour: number, minute: number) => Date.UTC(2026, 10, 21, hour, minute);
    const night = { from: 22 * 60, to: 7 * 60 };
    expect(isQuiet(night, at(21, 59), "")).toBe(false);
    expect(isQuiet(night, at(22, 0), "")).toBe(true);
    expect(isQuiet(night, at(0, 0), "")).toBe(true);
    expect(isQuiet(night, at(6, 59), "")).toBe(true);
    expect(isQuiet(night, at(7, 0), "")).toBe(false);
    const noon = { from: 12 * 60, to: 13 * 60 };
    expect(isQuiet(noon, at(12, 0), "")).toBe(true);
    expect(isQuiet(noon, at(13, 0), "")).toBe(false);
    expect(isQuiet({ from: 60, to: 60 }, at(1, 0), "")).toBe(false);
  });
});

describe("posts that came from Teams or Outlook: Teams itself notifies about them", () => {
  check([
    {
      name: "of a chat, in the direct channel with the bot",
      channel: "D",
      post: { Message: "hello", Props: { teams_chat_id: "19:x", teams_message_id: "1" } },
      tells: "",
    },
    {
      name: "of a linked channel, with a mention",
      post: { Message: "@bob", Props: { teams_channel_id: "19:y", teams_message_id: "1" } },
      tells: "",
    },
    {
      name: "a card of an invitation, in the direct channel with the bot",
      channel: "D",
      post: { Message: "New event", Props: { calendar_event_id: "AAMk1" } },
      tells: "",
    },
    {
      name: "a reminder or a summary, thousands of which come at the same second",
      channel: "D",
      post: { Message: "starts in 10 min", Props: { calendar_step: "d2b0" } },
      tells: "",
    },
    {
      name: "another message of the bot",
      channel: "D",
      post: { Message: "Your account was disconnected", Props: {} },
      tells: "bob: direct_message",
    },
    { name: "a reply to it in Mattermost", post: { Message: "@bob", Props: {} }, tells: "bob: mention" },
    {
      name: "an empty id is no message of Teams",
      post: { Message: "@bob", Props: { teams_message_id: "" } },
      tells: "bob: mention",
    },
  ]);
});
