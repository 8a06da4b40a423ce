/**
 * Tests the recipients of a push: the stand-in calls NotificationWillBePushed once for each of them, by the rules of
 * the real server.
 */

import { describe, expect, test } from "bun:test";
import type { PushNotification } from "../../../server/runtime/mattermost/index.ts";
import { pluginApi } from "./plugin-api.ts";
import { publish } from "./publish.ts";
import { type HookSink, World } from "./world.ts";

interface HookCall {
  readonly hook: string;
  readonly userId: string;
  readonly notification: PushNotification;
}

/** Ana writes; Ben and Cem read. */
function town(answer: [Partial<PushNotification> | null, string] = [null, ""]) {
  const now = 1_700_000_000_000;
  const world = new World({ now: () => now });
  const [ana, ben, cem] = ["ana", "ben", "cem"].map((Username) => world.addUser({ Username })) as [
    ReturnType<World["addUser"]>,
    ReturnType<World["addUser"]>,
    ReturnType<World["addUser"]>,
  ];
  const team = world.addTeam({ Name: "alpha" });
  for (const user of [ana, ben, cem]) world.joinTeam(user.Id, team.Id);
  const square = world.channelByName(team.Id, "town-square");
  if (!square) throw new Error("no town square");
  const calls: HookCall[] = [];
  const sink: HookSink = {
    node: "node-1",
    has: (hook) => hook === "notificationWillBePushed" || hook === "messageHasBeenPosted",
    async call(hook, ...args) {
      if (hook !== "notificationWillBePushed") return undefined;
      const [notification, userId] = args as [PushNotification, string];
      calls.push({ hook, userId, notification });
      return answer;
    },
  };
  world.hookSinks.add(sink);
  const names = new Map([ana, ben, cem].map((user) => [user.Id, user.Username]));
  /** Posts, and returns the usernames of the people who got a push. */
  const say = async (Message: string, RootId = "", UserId = ana.Id) => {
    calls.length = 0;
    const post = await publish(world, { UserId, ChannelId: square.Id, Message, RootId });
    await world.settled();
    return { post, to: calls.map(({ userId }) => names.get(userId)).sort() };
  };
  const notify = (user: { Id: string }, props: Record<string, string>) => {
    const known = world.users.get(user.Id);
    if (known) world.putUser({ ...known, NotifyProps: { ...known.NotifyProps, ...props } });
  };
  return { world, ana, ben, cem, square, sink, calls, say, notify };
}

describe("people for whom NotificationWillBePushed is called", () => {
  const cases: {
    name: string;
    message: string;
    to: string[];
    before?: (t: ReturnType<typeof town>) => void;
  }[] = [
    { name: "a message without a mention", message: "hello", to: [] },
    { name: "a mention", message: "hello @ben.", to: ["ben"] },
    { name: "a mention inside code", message: "run `@ben`", to: [] },
    { name: "a mention of the author", message: "@ana", to: [] },
    { name: "a channel mention", message: "@channel", to: ["ben", "cem"] },
    {
      name: "a mention of a person and of the channel",
      message: "@ben @channel",
      to: ["ben", "cem"],
    },
    {
      name: "@here while only Cem is online",
      message: "@here",
      to: ["cem"],
      before: ({ world, cem }) => world.setStatus(cem.Id, "online"),
    },
    {
      name: "a mention of Cem and of Ben, who does not want to be disturbed",
      message: "@ben @cem",
      to: ["cem"],
      before: ({ world, ben }) => world.setStatus(ben.Id, "dnd"),
    },
    {
      name: "a mention of Cem and of Ben, who switched pushes off a moment ago",
      message: "@ben @cem",
      to: ["cem"],
      before: ({ notify, ben }) => notify(ben, { push: "none" }),
    },
    {
      name: "a keyword of Cem",
      message: "the Kettle boils",
      to: ["cem"],
      before: ({ notify, cem }) => notify(cem, { mention_keys: "kettle" }),
    },
    {
      name: "a message, while Ben wants pushes for everything",
      message: "hello",
      to: ["ben"],
      before: ({ notify, ben }) => notify(ben, { push: "all" }),
    },
    {
      name: "a mention of Ben, who muted the channel",
      message: "@ben",
      to: [],
      before: ({ world, ben, square }) => {
        const member = world.channelMember(square.Id, ben.Id);
        if (member) member.NotifyProps.mark_unread = "mention";
      },
    },
    {
      name: "a mention, while the server sends no pushes",
      message: "@ben",
      to: [],
      before: ({ world }) => {
        world.config.EmailSettings.SendPushNotifications = false;
      },
    },
    {
      name: "a mention, while the plugin is dead and gets no hook",
      message: "@ben",
      to: [],
      before: ({ world, sink }) => world.hookSinks.delete(sink),
    },
  ];
  for (const each of cases) {
    test(`${each.name}: ${each.to.join(", ") || "nobody"}`, async () => {
      const here = town();
      each.before?.(here);
      expect((await here.say(each.message)).to).toEqual(each.to);
    });
  }

  test("no hook is repeated for a post that was written while the plugin was dead", async () => {
    const { world, sink, say, calls } = town();
    world.hookSinks.delete(sink);
    await say("@ben");
    expect(world.pushes).toHaveLength(1);
    world.hookSinks.add(sink);
    await world.settled();
    expect(calls).toEqual([]);
    expect((await say("@ben")).to).toEqual(["ben"]);
  });

  test("the hook has no Context, and gets the post's ids and text", async () => {
    const { say, calls, square } = town();
    const { post } = await say("hello @ben");
    expect(calls[0]?.notification).toMatchObject({
      Type: "message",
      PostId: post.Id,
      ChannelId: square.Id,
      Message: "@ana: hello @ben",
    });
  });

  test("a plugin may refuse a push, or change it", async () => {
    const refusing = town([null, "not now"]);
    await refusing.say("@ben");
    expect(refusing.world.pushes).toEqual([]);
    const changing = town([{ Message: "changed", Type: "message" }, ""]);
    await changing.say("@ben");
    expect(changing.world.pushes.map(({ message }) => message)).toEqual(["changed"]);
  });

  test("a plugin's own push passes through the hook, too", async () => {
    const { world, ben, calls } = town();
    await pluginApi(world).sendPushNotification({ Message: "from a plugin", Type: "message" }, ben.Id);
    await world.settled();
    expect(calls.map(({ userId }) => userId)).toEqual([ben.Id]);
  });
});

describe("who follows a thread", () => {
  test("its root's author, its writers, and those mentioned: each gets a push for the next reply", async () => {
    const { say, ana, ben, cem } = town();
    const { post: root } = await say("root", "", ben.Id);
    expect((await say("first", root.Id, ana.Id)).to).toEqual(["ben"]);
    expect((await say("see @cem", root.Id, ana.Id)).to).toEqual(["ben", "cem"]);
    expect((await say("third", root.Id, cem.Id)).to).toEqual(["ana", "ben"]);
  });

  test("a person who unfollows by hand gets nothing until somebody mentions them", async () => {
    const { world, say, ben } = town();
    const { post: root } = await say("root", "", ben.Id);
    expect((await say("one", root.Id)).to).toEqual(["ben"]);
    world.setFollows(root.Id, ben.Id, false);
    expect((await say("two", root.Id)).to).toEqual([]);
    expect((await say("three @ben", root.Id)).to).toEqual(["ben"]);
    expect((await say("four", root.Id)).to).toEqual(["ben"]);
  });

  test("a person who follows by hand gets the next reply without having written", async () => {
    const { world, say, cem } = town();
    const { post: root } = await say("root");
    expect((await say("one", root.Id)).to).toEqual([]);
    world.setFollows(root.Id, cem.Id, true);
    expect((await say("two", root.Id)).to).toEqual(["cem"]);
  });

  test("@here in a root reaches those who are online at the reply, not at the root", async () => {
    const { world, say, ben, cem } = town();
    world.setStatus(ben.Id, "online");
    const { post: root } = await say("@here");
    world.setStatus(ben.Id, "offline");
    expect((await say("one", root.Id)).to).toEqual([]);
    world.setStatus(cem.Id, "online");
    expect((await say("two", root.Id)).to).toEqual(["cem"]);
    world.setStatus(cem.Id, "offline");
    expect((await say("three", root.Id)).to).toEqual(["cem"]);
  });

  test("nobody follows by writing if ThreadAutoFollow is off", async () => {
    const { world, say, ben } = town();
    world.config.ServiceSettings.ThreadAutoFollow = false;
    const { post: root } = await say("root", "", ben.Id);
    expect((await say("one", root.Id)).to).toEqual([]);
    expect(world.followers(root.Id)).toEqual([]);
  });
});
