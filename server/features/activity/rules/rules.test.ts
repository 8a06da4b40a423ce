/** Recipients by channel, settings and status: the server's push decision. Mentions have their own table. */

import { describe } from "bun:test";
import { check, NOW } from "../testing/cases.ts";
import { idOf } from "../testing/world.ts";

const TOWN = idOf("town");
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
