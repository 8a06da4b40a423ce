/** Tests the delivery of Teams messages as Mattermost posts: cases C to E of the scenarios. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { ChatsWorld, type Member, Microsoft, type Node } from "../testing/chats-world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: ChatsWorld;
let node: Node;
let cy: Member;
let dora: Member;
let ben: ReturnType<ChatsWorld["stranger"]>;
beforeEach(() => {
  world = new ChatsWorld(microsoft);
  node = world.node();
  cy = world.member("cy");
  dora = world.member("dora");
  ben = world.stranger("Ben Baker");
});
afterEach(() => world.stop());

const direct = () => world.teams.direct(ben.objectId, cy.person.objectId);

describe("a message in a direct chat", () => {
  test("is one post of the bot: who, where, what, with the ids of the message", async () => {
    const { message, outcome } = await world.write(node, direct(), ben, "<p>Are you <b>there</b>?</p>");
    expect(outcome).toEqual({ kind: "done" });
    const [post] = world.posts(cy);
    const id = encodeURIComponent(message.chatId);
    const link = `https://teams.test/l/message/${id}/${message.id}?tenantId=${microsoft.tenant.id}&context=%7B%22contextType%22%3A%22chat%22%7D`;
    expect(post?.Message).toBe(`**Ben Baker** wrote to you in [Teams](${link})\n\nAre you **there**?`);
    expect(post?.Props).toMatchObject({ teams_chat_id: message.chatId, teams_message_id: message.id });
    expect(world.posts(cy)).toHaveLength(1);
    expect(world.posts(dora)).toEqual([]);
  });

  test("asks Graph only for presence, and for nothing while that is cached", async () => {
    await world.write(node, direct(), ben, "<p>one</p>");
    expect(world.asked).toEqual(["POST /communications/getPresencesByUserId"]);
    await world.write(node, direct(), ben, "<p>two</p>");
    expect(world.asked).toHaveLength(1);
    await world.clock.pass(31_000);
    await world.write(node, direct(), ben, "<p>three</p>");
    expect(world.asked).toHaveLength(2);
  });

  test("is in the reader's language", async () => {
    const eva = world.member("eva", { Locale: "de" });
    await world.write(node, world.teams.direct(ben.objectId, eva.person.objectId), ben, "<p>hi</p>");
    expect(world.texts(eva)[0]).toStartWith("**Ben Baker** hat Ihnen in [Teams]");
  });

  test("of a connected sender shows their picture and is posted only to the other", async () => {
    await world.write(
      node,
      world.teams.direct(dora.person.objectId, cy.person.objectId),
      dora.person,
      "<p>hi</p>",
    );
    expect(world.posts(dora)).toEqual([]);
    expect(world.posts(cy)[0]?.Props.override_icon_url).toStartWith(
      `https://chat.example.com/mattermost/api/v4/users/${dora.user.Id}/image`,
    );
  });

  test("is posted to somebody whose connection is lost, because contents need nobody's token", async () => {
    world.lose(cy);
    await world.write(node, direct(), ben, "<p>hi</p>");
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("that is urgent is marked", async () => {
    await world.write(node, direct(), ben, "<p>now</p>", { importance: "urgent" });
    expect(world.texts(cy)[0]).toContain("🚨 **Urgent**\nnow");
  });

  test("longer than a post ends with a link and fits", async () => {
    await world.write(node, direct(), ben, `<p>${"word ".repeat(6_000)}</p>`);
    const [text = ""] = world.texts(cy);
    expect([...text].length).toBeLessThanOrEqual(16_383);
    expect(text).toContain("See the full message in Teams");
  });
});

describe("a name and a topic", () => {
  const hostile = [
    "@all",
    "@cy",
    "~town-square",
    "#tag",
    "[x](https://evil.example)",
    "![x](https://evil.example/p.png)",
    "**bold** `code`",
    "a\n# Head\n\n> quote",
    "javascript:alert(1)",
    ":smile:",
    "| a | b |",
    "\u202egnp.exe",
  ];
  for (const name of hostile) {
    test(`of somebody called ${JSON.stringify(name)} mentions, links and formats nothing`, async () => {
      const eve = world.stranger(name);
      const chat = world.teams.group([eve.objectId, cy.person.objectId, dora.person.objectId], name);
      await world.write(node, chat, eve, "<p>hi</p>");
      const [head = "", ...rest] = (world.texts(cy)[0] ?? "").split("\n");
      expect(rest).toEqual(["", "hi"]);
      expect(head).not.toMatch(/(?<![\w\\])@(?:all|cy)\b/);
      expect(head).not.toMatch(/~town|#tag|(?<!\\)\[x|:smile:|\u202e/);
      // There is one link: an escaped bracket opens none.
      expect(head.match(/(?<!\\)\[/g)).toHaveLength(1);
    });
  }
});

describe("recipients", () => {
  test("of a group are its connected members except the sender: and 2 others", async () => {
    const stranger = world.stranger("Rob");
    const chat = world.teams.group(
      [ben.objectId, cy.person.objectId, dora.person.objectId, stranger.objectId],
      "Release [1]",
    );
    await world.write(node, chat, ben, "<p>hi</p>");
    for (const member of [cy, dora]) {
      expect(world.texts(member)).toHaveLength(1);
      expect(world.texts(member)[0]).toStartWith(
        "**Ben Baker** wrote to you and 2 others in [Release \\[1\\]](",
      );
    }
  });

  test("are read over all pages of the members, once", async () => {
    world.teams.memberPage = 2;
    const others = Array.from({ length: 5 }, (_, at) => world.stranger(`S${at}`).objectId);
    const chat = world.teams.group([ben.objectId, ...others, cy.person.objectId], "Long");
    await world.write(node, chat, ben, "<p>one</p>");
    await world.write(node, chat, ben, "<p>two</p>");
    expect(world.texts(cy)).toHaveLength(2);
    expect(world.asked.filter((one) => one.endsWith("/members"))).toHaveLength(4);
  });

  test("are read with a member's token when the app's own is refused", async () => {
    const chat = world.teams.group([cy.person.objectId, dora.person.objectId, ben.objectId], "Federated");
    world.teams.closedToApp.add(chat.id);
    await world.write(node, chat, dora.person, "<p>hi</p>");
    expect(world.texts(cy)).toHaveLength(1);
  });

  test("new members get messages at once, former ones no more", async () => {
    const chat = world.teams.group([ben.objectId, cy.person.objectId, dora.person.objectId], "Team");
    await world.write(node, chat, ben, "<p>one</p>");
    chat.members = chat.members.filter(({ userId }) => userId !== cy.person.objectId);
    const event = world.teams.put(chat, null, {
      messageType: "unknownFutureValue",
      body: { contentType: "html", content: "<systemEventMessage/>" },
      eventDetail: { "@odata.type": "#microsoft.graph.membersDeletedEventMessageDetail", members: [] },
    });
    expect(await world.change(node, event)).toEqual({ kind: "drop", because: "no_user_event" });
    await world.write(node, chat, ben, "<p>two</p>");
    expect([world.texts(cy).length, world.texts(dora).length]).toEqual([1, 2]);
  });

  const nobody: Record<string, [() => Parameters<ChatsWorld["write"]>[1], string]> = {
    "a chat without a connected member": [
      () => world.teams.direct(ben.objectId, world.stranger("Rob").objectId),
      "no_connected_user",
    ],
    "a group without a connected member": [
      () => world.teams.group([ben.objectId, world.stranger("Rob").objectId], "Others"),
      "no_connected_user",
    ],
    "a chat with one member left": [() => world.teams.group([cy.person.objectId], "Alone"), "chat_size"],
  };
  for (const [name, [make, because]] of Object.entries(nobody)) {
    test(`of ${name} are none: ${because}`, async () => {
      const chat = make();
      const { outcome } = await world.write(node, chat, ben, "<p>hi</p>");
      expect(outcome).toEqual({ kind: "drop", because });
      expect(world.posts(cy)).toEqual([]);
    });
  }

  test("of the chat with oneself are none", async () => {
    const chat = world.teams.group([cy.person.objectId]);
    const message = world.teams.put(chat, cy.person.objectId, {
      body: { contentType: "html", content: "note" },
    });
    const outcome = await world.change(node, { ...message, chatId: "48:notes" });
    expect(outcome.kind).toBe("drop");
    expect(world.posts(cy)).toEqual([]);
  });

  test("a deactivated account gets nothing", async () => {
    world.mattermost.setActive(cy.user.Id, false);
    await world.write(node, direct(), ben, "<p>hi</p>");
    expect(world.posts(cy)).toEqual([]);
  });
});

describe("what is not a message of a person", () => {
  const events: Record<string, object> = {
    "a member was added": {
      eventDetail: { "@odata.type": "#microsoft.graph.membersAddedEventMessageDetail" },
    },
    "the chat was renamed": {
      eventDetail: { "@odata.type": "#microsoft.graph.chatRenamedEventMessageDetail" },
    },
    "a call ended": {
      messageType: "systemEventMessage",
      eventDetail: { "@odata.type": "#microsoft.graph.callEndedEventMessageDetail" },
    },
    "an event without details": {
      messageType: "unknownFutureValue",
      body: { contentType: "html", content: "<systemEventMessage/>" },
    },
    "somebody types": { messageType: "typing" },
    "no sender": { from: null },
  };
  for (const [name, written] of Object.entries(events)) {
    test(`${name}: nothing is posted`, async () => {
      const { outcome } = await world.write(node, direct(), null, "", written);
      expect(outcome).toEqual({ kind: "drop", because: "no_user_event" });
      expect(world.posts(cy)).toEqual([]);
    });
  }

  test("white space only is not posted", async () => {
    await world.write(node, direct(), ben, "<p>&nbsp; </p>");
    expect(world.posts(cy)).toEqual([]);
    expect(node.metrics.text()).toMatch(/discarded_reason="empty_message"[^}]*\} 1/);
  });

  test("a message of an app is posted under the app's name", async () => {
    const from = {
      application: { id: "a", displayName: "Build bot", applicationIdentityType: "bot" },
      user: null,
    };
    await world.write(node, direct(), null, "<p>done</p>", { from });
    expect(world.texts(cy)[0]).toStartWith("**Build bot** wrote to you in");
  });
});

describe("exactly once", () => {
  test("messages that arrive before the accounts were read wait for that", async () => {
    const chats = [direct(), world.teams.group([ben.objectId, cy.person.objectId], "A")];
    const messages = chats.map((chat) =>
      world.teams.put(chat, ben.objectId, { body: { contentType: "html", content: "hi" } }),
    );
    await Promise.all(messages.map((message) => world.change(node, message)));
    expect(world.posts(cy)).toHaveLength(2);
  });

  test("the same notification three times is one post", async () => {
    const { message } = await world.write(node, direct(), ben, "<p>hi</p>");
    for (let time = 0; time < 2; time += 1)
      expect(await world.change(node, message)).toEqual({ kind: "drop", because: "duplicate" });
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("two nodes at the same time make one post", async () => {
    const other = world.node();
    const message = world.teams.put(direct(), ben.objectId, { body: { contentType: "html", content: "hi" } });
    const outcomes = await Promise.all([world.change(node, message), world.change(other, message)]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["done", "retry"]);
    expect(await world.change(other, message)).toMatchObject({ kind: "drop", because: "duplicate" });
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("a post whose confirmation was lost is found, not made again", async () => {
    let lost = true;
    const api = Object.create(world.api, {
      createPost: {
        value: async (post: Parameters<typeof world.api.createPost>[0]) => {
          const made = await world.api.createPost(post);
          if (lost) {
            lost = false;
            throw new Error("the answer was lost");
          }
          return made;
        },
      },
    });
    const unlucky = world.node(world.store, api);
    const { message, outcome } = await world.write(unlucky, direct(), ben, "<p>hi</p>");
    expect(outcome.kind).toBe("retry");
    expect((await world.change(unlucky, message)).kind).toBe("done");
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("one of three posts fails: the others are there once, and it follows", async () => {
    const eva = world.member("eva");
    const chat = world.teams.group([ben, cy.person, dora.person, eva.person].map(({ objectId }) => objectId));
    const channel = world.mattermost.userByUsername("dora")?.Id ?? "";
    let broken = true;
    world.fault = (method, [post]) => {
      const to =
        world.mattermost.channels.get((post as { ChannelId?: string } | null)?.ChannelId ?? "")?.Name ?? "";
      return broken && method === "createPost" && to.includes(channel) ? new Error("down") : undefined;
    };
    const { message, outcome } = await world.write(node, chat, ben, "<p>hi</p>");
    expect(outcome.kind).toBe("retry");
    broken = false;
    await world.change(node, message);
    expect([cy, dora, eva].map((one) => world.posts(one).length)).toEqual([1, 1, 1]);
  });
});

describe("an edit", () => {
  test("within the hour changes the post, and makes none", async () => {
    const { message } = await world.write(node, direct(), ben, "<p>befor</p>");
    await world.clock.pass(5 * MINUTE);
    message.body.content = "<p>before</p>";
    message.lastEditedDateTime = new Date(world.clock.now()).toISOString();
    world.teams.touch(message);
    expect(await world.change(node, message, "updated")).toEqual({ kind: "done" });
    expect(world.texts(cy)).toHaveLength(1);
    expect(world.texts(cy)[0]).toEndWith("\n\nbefore");
    expect(world.posts(cy)[0]?.Props.teams_message_id).toBe(message.id);
  });

  test("after the hour changes nothing", async () => {
    const { message } = await world.write(node, direct(), ben, "<p>befor</p>");
    await world.clock.pass(HOUR + MINUTE);
    message.body.content = "<p>before</p>";
    message.lastEditedDateTime = new Date(world.clock.now()).toISOString();
    world.teams.touch(message);
    await world.change(node, message, "updated");
    expect(world.texts(cy)[0]).toEndWith("\n\nbefor");
  });

  test("a reaction is not an edit: no post is read or written", async () => {
    const { message } = await world.write(node, direct(), ben, "<p>hi</p>");
    world.calls.splice(0);
    world.teams.touch(message);
    await world.change(node, message, "updated");
    expect(world.calls.filter((one) => one !== "getUsersByIds")).toEqual([]);
  });

  test("of a message that nobody received makes no post", async () => {
    microsoft.graph.presence.set(cy.person.objectId, "Available");
    const { message } = await world.write(node, direct(), ben, "<p>hi</p>");
    await world.clock.pass(MINUTE);
    microsoft.graph.presence.set(cy.person.objectId, "Away");
    message.lastEditedDateTime = new Date(world.clock.now()).toISOString();
    world.teams.touch(message);
    await world.change(node, message, "updated");
    expect(world.posts(cy)).toEqual([]);
  });

  test("that arrives before its message: one post, with the newer text", async () => {
    const message = world.teams.put(direct(), ben.objectId, {
      body: { contentType: "html", content: "<p>old</p>" },
    });
    const first = structuredClone(message);
    message.body.content = "<p>new</p>";
    message.lastEditedDateTime = new Date(world.clock.now()).toISOString();
    world.teams.touch(message);
    expect(await world.change(node, message, "updated")).toEqual({
      kind: "drop",
      because: "notifications_only",
    });
    expect(world.posts(cy)).toEqual([]);
    await world.change(node, first);
    expect(world.texts(cy)).toHaveLength(1);
    expect(world.texts(cy)[0]).toEndWith("\n\nnew");
  });

  test("that comes late, after a newer one, is not shown", async () => {
    const { message } = await world.write(node, direct(), ben, "<p>1</p>");
    const edits = ["<p>2</p>", "<p>3</p>"].map((content) => {
      message.body = { contentType: "html", content };
      message.lastEditedDateTime = new Date(world.clock.now()).toISOString();
      world.teams.touch(message);
      message.lastEditedDateTime = message.lastModifiedDateTime;
      return structuredClone(message);
    });
    for (const edit of edits.reverse()) await world.change(node, edit, "updated");
    expect(world.texts(cy)[0]).toEndWith("\n\n3");
  });
});

describe("a deletion", () => {
  test("removes the post of everybody", async () => {
    const chat = world.teams.group([ben, cy.person, dora.person].map(({ objectId }) => objectId));
    const { message } = await world.write(node, chat, ben, "<p>secret</p>");
    world.teams.bury(message);
    expect(await world.change(node, message, "deleted")).toEqual({ kind: "done" });
    expect([world.posts(cy), world.posts(dora)]).toEqual([[], []]);
  });

  test("keeps a post that was answered, without the message's text", async () => {
    const { message } = await world.write(node, direct(), ben, "<p>secret</p>");
    const [root] = world.posts(cy);
    if (root) await world.reply(node, cy, root, "ok");
    world.teams.bury(message);
    await world.change(node, message, "deleted");
    const after = world.posts(cy)[0];
    expect(after?.Message).toBe("_This message was deleted in Teams._");
    expect(after?.Props.attachments).toBeUndefined();
  });

  test("that arrives before its message: nothing is posted", async () => {
    const message = world.teams.put(direct(), ben.objectId, {
      body: { contentType: "html", content: "secret" },
    });
    const first = structuredClone(message);
    world.teams.bury(message);
    await world.change(node, message, "deleted");
    await world.change(node, first);
    expect(world.posts(cy)).toEqual([]);
  });

  test("twice, or of a post that is gone, does no harm", async () => {
    const { message } = await world.write(node, direct(), ben, "<p>secret</p>");
    await world.api.deletePost(world.posts(cy)[0]?.Id ?? "");
    world.teams.bury(message);
    expect((await world.change(node, message, "deleted")).kind).toBe("done");
    expect((await world.change(node, message, "deleted")).kind).toBe("done");
  });

  test("a block by a policy removes the post, too", async () => {
    const { message } = await world.write(node, direct(), ben, "<p>4111 1111 1111 1111</p>");
    message.policyViolation = { dlpAction: "notifySender,blockAccess" };
    world.teams.touch(message);
    await world.change(node, message, "updated");
    expect(world.posts(cy)).toEqual([]);
  });

  test("a message that was blocked before it arrived is not posted", async () => {
    await world.write(node, direct(), ben, "<p>4111</p>", { policyViolation: { dlpAction: "blockAccess" } });
    expect(world.posts(cy)).toEqual([]);
  });
});

describe("a message without contents", () => {
  test("is read with a member's token or, when that is refused, with the next one's", async () => {
    const chat = world.teams.group(
      [ben, cy.person, dora.person].map(({ objectId }) => objectId),
      "Team",
    );
    world.teams.refusedReaders.add(cy.person.objectId);
    const message = world.teams.put(chat, ben.objectId, {
      body: { contentType: "html", content: "<p>hi</p>" },
    });
    await world.change(node, message, "created", { content: null });
    expect([cy, dora].map((one) => world.texts(one)[0]?.endsWith("\n\nhi"))).toEqual([true, true]);
  });

  test("that is gone meanwhile is not posted", async () => {
    const message = world.teams.put(direct(), ben.objectId, {
      body: { contentType: "html", content: "<p>hi</p>" },
    });
    world.teams.all.get(message.chatId)?.messages.clear();
    expect(await world.change(node, message, "created", { content: null })).toEqual({
      kind: "drop",
      because: "unable_to_get_teams_data",
    });
  });

  for (const [status, afterMs] of [
    [429, 7_000],
    [503, 2_000],
  ] as const) {
    test(`waits while Graph answers ${status}, and is not lost`, async () => {
      const message = world.teams.put(direct(), ben.objectId, {
        body: { contentType: "html", content: "<p>hi</p>" },
      });
      microsoft.graph.setFaults({ status, retryAfter: status === 429 ? 7 : null, failPath: "/messages/" });
      const waiting = await world.change(node, message, "created", { content: null });
      expect(waiting).toMatchObject({ kind: "retry", counts: false, afterMs });
      microsoft.graph.healthy();
      await world.change(node, message, "created", { content: null });
      expect(world.posts(cy)).toHaveLength(1);
    });
  }
});

describe("late messages", () => {
  test("older than two hours are one summary for each chat, mentions first", async () => {
    const chat = world.teams.group(
      [ben, cy.person, dora.person].map(({ objectId }) => objectId),
      "Team",
    );
    const at = new Date(world.clock.now() - 3 * HOUR).toISOString();
    for (let count = 0; count < 5; count += 1) {
      const mentions =
        count === 2
          ? [{ id: 0, mentionText: "Cy", mentioned: { user: { id: cy.person.objectId, displayName: "Cy" } } }]
          : [];
      const by = count === 4 ? dora.person : ben;
      await world.write(node, chat, by, `<p>secret ${count}</p>`, { createdDateTime: at, mentions });
    }
    expect(world.texts(cy)).toHaveLength(1);
    const [text = ""] = world.texts(cy);
    expect(text).toStartWith("**One of them mentions you.**\n");
    expect(text).toContain("5 messages came in [Team](https://teams.test/l/chat/");
    expect(text).toContain("from **Ben Baker, Dora**");
    expect(text).not.toContain("secret");
    expect(world.texts(dora)[0]).toContain("4 messages");
  });

  test("a repetition is not counted again", async () => {
    const at = new Date(world.clock.now() - 3 * HOUR).toISOString();
    const { message } = await world.write(node, direct(), ben, "<p>x</p>", { createdDateTime: at });
    await world.change(node, message);
    expect(world.texts(cy)).toHaveLength(1);
    expect(world.texts(cy)[0]).toContain("**Ben Baker** wrote once in");
  });
});

describe("grouping, when the member wants it", () => {
  beforeEach(async () => {
    await node.chats.settings.change(cy.user.Id, { grouping: true });
  });

  test("five messages within two minutes are one growing post, and one push", async () => {
    world.mattermost.pushes.splice(0);
    for (let at = 0; at < 5; at += 1) {
      await world.write(node, direct(), ben, `<p>m${at}</p>`);
      await world.clock.pass(20_000);
    }
    expect(world.texts(cy)).toHaveLength(1);
    expect(world.texts(cy)[0]?.split("\n\n").slice(1)).toEqual(["m0", "m1", "m2", "m3", "m4"]);
    expect(world.calls.filter((one) => one === "createPost")).toHaveLength(1);
  });

  test("of two people names the second one", async () => {
    const chat = world.teams.group([ben, cy.person, dora.person].map(({ objectId }) => objectId));
    await world.write(node, chat, ben, "<p>one</p>");
    await world.write(node, chat, dora.person, "<p>two</p>");
    await world.write(node, chat, dora.person, "<p>three</p>");
    expect(world.texts(cy)[0]).toEndWith("\n\none\n\n**Dora**\ntwo\n\nthree");
    expect(world.posts(dora)).toHaveLength(1);
  });

  test("a repetition is recognised, an edit changes its part, a deletion removes it", async () => {
    const one = (await world.write(node, direct(), ben, "<p>one</p>")).message;
    const two = (await world.write(node, direct(), ben, "<p>two</p>")).message;
    expect((await world.change(node, two)).kind).toBe("drop");
    two.body.content = "<p>zwei</p>";
    two.lastEditedDateTime = new Date(world.clock.now()).toISOString();
    world.teams.touch(two);
    await world.change(node, two, "updated");
    expect(world.texts(cy)[0]).toEndWith("\n\none\n\nzwei");
    world.teams.bury(one);
    await world.change(node, one, "deleted");
    expect(world.texts(cy)[0]).toEndWith(")\n\nzwei");
    world.teams.bury(two);
    await world.change(node, two, "deleted");
    expect(world.posts(cy)).toEqual([]);
  });

  test("a message after two minutes, with a file, or after the post was deleted is a separate post", async () => {
    await world.write(node, direct(), ben, "<p>one</p>");
    await world.clock.pass(2 * MINUTE);
    await world.write(node, direct(), ben, "<p>two</p>");
    expect(world.posts(cy)).toHaveLength(2);
    await world.api.deletePost(world.posts(cy)[1]?.Id ?? "");
    await world.write(node, direct(), ben, "<p>three</p>");
    expect(world.posts(cy)).toHaveLength(2);
  });

  test("an addition whose confirmation was lost is not repeated", async () => {
    await world.write(node, direct(), ben, "<p>one</p>");
    let lost = false;
    const { message } = await (async () => {
      world.fault = async (method, args) => {
        if (method !== "updatePost" || lost) return undefined;
        lost = true;
        await world.api.updatePost(args[0] as never);
        return new Error("the answer was lost");
      };
      return world.write(node, direct(), ben, "<p>two</p>");
    })();
    await world.change(node, message);
    expect(world.texts(cy)[0]).toEndWith("\n\none\n\ntwo");
  });
});
