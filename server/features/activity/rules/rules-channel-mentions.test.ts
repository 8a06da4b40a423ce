/** Recipients of a post that names everybody in a channel, or a group. */

import { describe } from "bun:test";
import { check } from "../testing/cases.ts";
import { idOf } from "../testing/world.ts";

const TOWN = idOf("town");
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
