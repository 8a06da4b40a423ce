/** Recipients by channel, settings and status: the server's push decision. Mentions have their own table. */

import { describe, expect, test } from "bun:test";
import { isQuiet } from "../../../platform/preferences/index.ts";
import { check, NOW } from "../testing/cases.ts";
import { idOf } from "../testing/world.ts";

const TOWN = idOf("town");
const own = (name: string, value: string) => ({ [`pp_mission-collaboration/${name}`]: value });

describe("the whole channel", () => {
  check([
    { name: "@channel", post: "@channel", tells: "bob: channel_mention, carol: channel_mention" },
    { name: "@all", post: "@all", tells: "bob: channel_mention, carol: channel_mention" },
    { name: "@ALL", post: "@ALL", tells: "bob: channel_mention, carol: channel_mention" },
    {
      name: "@channel before a full stop",
      post: "hi @channel.",
      tells: "bob: channel_mention, carol: channel_mention",
    },
    { name: "@channels is no word for it", post: "@channels", tells: "" },
    { name: "channel without @", post: "channel", tells: "" },
    { name: "@all in code", post: "`@all`", tells: "" },
    {
      name: "@here, online ones only",
      post: "@here",
      bob: { status: "online" },
      tells: "bob: channel_mention",
    },
    { name: "@here, away", post: "@here", bob: { status: "away" }, tells: "" },
    { name: "@here, do not disturb", post: "@here", bob: { status: "dnd" }, tells: "" },
    {
      name: "@here and @channel",
      post: "@here @channel",
      tells: "bob: channel_mention, carol: channel_mention",
    },
    {
      name: "named as well: the name wins",
      post: "@channel @bob",
      tells: "bob: mention, carol: channel_mention",
    },
    {
      name: "bob switched it off for himself",
      post: "@channel",
      bob: { notify: { channel: "false" } },
      tells: "carol: channel_mention",
    },
    {
      name: "bob ignores it in this channel",
      post: "@channel",
      bob: { channel: { ignore_channel_mentions: "on" } },
      tells: "carol: channel_mention",
    },
    {
      name: "bob does not ignore it",
      post: "@channel",
      bob: { channel: { ignore_channel_mentions: "off" } },
      tells: "bob: channel_mention, carol: channel_mention",
    },
    {
      name: "bob muted the channel",
      post: "@channel",
      bob: { channel: { mark_unread: "mention" } },
      tells: "carol: channel_mention",
    },
    {
      name: "muted, but not ignoring: still muted",
      post: "@channel",
      bob: { channel: { mark_unread: "mention", ignore_channel_mentions: "off" } },
      tells: "carol: channel_mention",
    },
    { name: "the author may not", post: "@channel", server: { denied: "use_channel_mentions" }, tells: "" },
    {
      name: "the author may not, but named bob",
      post: "@channel @bob",
      server: { denied: "use_channel_mentions" },
      tells: "bob: mention",
    },
    {
      name: "one below the server's limit",
      post: "@channel",
      server: { limit: 4 },
      tells: "bob: channel_mention, carol: channel_mention",
    },
    { name: "at the server's limit", post: "@channel", server: { limit: 3 }, tells: "" },
    { name: "above the server's limit", post: "@all", server: { limit: 2 }, tells: "" },
    {
      name: "members without a link are part of the limit",
      post: "@channel",
      server: { limit: 1000, activeMembers: 5000 },
      tells: "",
    },
    {
      name: "above the limit, but named",
      post: "@channel @bob",
      server: { limit: 2 },
      tells: "bob: mention",
    },
    {
      name: "above the limit, all activity",
      post: "@channel",
      server: { limit: 2 },
      bob: { notify: { push: "all" } },
      tells: "bob: keyword",
    },
    {
      name: "in a group message",
      post: "@all",
      channel: "G",
      tells: "bob: channel_mention, carol: channel_mention",
    },
    {
      name: "in a private channel",
      post: "@all",
      channel: "P",
      tells: "bob: channel_mention, carol: channel_mention",
    },
  ]);
});

describe("direct and group messages", () => {
  check([
    { name: "a direct message", post: "hi", channel: "D", tells: "bob: direct_message" },
    { name: "a direct message that names", post: "hi @bob", channel: "D", tells: "bob: direct_message" },
    { name: "@channel in a direct message", post: "@channel", channel: "D", tells: "bob: direct_message" },
    {
      name: "to oneself",
      post: "note",
      channel: { Type: "D", Name: `${idOf("alice")}__${idOf("alice")}` },
      tells: "",
    },
    {
      name: "from bob to alice",
      post: { Message: "hi", UserId: idOf("bob") },
      channel: "D",
      tells: "alice: direct_message",
    },
    {
      name: "from a bot into their channel: both",
      post: { Message: "hi", UserId: idOf("helper") },
      channel: "D",
      others: { helper: { bot: true, channel: null } },
      tells: "alice: direct_message, bob: direct_message",
    },
    {
      name: "by alice's webhook: both",
      post: { Message: "hi", Props: { from_webhook: "true" } },
      channel: "D",
      tells: "alice: direct_message, bob: direct_message",
    },
    { name: "muted", post: "hi", channel: "D", bob: { channel: { mark_unread: "mention" } }, tells: "" },
    {
      name: "push for mentions: a direct message is one",
      post: "hi",
      channel: "D",
      bob: { notify: { push: "mention" } },
      tells: "bob: direct_message",
    },
    { name: "push off", post: "hi", channel: "D", bob: { notify: { push: "none" } }, tells: "" },
    { name: "in code too", post: "`hi`", channel: "D", tells: "bob: direct_message" },
    {
      name: "files without text",
      post: { Message: "", FileIds: ["f"] },
      channel: "D",
      tells: "bob: direct_message",
    },
    {
      name: "a group message tells all",
      post: "hi",
      channel: "G",
      tells: "bob: group_message, carol: group_message",
    },
    {
      name: "a group message that names bob",
      post: "hi @bob",
      channel: "G",
      tells: "bob: mention, carol: group_message",
    },
    {
      name: "push for mentions: a group message is one",
      post: "hi",
      channel: "G",
      bob: { notify: { push: "mention" } },
      tells: "bob: group_message, carol: group_message",
    },
    {
      name: "this group only for mentions",
      post: "hi",
      channel: "G",
      bob: { channel: { push: "mention" } },
      tells: "carol: group_message",
    },
    {
      name: "this group only for mentions, and mentioned",
      post: "@bob",
      channel: "G",
      bob: { channel: { push: "mention" } },
      tells: "bob: mention, carol: group_message",
    },
    {
      name: "this group off",
      post: "hi @bob",
      channel: "G",
      bob: { channel: { push: "none" } },
      tells: "carol: group_message",
    },
    {
      name: "this group muted",
      post: "hi @bob",
      channel: "G",
      bob: { channel: { mark_unread: "mention" } },
      tells: "carol: group_message",
    },
    {
      name: "push off",
      post: "hi",
      channel: "G",
      bob: { notify: { push: "none" } },
      tells: "carol: group_message",
    },
  ]);
});

describe("levels of person and channel", () => {
  check([
    { name: "nothing said to anybody", post: "just talking", tells: "" },
    { name: "person: all activity", post: "talk", bob: { notify: { push: "all" } }, tells: "bob: keyword" },
    { name: "person: mentions", post: "talk", bob: { notify: { push: "mention" } }, tells: "" },
    { name: "person: nothing, though named", post: "@bob", bob: { notify: { push: "none" } }, tells: "" },
    { name: "channel: all activity", post: "talk", bob: { channel: { push: "all" } }, tells: "bob: keyword" },
    {
      name: "channel: all activity, person: nothing",
      post: "talk",
      bob: { notify: { push: "none" }, channel: { push: "all" } },
      tells: "bob: keyword",
    },
    {
      name: "channel: mentions, person: all activity",
      post: "talk",
      bob: { notify: { push: "all" }, channel: { push: "mention" } },
      tells: "",
    },
    {
      name: "channel: mentions, and named",
      post: "@bob",
      bob: { channel: { push: "mention" } },
      tells: "bob: mention",
    },
    { name: "channel: nothing, though named", post: "@bob", bob: { channel: { push: "none" } }, tells: "" },
    {
      name: "channel: nothing, person: all activity",
      post: "talk",
      bob: { notify: { push: "all" }, channel: { push: "none" } },
      tells: "",
    },
    { name: "channel: default", post: "@bob", bob: { channel: { push: "default" } }, tells: "bob: mention" },
    { name: "channel: no value", post: "@bob", bob: { channel: { push: "" } }, tells: "bob: mention" },
    { name: "muted, though named", post: "@bob", bob: { channel: { mark_unread: "mention" } }, tells: "" },
    {
      name: "muted, all activity",
      post: "talk",
      bob: { notify: { push: "all" }, channel: { mark_unread: "mention" } },
      tells: "",
    },
    {
      name: "all activity and named: the name wins",
      post: "@bob",
      bob: { notify: { push: "all" } },
      tells: "bob: mention",
    },
    {
      name: "desktop and e-mail levels do not matter",
      post: "@bob",
      bob: { notify: { desktop: "none", email: "false" } },
      tells: "bob: mention",
    },
    { name: "archived channel", post: "@bob", channel: { DeleteAt: 1 }, tells: "" },
  ]);
});

describe("status", () => {
  const bob = (status: string, pushStatus?: string) => ({
    status,
    ...(pushStatus ? { notify: { push_status: pushStatus } } : {}),
  });
  const inChannel = (agoMs: number, channel = TOWN) => ({
    status: { Status: "online", ActiveChannel: channel, LastActivityAt: NOW - agoMs },
  });
  check([
    { name: "online", post: "@bob", bob: bob("online"), tells: "bob: mention" },
    { name: "away", post: "@bob", bob: bob("away"), tells: "bob: mention" },
    { name: "offline", post: "@bob", bob: bob("offline"), tells: "bob: mention" },
    { name: "do not disturb", post: "@bob", bob: bob("dnd"), tells: "" },
    {
      name: "do not disturb, for a while",
      post: "@bob",
      bob: { status: { Status: "dnd", DNDEndTime: NOW / 1000 + 600 } },
      tells: "",
    },
    { name: "out of office", post: "@bob", bob: bob("ooo"), tells: "" },
    { name: "wants it when away or offline: online", post: "@bob", bob: bob("online", "away"), tells: "" },
    {
      name: "wants it when away or offline: away",
      post: "@bob",
      bob: bob("away", "away"),
      tells: "bob: mention",
    },
    {
      name: "wants it when away or offline: offline",
      post: "@bob",
      bob: bob("offline", "away"),
      tells: "bob: mention",
    },
    { name: "wants it when offline: away", post: "@bob", bob: bob("away", "offline"), tells: "" },
    {
      name: "wants it when offline: offline",
      post: "@bob",
      bob: bob("offline", "offline"),
      tells: "bob: mention",
    },
    { name: "an unknown wish", post: "@bob", bob: bob("offline", "never"), tells: "" },
    { name: "has the channel open", post: "@bob", bob: inChannel(1_000), tells: "" },
    { name: "had the channel open 19 s ago", post: "@bob", bob: inChannel(19_000), tells: "" },
    { name: "had the channel open 21 s ago", post: "@bob", bob: inChannel(21_000), tells: "bob: mention" },
    {
      name: "has another channel open",
      post: "@bob",
      bob: inChannel(1_000, idOf("other")),
      tells: "bob: mention",
    },
    {
      name: "has the channel open, but wants it when away only",
      post: "@bob",
      bob: { ...inChannel(1_000), notify: { push_status: "away" } },
      tells: "",
    },
    { name: "a direct message that is open", post: "hi", channel: "D", bob: inChannel(0), tells: "" },
  ]);
});

describe("possible recipients", () => {
  check([
    { name: "the author is not", post: "@alice", tells: "" },
    { name: "the author, all activity", post: "talk", alice: { notify: { push: "all" } }, tells: "" },
    {
      name: "the author's webhook names the author",
      post: { Message: "@alice", Props: { from_webhook: "true" } },
      tells: "alice: mention",
    },
    {
      name: "the author's webhook, all activity",
      post: { Message: "talk", Props: { from_webhook: "true" } },
      alice: { notify: { push: "all" } },
      tells: "alice: keyword",
    },
    { name: "a deactivated account", post: "@bob", bob: { deactivated: true }, tells: "" },
    { name: "a bot", post: "@bob", bob: { bot: true }, tells: "" },
    { name: "a person of another server", post: "@bob", bob: { remote: true }, tells: "" },
    { name: "an account without a link", post: "@bob", bob: { linked: false }, tells: "" },
    { name: "somebody outside the channel", post: "@bob", bob: { channel: null }, tells: "" },
    {
      name: "by a bot",
      post: { Message: "@bob", UserId: idOf("helper") },
      others: { helper: { bot: true } },
      tells: "bob: mention",
    },
    {
      name: "by a webhook with another name",
      post: { Message: "@bob", Props: { from_webhook: "true", override_username: "CI" } },
      tells: "bob: mention",
    },
    {
      name: "an urgent post",
      post: { Message: "@bob", Metadata: { Priority: { Priority: "urgent" } } as never },
      tells: "bob: mention",
    },
    {
      name: "an urgent post does not break do not disturb",
      post: { Message: "@bob", Metadata: { Priority: { Priority: "urgent" } } as never },
      bob: { status: "dnd" },
      tells: "",
    },
    {
      name: "a post that wants to be acknowledged",
      post: { Message: "@bob", Metadata: { Priority: { RequestedAck: true } } as never },
      tells: "bob: mention",
    },
    { name: "edited later: not again", post: { Message: "@bob", EditAt: NOW }, tells: "" },
    { name: "deleted", post: { Message: "@bob", DeleteAt: NOW }, tells: "" },
    { name: "/me", post: { Message: "@bob", Type: "me" }, tells: "bob: mention" },
    {
      name: "a post of a plugin's own type",
      post: { Message: "@bob", Type: "custom_poll" },
      tells: "bob: mention",
    },
    ...[
      "system_join_channel",
      "system_add_to_channel",
      "system_header_change",
      "system_purpose_change",
      "system_displayname_change",
      "system_auto_responder",
      "system_ephemeral",
      "system_generic",
    ].map((Type) => ({ name: Type, post: { Message: "@bob @channel", Type }, tells: "" })),
  ]);
});

describe("groups", () => {
  const groups = { devs: { members: ["bob", "carol"] } };
  check([
    { name: "its members", post: "@devs", groups, tells: "bob: mention, carol: mention" },
    { name: "in capitals", post: "@Devs", groups, tells: "bob: mention, carol: mention" },
    { name: "before a full stop", post: "@devs.", groups, tells: "bob: mention, carol: mention" },
    {
      name: "with a hyphen",
      post: "@dev-team",
      groups: { "dev-team": { members: ["bob"] } },
      tells: "bob: mention",
    },
    { name: "without @", post: "devs", groups, tells: "" },
    { name: "in code", post: "`@devs`", groups, tells: "" },
    {
      name: "a name, a group and everybody: once each",
      post: "@bob @devs @channel",
      groups,
      tells: "bob: mention, carol: mention",
    },
    {
      name: "members outside the channel",
      post: "@devs",
      groups: { devs: { members: ["bob", "dave"] } },
      others: { dave: { channel: null } },
      tells: "bob: mention",
    },
    {
      name: "the author is a member",
      post: "@devs",
      groups: { devs: { members: ["alice", "bob"] } },
      tells: "bob: mention",
    },
    {
      name: "mentions switched off for the group",
      post: "@devs",
      groups: { devs: { members: ["bob"], AllowReference: false } },
      tells: "",
    },
    {
      name: "a deleted group",
      post: "@devs",
      groups: { devs: { members: ["bob"], DeleteAt: 1 } },
      tells: "",
    },
    {
      name: "the author may not",
      post: "@devs",
      groups,
      server: { denied: "use_group_mentions" },
      tells: "",
    },
    { name: "no licence", post: "@devs", groups, server: { license: null }, tells: "" },
    { name: "a licence without groups", post: "@devs", groups, server: { license: "starter" }, tells: "" },
    {
      name: "an enterprise licence",
      post: "@devs",
      groups,
      server: { license: "enterprise" },
      tells: "bob: mention, carol: mention",
    },
    { name: "in a direct message", post: "@devs", groups, channel: "D", tells: "bob: direct_message" },
    {
      name: "in a group message",
      post: "@devs",
      groups: { devs: { members: ["bob"] } },
      channel: "G",
      tells: "bob: mention, carol: group_message",
    },
    {
      name: "a muted member",
      post: "@devs",
      groups,
      bob: { channel: { mark_unread: "mention" } },
      tells: "carol: mention",
    },
    {
      name: "a directory group in an ordinary channel",
      post: "@devs",
      groups: { devs: { members: ["bob"], Source: "ldap" } },
      tells: "bob: mention",
    },
    {
      name: "a directory group in a channel of other groups",
      post: "@devs",
      groups: { devs: { members: ["bob"], Source: "ldap" } },
      channel: { GroupConstrained: true },
      tells: "",
    },
    {
      name: "a directory group in its own channel",
      post: "@devs",
      groups: { devs: { members: ["bob"], Source: "ldap", channels: [TOWN] } },
      channel: { GroupConstrained: true },
      tells: "bob: mention",
    },
    {
      name: "a custom group in a channel of groups",
      post: "@devs",
      groups,
      channel: { GroupConstrained: true },
      tells: "bob: mention, carol: mention",
    },
    {
      name: "a person's name goes before a group's",
      post: "@bob",
      groups: { bob: { members: ["carol"] } },
      tells: "bob: mention",
    },
  ]);
});

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
