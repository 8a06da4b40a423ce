/** Files of answers, on their way into OneDrive and into the chat. */

import { afterEach, describe, expect, test } from "bun:test";
import {
  begin,
  ben,
  cy,
  hasNotice,
  isSent,
  microsoft,
  node,
  openAnswers,
  root,
  sent,
  world,
} from "../testing/answering.ts";

const MB = 1024 * 1024;
openAnswers();
afterEach(() => {
  microsoft.graph.healthy();
  expect(world.openFiles).toBe(0);
});
const stored = () => [...microsoft.graph.drives.items.values()];

describe("files of an answer", () => {
  const upload = async (name: string, size: number) =>
    (await world.api.uploadFile(new Uint8Array(size).fill(7), root.ChannelId, name))?.Id ?? "";

  test("are uploaded to the author's OneDrive, shared with the others, and attached to the message", async () => {
    await world.reply(node, cy, root, { Message: "see", FileIds: [await upload("plan.pdf", 2_000)] });
    await isSent(1);
    const [item] = microsoft.graph.drives.items.values();
    expect(item).toMatchObject({ name: "plan.pdf", ownerId: cy.person.objectId, size: 2_000 });
    expect(microsoft.graph.drives.invitations).toMatchObject([
      { recipients: [ben.objectId.toLowerCase()], roles: ["read"] },
    ]);
    expect(world.teams.sent[0]?.message.attachments).toMatchObject([
      { contentType: "reference", name: "plan.pdf", contentUrl: item?.webUrl },
    ]);
  });

  test("without text are a message", async () => {
    await world.reply(node, cy, root, { Message: "", FileIds: [await upload("plan.pdf", 10)] });
    await isSent(1);
    expect(sent()[0]).toStartWith("<attachment id=");
  });

  test("of an Office program have an address with the same extension as the name", async () => {
    await world.reply(node, cy, root, { Message: "see", FileIds: [await upload("plan.docx", 10)] });
    await isSent(1);
  });

  test("larger than 4 MB are uploaded in ranges, without a token", async () => {
    await world.reply(node, cy, root, {
      Message: "see",
      FileIds: [await upload("film.mp4", 9 * 1024 * 1024)],
    });
    await isSent(1);
    expect([...microsoft.graph.drives.items.values()][0]?.size).toBe(9 * 1024 * 1024);
  });

  test("of the same name are both kept", async () => {
    await world.reply(node, cy, root, {
      Message: "see",
      FileIds: [await upload("a.txt", 1), await upload("a.txt", 2)],
    });
    await isSent(1);
    expect([...microsoft.graph.drives.items.values()].map(({ name }) => name)).toEqual(["a.txt", "a 1.txt"]);
  });

  test("that are larger than the limit are named, and the text is sent", async () => {
    await world.stop();
    await begin({ chats_max_file_size_mb: 1 });
    await world.reply(node, cy, root, {
      Message: "see",
      FileIds: [await upload("big.bin", 2 * 1024 * 1024)],
    });
    await isSent(1);
    await hasNotice();
    expect(world.texts(cy)[1]).toContain("these files could not be uploaded: `big.bin` (larger than 1 MB).");
  });

  describe("that Microsoft does not take are named with the reason, at once, and the text is sent", () => {
    const cases: [string, number, number, string][] = [
      ["a person whose OneDrive was never opened", 404, 10, "there is no OneDrive yet: open OneDrive once"],
      ["a OneDrive that is full", 507, 10, "the storage in Microsoft 365 is full"],
      ["a OneDrive that is full, for a large file", 507, 5 * MB, "the storage in Microsoft 365 is full"],
      ["a file that is locked", 423, 10, "it is locked in Microsoft 365"],
      ["a file that is too large for the site", 413, 5 * MB, "too large for Microsoft 365"],
      ["a kind of file that is not allowed", 403, 10, "Microsoft 365 does not allow it"],
      ["another refusal", 400, 10, "it could not be copied"],
    ];
    for (const [name, status, size, reason] of cases)
      test(name, async () => {
        microsoft.graph.setFaults({ status, failPath: "/me/drive" });
        await world.reply(node, cy, root, { Message: "see", FileIds: [await upload("plan.pdf", size)] });
        await isSent(1);
        await hasNotice();
        expect(sent()[0]).toStartWith("<p>see</p>");
        expect(world.texts(cy)[1]).toContain(`\`plan.pdf\` (${reason}).`);
        expect(stored()).toEqual([]);
      });

    test("a storage that is full when half of the file is there", async () => {
      microsoft.graph.setFaults({ status: 507, failPath: "/sandbox/upload/" });
      await world.reply(node, cy, root, { Message: "see", FileIds: [await upload("film.mp4", 9 * MB)] });
      await hasNotice();
      expect(world.texts(cy)[1]).toContain("the storage in Microsoft 365 is full");
      expect(sent()).toHaveLength(1);
    });

    test("an empty one, and one that is gone from this server", async () => {
      const gone = await upload("gone.txt", 10);
      world.mattermost.files.delete(gone);
      await world.reply(node, cy, root, { Message: "see", FileIds: [await upload("empty.txt", 0), gone] });
      await hasNotice();
      expect(world.texts(cy)[1]).toContain("`empty.txt` (it is empty)");
      expect(world.texts(cy)[1]).toContain("(it does not exist any more)");
    });
  });

  test("go through a session that expires between two ranges: once in OneDrive, once in the chat", async () => {
    microsoft.graph.setFaults({ status: 404, failPath: "/sandbox/upload/", failNext: 1 });
    await world.reply(node, cy, root, { Message: "see", FileIds: [await upload("film.mp4", 9 * MB)] });
    await isSent(1);
    expect(stored().map(({ name, size }) => [name, size])).toEqual([["film.mp4", 9 * MB]]);
    await world.clock.pass(60_000);
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("do not hold up the text for long where Microsoft answers and only its storage does not", async () => {
    microsoft.graph.setFaults({ status: 503, failPath: "/sandbox/upload/" });
    await world.reply(node, cy, root, { Message: "see", FileIds: [await upload("film.mp4", 9 * MB)] });
    await world.clock.pass(2 * 60_000);
    expect(sent()).toEqual([]);
    await world.clock.pass(6 * 60_000);
    await isSent(1);
    await hasNotice();
    expect(world.texts(cy)[1]).toContain("`film.mp4` (the storage of Microsoft 365 cannot be reached)");
  });

  test("wait while Microsoft is busy, and are sent once", async () => {
    microsoft.graph.setFaults({ status: 503, failPath: "/me/drive" });
    await world.reply(node, cy, root, { Message: "see", FileIds: [await upload("plan.pdf", 10)] });
    await world.clock.pass(30_000);
    expect(sent()).toEqual([]);
    microsoft.graph.healthy();
    await world.clock.pass(60_000);
    await isSent(1);
    expect(stored()).toHaveLength(1);
  });

  test("alone, whose answer from Microsoft was lost, are distinguished from another message of the author", async () => {
    let lost = false;
    await world.stop();
    const cut = world.node(world.store, world.api, async (url, init) => {
      if (lost || !/\/(replyWithQuote|messages)$/.test(String(url)) || init?.method !== "POST")
        return world.fetch(url, init);
      lost = true;
      throw new TypeError("connection reset");
    });
    world.run(cut);
    await world.reply(cut, cy, root, { Message: "", FileIds: [await upload("plan.pdf", 10)] });
    await world.until("a lost request", () => lost);
    // Meanwhile the author writes in Teams.
    world.teams.put(world.teams.direct(ben.objectId, cy.person.objectId), cy.person.objectId);
    await world.clock.pass(120_000);
    await isSent(1);
    expect(world.teams.sent[0]?.message.attachments).toMatchObject([{ name: "plan.pdf" }]);
  });

  test("ten of one name are ten files, in order", async () => {
    const ids = [];
    for (let size = 1; size <= 10; size += 1) ids.push(await upload("CON.txt", size));
    await world.reply(node, cy, root, { Message: "see", FileIds: ids });
    await isSent(1);
    expect(stored().map(({ size }) => size)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(new Set(stored().map(({ name }) => name)).size).toBe(10);
    expect(stored()[0]?.name).toBe("_CON.txt");
    expect(world.teams.sent[0]?.message.attachments).toHaveLength(10);
  });
});
