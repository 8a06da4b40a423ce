/** Replies: the older way (comments) and collapsed threads (followers). */

import { describe } from "bun:test";
import { check, NOW } from "../testing/cases.ts";
import { idOf } from "../testing/world.ts";

const crt = (value: "on" | "off") => ({ "display_settings/collapsed_reply_threads": value });

describe("without collapsed threads", () => {
  const bob = (comments: string, over: object = {}) => ({ notify: { comments, ...over } });
  check([
    {
      name: "bob started it and wants replies to his posts",
      thread: [{ by: "bob" }],
      post: "reply",
      bob: bob("root"),
      tells: "bob: thread_reply",
    },
    {
      name: "bob started it and wants replies to all",
      thread: [{ by: "bob" }],
      post: "reply",
      bob: bob("any"),
      tells: "bob: thread_reply",
    },
    {
      name: "bob started it and wants none",
      thread: [{ by: "bob" }],
      post: "reply",
      bob: bob("never"),
      tells: "",
    },
    {
      name: "bob replied before and wants all",
      thread: [{ by: "carol" }, { by: "bob" }],
      post: "reply",
      bob: bob("any"),
      tells: "bob: thread_reply",
    },
    {
      name: "bob replied before and wants only his own",
      thread: [{ by: "carol" }, { by: "bob" }],
      post: "reply",
      bob: bob("root"),
      tells: "",
    },
    {
      name: "bob had nothing to do with it",
      thread: [{ by: "carol" }],
      post: "reply",
      bob: bob("any"),
      tells: "",
    },
    {
      name: "bob was only named in it",
      thread: [{ by: "carol", says: "@bob" }],
      post: "reply",
      bob: bob("any"),
      tells: "",
    },
    {
      name: "bob replies himself",
      thread: [{ by: "bob" }],
      post: { Message: "reply", UserId: idOf("bob") },
      bob: bob("any"),
      tells: "",
    },
    {
      name: "alice's own thread, her own reply",
      thread: [{ by: "alice" }],
      post: "reply",
      alice: bob("any"),
      tells: "",
    },
    { name: "named in the reply", thread: [{ by: "carol" }], post: "@bob", tells: "bob: mention" },
    {
      name: "started by him and named: the name wins",
      thread: [{ by: "bob" }],
      post: "@bob",
      bob: bob("any"),
      tells: "bob: mention",
    },
    {
      name: "started by bob's integration under another name",
      thread: [{ by: "bob", props: { from_webhook: "true", override_username: "CI" } }],
      post: "reply",
      bob: bob("any"),
      tells: "",
    },
    {
      name: "that, and bob replied too",
      thread: [{ by: "bob", props: { from_webhook: "true", override_username: "CI" } }, { by: "bob" }],
      post: "reply",
      bob: bob("any"),
      tells: "bob: thread_reply",
    },
    {
      name: "muted",
      thread: [{ by: "bob" }],
      post: "reply",
      bob: { ...bob("any"), channel: { mark_unread: "mention" } },
      tells: "",
    },
    {
      name: "push for mentions: a reply to one's own post is one",
      thread: [{ by: "bob" }],
      post: "reply",
      bob: bob("any", { push: "mention" }),
      tells: "bob: thread_reply",
    },
    {
      name: "push off",
      thread: [{ by: "bob" }],
      post: "reply",
      bob: bob("any", { push: "none" }),
      tells: "",
    },
    {
      name: "all activity",
      thread: [{ by: "carol" }],
      post: "reply",
      bob: { notify: { push: "all" } },
      tells: "bob: keyword",
    },
    {
      name: "has the channel open",
      thread: [{ by: "bob" }],
      post: "reply",
      bob: { ...bob("any"), status: { Status: "online", ActiveChannel: idOf("town"), LastActivityAt: NOW } },
      tells: "",
    },
    {
      name: "a reply in a direct message",
      thread: [{ by: "bob" }],
      post: "reply",
      channel: "D",
      tells: "bob: direct_message",
    },
    {
      name: "a reply in a group message",
      thread: [{ by: "alice" }],
      post: "reply",
      channel: "G",
      tells: "bob: group_message, carol: group_message",
    },
    {
      name: "following means nothing here",
      thread: [{ by: "carol" }],
      post: "reply",
      bob: { channel: { channel_auto_follow_threads: "on" } },
      tells: "",
    },
  ]);
});

describe("where members choose", () => {
  const thread = [{ by: "bob" }];
  check([
    {
      name: "default off, bob never chose",
      thread,
      post: "reply",
      server: { threads: "default_off" },
      tells: "",
    },
    {
      name: "default off, bob chose on",
      thread,
      post: "reply",
      server: { threads: "default_off" },
      bob: { preferences: crt("on") },
      tells: "bob: thread_reply",
    },
    {
      name: "default on, bob never chose",
      thread,
      post: "reply",
      server: { threads: "default_on" },
      tells: "bob: thread_reply",
    },
    {
      name: "default on, bob chose off",
      thread,
      post: "reply",
      server: { threads: "default_on" },
      bob: { preferences: crt("off") },
      tells: "",
    },
    {
      name: "default on, bob chose off and wants replies",
      thread,
      post: "reply",
      server: { threads: "default_on" },
      bob: { preferences: crt("off"), notify: { comments: "any" } },
      tells: "bob: thread_reply",
    },
    {
      name: "always on, bob's old choice is ignored",
      thread,
      post: "reply",
      server: { threads: "always_on" },
      bob: { preferences: crt("off") },
      tells: "bob: thread_reply",
    },
    {
      name: "disabled, bob's old choice is ignored",
      thread,
      post: "reply",
      server: { threads: "disabled" },
      bob: { preferences: crt("on") },
      tells: "",
    },
  ]);
});
