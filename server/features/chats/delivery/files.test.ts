/** Tests files of messages: cases G of the scenarios. */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { ChatMessage } from "../../../../e2e/sandbox/graph/chats.ts";
import { AppError } from "../../../runtime/mattermost/index.ts";
import { ChatsWorld, type Member, type Node } from "../testing/chats-world.ts";
import { Microsoft } from "../testing/microsoft.ts";

const MB = 1024 * 1024;
const microsoft = new Microsoft();
afterAll(() => microsoft.close());

let world: ChatsWorld;
let node: Node;
let cy: Member;
let dora: Member;
let ben: ReturnType<ChatsWorld["stranger"]>;
function begin(settings: Record<string, unknown> = {}): void {
  world = new ChatsWorld(microsoft, settings);
  node = world.node();
  cy = world.member("cy");
  dora = world.member("dora");
  ben = world.stranger("Ben Baker");
}
beforeEach(() => begin());
afterEach(() => world.stop());

const group = () =>
  world.teams.group(
    [ben, cy.person, dora.person].map(({ objectId }) => objectId),
    "Team",
  );

function share(name: string, bytes: Uint8Array, readers: string[] = []) {
  const item = microsoft.graph.drives.put(ben.objectId, name, bytes, readers);
  const attachment = { id: crypto.randomUUID(), contentType: "reference", contentUrl: item.webUrl, name };
  return { item, attachment, marker: `<attachment id="${attachment.id}"></attachment>` };
}

const writeWith = (shared: readonly ReturnType<typeof share>[], text = "<p>see</p>") =>
  world.write(node, group(), ben, {
    html: text + shared.map(({ marker }) => marker).join(""),
    attachments: shared.map(({ attachment }) => attachment),
  });

const filesOf = (member: Member) =>
  (world.posts(member)[0]?.FileIds ?? []).map((id) => {
    const file = world.mattermost.files.get(id);
    return [file?.info.Name, file?.data.length];
  });

describe("a shared file", () => {
  test("is in each recipient's post, from one download", async () => {
    await writeWith([share("plan.pdf", new Uint8Array(5_000).fill(1))]);
    for (const member of [cy, dora]) expect(filesOf(member)).toEqual([["plan.pdf", 5_000]]);
    expect(microsoft.graph.drives.downloads).toEqual(["plan.pdf"]);
    const ids = [cy, dora].map((member) => world.posts(member)[0]?.FileIds?.[0]);
    expect(new Set(ids).size).toBe(2);
  });

  test("of 10 MB for nine people is one download and one upload", async () => {
    const members = Array.from({ length: 9 }, (_, at) => world.member(`m${at}`));
    const shared = share("film.mp4", new Uint8Array(10 * MB).fill(2));
    const chat = world.teams.group([ben.objectId, ...members.map(({ person }) => person.objectId)], "Nine");
    await world.write(node, chat, ben, { html: shared.marker, attachments: [shared.attachment] });
    for (const member of members) expect(filesOf(member)).toEqual([["film.mp4", 10 * MB]]);
    expect(microsoft.graph.drives.downloads).toEqual(["film.mp4"]);
    expect(world.calls.filter((one) => one === "uploadData")).toHaveLength(1);
  });

  test("is uploaded for each when the server cannot copy entries, from one more download", async () => {
    world.fault = (method) =>
      method === "copyFileInfos" ? new Error("called but not implemented") : undefined;
    await writeWith([share("one.mp4", new Uint8Array(2 * MB)), share("two.mp4", new Uint8Array(3 * MB))]);
    for (const member of [cy, dora])
      expect(filesOf(member)).toEqual([
        ["one.mp4", 2 * MB],
        ["two.mp4", 3 * MB],
      ]);
    expect(microsoft.graph.drives.downloads).toEqual(["one.mp4", "one.mp4", "two.mp4"]);
  });

  test("is named when its upload fails, and leaves nothing behind", async () => {
    world.fault = (method) => (method === "uploadData" ? new Error("disk full") : undefined);
    await writeWith([share("film.mp4", new Uint8Array(3 * MB))]);
    expect(world.texts(cy)[0]).toContain("**film.mp4** is not here: it could not be fetched.");
  });

  test("alone makes a post, too", async () => {
    await writeWith([share("a.txt", new Uint8Array(3))], "");
    expect(filesOf(cy)).toEqual([["a.txt", 3]]);
    expect(world.texts(cy)[0]).not.toContain("\n");
  });

  test("that one member may not read is read with another's token", async () => {
    await writeWith([share("plan.pdf", new Uint8Array(10), [dora.person.objectId])]);
    expect(filesOf(cy)).toEqual([["plan.pdf", 10]]);
  });

  test("beyond the tenth stays in Teams, and the post says so", async () => {
    await writeWith(Array.from({ length: 12 }, (_, at) => share(`f${at}.txt`, new Uint8Array(at + 1))));
    expect(filesOf(cy)).toHaveLength(10);
    expect(world.texts(cy)[0]).toContain(
      "* 2 more files are in Teams. [Open in Teams](https://teams.test/l/message/",
    );
  });
});

describe("a file that is not in the post is named, with a link and the reason", () => {
  test("when it is denied to everybody", async () => {
    const shared = share("secret.pdf", new Uint8Array(10), ["somebody else"]);
    await writeWith([shared, share("ok.txt", new Uint8Array(1))]);
    expect(filesOf(cy)).toEqual([["ok.txt", 1]]);
    expect(world.texts(cy)[0]).toContain(
      `* **secret.pdf** is not here: Microsoft 365 does not let you read it from Mattermost. [Open in Teams](${shared.item.webUrl})`,
    );
  });

  test("when it is larger than the setting: it is not downloaded", async () => {
    begin({ chats_max_file_size_mb: 1 });
    await writeWith([share("big.bin", new Uint8Array(2 * MB))]);
    expect(world.texts(cy)[0]).toContain("**big.bin** is not here: it is larger than 1 MB.");
    expect(microsoft.graph.drives.downloads).toEqual([]);
  });

  test("when it is larger than the server accepts", async () => {
    world.mattermost.config.FileSettings = { ...world.mattermost.config.FileSettings, MaxFileSize: MB };
    await writeWith([share("big.bin", new Uint8Array(2 * MB))]);
    expect(world.texts(cy)[0]).toContain("larger than 1 MB");
  });

  test("when it is larger than announced", async () => {
    begin({ chats_max_file_size_mb: 1 });
    const shared = share("liar.bin", new Uint8Array(2 * MB));
    shared.item.size = 10;
    await writeWith([shared]);
    expect(filesOf(cy)).toEqual([]);
    expect(world.texts(cy)[0]).toContain("**liar.bin** is not here");
  });

  test("a picture with more pixels than the server accepts", async () => {
    world.mattermost.config.FileSettings = {
      ...world.mattermost.config.FileSettings,
      MaxImageResolution: 1_000,
    };
    await writeWith([share("huge.png", png(100, 100))]);
    expect(filesOf(cy)).toEqual([]);
    expect(world.texts(cy)[0]).toContain("more pixels");
  });

  test("empty", async () => {
    await writeWith([share("empty.txt", new Uint8Array(0))]);
    expect(world.texts(cy)[0]).toContain("**empty.txt** is not here: it is empty. [Open in Teams](");
  });

  for (const [name, status, reason] of [
    ["locked", 423, "it is locked in Microsoft 365"],
    ["shared by a link that has expired", 410, "it was deleted or moved in Microsoft 365"],
    ["refused in a way that nobody knows", 400, "it could not be fetched"],
  ] as const)
    test(name, async () => {
      const shared = share("plan.pdf", new Uint8Array(10));
      microsoft.graph.setFaults({ status, failPath: "/shares/" });
      await writeWith([shared]);
      microsoft.graph.healthy();
      expect(filesOf(cy)).toEqual([]);
      expect(world.texts(cy)[0]).toContain(
        `**plan.pdf** is not here: ${reason}. [Open in Teams](${shared.item.webUrl})`,
      );
    });

  for (const size of [10, 3 * MB])
    test(`not taken by this server, ${size} bytes`, async () => {
      world.fault = (method) =>
        method.startsWith("upload") ? new AppError("type not allowed", { statusCode: 400 }) : undefined;
      await writeWith([share("plan.exe", new Uint8Array(size))]);
      expect(world.texts(cy)[0]).toContain("**plan.exe** is not here: this server does not take it.");
      expect(world.posts(dora)).toHaveLength(1);
    });

  test("gone", async () => {
    const shared = share("gone.txt", new Uint8Array(3));
    microsoft.graph.drives.items.clear();
    await writeWith([shared]);
    expect(world.texts(cy)[0]).toContain("**gone.txt** is not here: it was deleted or moved");
  });

  test("a name that would format or mention", async () => {
    await writeWith(
      [share("a.txt", new Uint8Array(3), ["nobody"])].map((one) => ({
        ...one,
        attachment: { ...one.attachment, name: "**[x](https://evil.example)** @all.txt" },
      })),
    );
    expect(world.texts(cy)[0]).not.toMatch(/@all|\]\(https:\/\/evil/);
  });

  test("an edited message keeps the line", async () => {
    const { message } = await writeWith([share("secret.pdf", new Uint8Array(10), ["nobody"])]);
    message.body.content = message.body.content.replace("see", "look");
    message.lastEditedDateTime = new Date(world.clock.now()).toISOString();
    world.teams.touch(message);
    await world.change(node, message, "updated");
    expect(world.texts(cy)[0]).toMatch(/\n\nlook\n\n\* \*\*secret\.pdf\*\*/);
  });
});

describe("while the files are unavailable", () => {
  test("the message waits, and is posted once with them", async () => {
    const shared = share("plan.pdf", new Uint8Array(10));
    microsoft.graph.setFaults({ status: 503, failPath: "/shares/" });
    const { message, outcome } = await writeWith([shared]);
    expect(outcome).toMatchObject({ kind: "retry", counts: false });
    microsoft.graph.healthy();
    await world.change(node, message);
    expect(filesOf(cy)).toEqual([["plan.pdf", 10]]);
    expect(world.posts(cy)).toHaveLength(1);
  });

  test("for minutes, it is posted without them", async () => {
    microsoft.graph.setFaults({ status: 503, failPath: "/shares/" });
    const { message } = await writeWith([share("plan.pdf", new Uint8Array(10))]);
    const receivedAt = world.clock.now();
    await world.clock.pass(4 * 60_000);
    await node.chats.changed(
      {
        ...{ key: "all", changeType: "created", etag: message.etag, content: { ...message }, receivedAt },
        resource: { kind: "chat_message", chatId: message.chatId, messageId: message.id },
      },
      new AbortController().signal,
    );
    expect(world.texts(cy)[0]).toContain("**plan.pdf** is not here: it could not be fetched.");
  });
});

describe("a picture in the text", () => {
  async function pasted(bytes: Uint8Array, type: string | null = null, more: Partial<ChatMessage> = {}) {
    const chat = group();
    const message = world.teams.put(chat, ben.objectId, more);
    world.teams.hosted.set(`${chat.id} ${message.id} 1`, { bytes, type });
    const address = world.teams.hostedAddress(message, "1");
    message.body = { contentType: "html", content: `<p><img src="${address}" alt="image"></p>` };
    await world.change(node, message);
  }

  test("is a file with an extension, although Graph states no type", async () => {
    await pasted(png(3, 3));
    expect(filesOf(cy)).toEqual([[expect.stringMatching(/^Picture .*\.png$/), png(3, 3).length]]);
    expect(world.texts(cy)[0]).not.toContain("graph");
  });

  test("of another host is never requested with a token", async () => {
    const before = microsoft.graph.requests.length;
    await world.write(
      node,
      group(),
      ben,
      '<p><img src="https://evil.example/v1.0/chats/19:x/messages/1/hostedContents/1/$value"></p>',
    );
    expect(microsoft.graph.requests.slice(before).some(({ path }) => path.includes("hostedContents"))).toBe(
      false,
    );
  });

  test("of another chat is not fetched, even if a member could read it", async () => {
    const other = world.teams.group([cy.person.objectId, ben.objectId], "Private");
    const message = world.teams.put(other, ben.objectId);
    world.teams.hosted.set(`${other.id} ${message.id} 1`, { bytes: png(3, 3), type: null });
    const address = world.teams.hostedAddress(message, "1");
    await world.write(node, group(), ben, `<p>look <img src="${address}"></p>`);
    expect(filesOf(dora)).toEqual([]);
    expect(world.asked.some((one) => one.includes("hostedContents"))).toBe(false);
  });
});

function png(width: number, height: number): Uint8Array {
  const bytes = Buffer.alloc(33);
  bytes.write("\x89PNG\r\n\x1a\n", "latin1");
  bytes.writeUInt32BE(13, 8);
  bytes.write("IHDR", 12, "latin1");
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return new Uint8Array(bytes);
}
