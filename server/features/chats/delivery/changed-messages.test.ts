/** A message that is edited, deleted, or comes without its contents. */

import { describe, expect, test } from "bun:test";
import {
  ben,
  cy,
  direct,
  dora,
  HOUR,
  MINUTE,
  microsoft,
  node,
  openDirectChat,
  world,
} from "../testing/direct-chat.ts";

openDirectChat();

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
    await world.write(node, direct(), ben, {
      html: "<p>4111</p>",
      policyViolation: { dlpAction: "blockAccess" },
    });
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
