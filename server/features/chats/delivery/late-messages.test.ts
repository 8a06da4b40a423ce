/** Messages that come twice, late, or quickly one after another. */

import { beforeEach, describe, expect, test } from "bun:test";
import { ben, cy, direct, dora, HOUR, MINUTE, node, openDirectChat, world } from "../testing/direct-chat.ts";

openDirectChat();

describe("delivery once", () => {
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
      await world.write(node, chat, by, { html: `<p>secret ${count}</p>`, createdDateTime: at, mentions });
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
    const { message } = await world.write(node, direct(), ben, { html: "<p>x</p>", createdDateTime: at });
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
