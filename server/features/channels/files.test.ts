/** Tests files of a linked channel, in both directions and through edits on either side. */

import { afterEach, expect, test } from "bun:test";
import { putFile } from "../../../e2e/sandbox/mattermost/files.ts";
import { AppError, type Post } from "../../runtime/mattermost/index.ts";
import { ChannelsWorld } from "./testing/channels-world.ts";

let w: ChannelsWorld;
const begin = async () => {
  w = new ChannelsWorld();
  w.node();
  await w.link();
};
afterEach(() => w.stop());

const MINUTE = 60_000;
const stored = () => [...w.channels.drives.items.values()];
const namesIn = (index: number) =>
  ((w.messages[index]?.attachments ?? []) as { name: string }[]).map(({ name }) => name);
const namesOf = (post: Post | undefined) =>
  (post?.FileIds ?? []).map((id) => w.mattermost.files.get(id)?.info.Name ?? "");
const file = (name: string, size: number) =>
  putFile(w.mattermost, w.channel.Id, name, new Uint8Array(size).fill(7));

test("a file of more than 4 MB uses an upload session, a smaller one is sent in one call", async () => {
  await begin();
  const big = file("big.bin", 9 * 1024 * 1024 + 5);
  const small = file("small.bin", 4 * 1024 * 1024);
  await w.post(w.admin.user, "see", { FileIds: [big.Id, small.Id] });
  await w.settle(30);
  expect(namesIn(0)).toEqual(["big.bin", "small.bin"]);
  expect(stored().map(({ bytes }) => [bytes.length, bytes.every((one) => one === 7)])).toEqual([
    [9 * 1024 * 1024 + 5, true],
    [4 * 1024 * 1024, true],
  ]);
  expect(w.calls.filter((call) => call.includes("createUploadSession"))).toHaveLength(1);
  expect(w.calls.filter((call) => call.includes(":/content"))).toHaveLength(1);
});

test("a taken name is changed, and one that Microsoft refuses is made safe", async () => {
  await begin();
  for (const name of ["plan.txt", "plan.txt", "..\\a:b\u202etxt.exe", `${"x".repeat(300)}.txt`])
    await w.post(w.admin.user, "see", { FileIds: [file(name, 3).Id] });
  await w.settle(30);
  const names = stored().map(({ name }) => name);
  expect(names.slice(0, 2)).toEqual(["plan.txt", "plan 1.txt"]);
  for (const name of names) {
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    expect(name).not.toMatch(/["*:<>?/\\|\u202e]/);
  }
  expect(w.messages).toHaveLength(4);
});

test("a post waits for a folder that Teams has not made yet; after ten minutes its author alone gets a message", async () => {
  await begin();
  w.channels.drives.makesFolders = false;
  const waiting = await w.post(w.admin.user, "see", { FileIds: [file("a.txt", 3).Id] });
  await w.clock.pass(5 * MINUTE);
  expect(w.messages).toEqual([]);
  w.channels.drives.makesFolders = true;
  await w.clock.pass(MINUTE);
  expect(namesIn(0)).toEqual(["a.txt"]);
  expect(w.notes(w.admin.user)).toEqual([]);
  w.channels.drives.folders.clear();
  w.channels.drives.makesFolders = false;
  await w.post(w.admin.user, "and", { FileIds: [file("b.txt", 3).Id] });
  await w.clock.pass(15 * MINUTE);
  expect(w.messages[1]?.body.content).toContain("and");
  expect(w.notes(w.admin.user)[0]?.Message).toContain("b.txt");
  expect(w.notices).toHaveLength(1);
  expect(waiting.Id).toBeString();
});

test("an empty file is not sent, and its author gets a message", async () => {
  await begin();
  await w.post(w.admin.user, "see", { FileIds: [file("empty.txt", 0).Id] });
  await w.settle();
  expect(w.messages[0]?.body.content).toContain("see");
  expect(w.notes(w.admin.user)[0]?.Message).toContain("empty.txt");
});

test("when the author edits in Teams a message that was sent with a file, the post has that file once", async () => {
  await begin();
  await w.post(w.admin.user, "see", { FileIds: [file("plan.txt", 3).Id] });
  await w.settle();
  const marker = w.messages[0]?.body.content.match(/<attachment[^>]*><\/attachment>/)?.[0] ?? "";
  const other = w.channels.share(w.teamsChannel, "more.txt", new Uint8Array([1]));
  w.channels.edit(w.teamsChannel, w.messages[0]?.id ?? "", {
    html: `<p>look</p>${marker}${other.marker}`,
    attachments: [...(w.messages[0]?.attachments ?? []), other.attachment],
  });
  await w.settle();
  expect(w.posts[0]?.Message).toBe("look");
  expect(namesOf(w.posts[0])).toEqual(["plan.txt", "more.txt"]);
  w.edit(w.posts[0] as Post, "look here");
  await w.settle();
  expect(namesIn(0)).toEqual(["plan.txt", "more.txt"]);
  expect(stored()).toHaveLength(2);
});

test("when the author edits here a message that came with a file from Teams, it stays, and nothing is uploaded", async () => {
  await begin();
  const shared = w.channels.share(w.teamsChannel, "report.pdf", new Uint8Array([9]));
  w.channels.say(w.teamsChannel, w.admin.person, {
    html: `<p>see</p>${shared.marker}`,
    attachments: [shared.attachment],
  });
  await w.settle();
  w.edit(w.posts[0] as Post, "see this");
  await w.settle();
  expect(w.messages[0]?.body.content).toContain("see this");
  expect(namesIn(0)).toEqual(["report.pdf"]);
  expect(stored()).toHaveLength(1);
  expect(namesOf(w.posts[0])).toEqual(["report.pdf"]);
});

test("of eleven files ten are copied and one is counted; one above the server's limit is named and not downloaded", async () => {
  await begin();
  const ben = w.teamsPerson("ben");
  const many = Array.from({ length: 11 }, (_, at) =>
    w.channels.share(w.teamsChannel, `f${at}.txt`, new Uint8Array([1])),
  );
  w.channels.say(w.teamsChannel, ben, {
    html: `<p>all</p>${many.map(({ marker }) => marker).join("")}`,
    attachments: many.map(({ attachment }) => attachment),
  });
  await w.settle();
  expect(w.posts[0]?.FileIds).toHaveLength(10);
  expect(w.posts[0]?.Message).toContain("1 more in Teams");
  w.mattermost.config.FileSettings = { ...w.mattermost.config.FileSettings, MaxFileSize: 1_000 } as never;
  // As the server says it: OnConfigurationChange.
  w.config.save({});
  const big = w.channels.share(w.teamsChannel, "huge.bin", new Uint8Array(2_000));
  w.channels.say(w.teamsChannel, ben, { html: `<p>big</p>${big.marker}`, attachments: [big.attachment] });
  await w.settle();
  expect(w.posts[1]?.FileIds).toEqual([]);
  expect(w.posts[1]?.Message).toContain("huge.bin");
});

test("a large file from Teams is streamed, byte for byte", async () => {
  await begin();
  const bytes = new Uint8Array(6 * 1024 * 1024).map((_, at) => at % 251);
  const shared = w.channels.share(w.teamsChannel, "film.mp4", bytes);
  w.channels.say(w.teamsChannel, w.teamsPerson("ben"), {
    html: `<p>see</p>${shared.marker}`,
    attachments: [shared.attachment],
  });
  await w.settle();
  const [id = ""] = w.posts[0]?.FileIds ?? [];
  expect(w.mattermost.files.get(id)?.info.Name).toBe("film.mp4");
  expect(Buffer.compare(w.mattermost.files.get(id)?.data ?? new Uint8Array(), bytes)).toBe(0);
});

for (const [reason, status, size] of [
  ["the storage in Microsoft 365 is full", 507, 3],
  ["the storage in Microsoft 365 is full", 507, 5 * 1024 * 1024],
  ["it is locked in Microsoft 365", 423, 3],
  ["too large for Microsoft 365", 413, 3],
  ["Microsoft 365 does not allow it", 403, 3],
  ["it could not be copied", 404, 3],
] as const)
  test(`a file that Microsoft refuses with ${status}, ${size} bytes: its message goes without it, its author reads why`, async () => {
    await begin();
    w.intercept = (method, path) =>
      (method === "PUT" && path.includes("/content")) || path.includes("createUploadSession")
        ? Response.json({ error: { code: "refused" } }, { status })
        : null;
    await w.post(w.admin.user, "see", { FileIds: [file("plan.txt", size).Id] });
    await w.post(w.admin.user, "and then");
    await w.settle(30);
    expect(w.messages.map(({ body }) => body.content).join()).toContain("and then");
    expect(w.messages[0]?.body.content).toContain("see");
    expect(w.notes(w.admin.user).map(({ Message }) => Message)).toEqual([
      expect.stringContaining(`plan.txt (${reason})`),
    ]);
    expect(w.notes(w.admin.user)[0]?.Message).toContain("/_redirect/pl/");
    expect(w.openFiles).toBe(0);
  });

test("a large file goes through a session that expires between two ranges: once in the folder, once in the channel", async () => {
  await begin();
  let ranges = 0;
  w.intercept = (method, path) => {
    ranges += method === "PUT" && path.startsWith("/upload/") ? 1 : 0;
    return ranges === 2 && path.startsWith("/upload/") ? new Response("", { status: 404 }) : null;
  };
  await w.post(w.admin.user, "see", { FileIds: [file("film.mp4", 9 * 1024 * 1024).Id] });
  await w.settle(30);
  expect(stored().map(({ bytes, name }) => [name, bytes.length])).toEqual([["film.mp4", 9 * 1024 * 1024]]);
  expect(w.messages).toHaveLength(1);
  expect(namesIn(0)).toEqual(["film.mp4"]);
  expect(w.openFiles).toBe(0);
});

for (const [reason, status] of [
  ["Microsoft 365 does not allow it", 403],
  ["it does not exist any more", 404],
  ["it does not exist any more", 410],
  ["it is locked in Microsoft 365", 423],
] as const)
  test(`a file from Teams that cannot be had, ${status}, is named with a link and the reason`, async () => {
    await begin();
    const shared = w.channels.share(w.teamsChannel, "plan_[1].pdf", new Uint8Array([9]));
    w.intercept = (_, path) => (path.startsWith("/shares/") ? new Response("", { status }) : null);
    w.channels.say(w.teamsChannel, w.teamsPerson("ben"), {
      html: `<p>see</p>${shared.marker}`,
      attachments: [shared.attachment],
    });
    await w.settle();
    const address = String((shared.attachment as { contentUrl?: string }).contentUrl).replaceAll(
      /[[\]]/g,
      encodeURIComponent,
    );
    expect(w.posts[0]?.Message).toContain("see");
    expect(w.posts[0]?.Message).toContain(
      `_Not copied from Teams: [plan\\_\\[1\\].pdf](${address}) (${reason})_`,
    );
  });

for (const size of [9, 3 * 1024 * 1024])
  test(`a file of ${size} bytes from Teams that this server does not take is named, and the message comes once`, async () => {
    await begin();
    w.apiFault = (method) =>
      method.startsWith("upload") ? new AppError("not allowed", { statusCode: 400 }) : undefined;
    const shared = w.channels.share(w.teamsChannel, "run.exe", new Uint8Array(size));
    w.channels.say(w.teamsChannel, w.teamsPerson("ben"), {
      html: `<p>see</p>${shared.marker}`,
      attachments: [shared.attachment],
    });
    await w.settle();
    await w.clock.pass(5 * MINUTE);
    expect(w.posts).toHaveLength(1);
    expect(w.posts[0]?.Message).toContain("(Mattermost does not take it)");
  });

test("a picture pasted in Teams becomes a file; one of another chat does not", async () => {
  await begin();
  const ben = w.teamsPerson("ben");
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 1]);
  const said = w.channels.say(w.teamsChannel, ben, { html: "<p>x</p>" });
  const src = w.channels.paste(w.teamsChannel, said, { bytes: png, contentType: "image/png" });
  w.channels.edit(w.teamsChannel, said.id, { html: `<p>see</p><img src="${src}">` });
  await w.settle();
  expect(namesOf(w.posts[0]).join()).toEndWith(".png");
  w.channels.edit(w.teamsChannel, said.id, {
    html: `<p>see</p><img src="https://graph.test/v1.0/chats/19:x/messages/1/hostedContents/a/$value">`,
  });
  await w.settle();
  expect(w.posts[0]?.FileIds).toEqual([]);
  expect(w.calls.some((call) => call.includes("/chats/"))).toBe(false);
});
