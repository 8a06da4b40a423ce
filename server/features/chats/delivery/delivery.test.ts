/** Tests the delivery of Teams messages as Mattermost posts: cases C to E of the scenarios. */

import { describe, expect, test } from "bun:test";
import type { ChatsWorld } from "../testing/chats-world.ts";
import { ben, cy, direct, dora, microsoft, node, openDirectChat, world } from "../testing/direct-chat.ts";

openDirectChat();

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
    await world.write(node, direct(), ben, { html: "<p>now</p>", importance: "urgent" });
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

  test("people who joined since are known at once, people who left get nothing any more", async () => {
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

describe("a message that nobody wrote", () => {
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
      const { outcome } = await world.write(node, direct(), null, { html: "", ...written });
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
    await world.write(node, direct(), null, { html: "<p>done</p>", from });
    expect(world.texts(cy)[0]).toStartWith("**Build bot** wrote to you in");
  });
});
