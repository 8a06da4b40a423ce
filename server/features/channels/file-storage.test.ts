/** Files of linked channels while Graph answers and the storage of files does not, and while neither does. */

import { afterEach, expect, test } from "bun:test";
import { putFile } from "../../../e2e/sandbox/mattermost/files.ts";
import { ChannelsWorld } from "./testing/channels-world.ts";

const MINUTE = 60_000;
const MB = 1024 * 1024;
let w: ChannelsWorld;
const begin = async () => {
  w = new ChannelsWorld();
  w.node();
  await w.link();
};
afterEach(() => w.stop());

const film = () => putFile(w.mattermost, w.channel.Id, "film.mp4", new Uint8Array(5 * MB).fill(7));
const texts = () => w.messages.map(({ body }) => body.content.replaceAll(/<[^>]*>/g, ""));
const cut = () =>
  new Response(
    new ReadableStream({
      pull(to) {
        to.error(new TypeError("the socket was closed"));
      },
    }),
  );
/** Makes Microsoft's storage unavailable. Returns a function that brings it back. */
const storageAway = (isOf: (path: string) => boolean, instead: () => Response) => {
  let isAway = true;
  w.intercept = (_, path) => (isAway && isOf(path) ? instead() : null);
  return () => {
    isAway = false;
  };
};
const say = async (...names: string[]) => {
  const shared = names.map((name) => w.channels.share(w.teamsChannel, name, new Uint8Array([1, 2, 3])));
  w.channels.say(w.teamsChannel, w.teamsPerson("ben"), {
    html: `<p>see</p>${shared.map(({ marker }) => marker).join("")}`,
    attachments: shared.map(({ attachment }) => attachment),
  });
  await w.settle(1);
  return shared;
};

test("to Teams: a storage that is back within ten minutes costs nothing", async () => {
  await begin();
  const back = storageAway(
    (path) => path.startsWith("/upload/"),
    () => new Response("", { status: 503 }),
  );
  await w.post(w.admin.user, "see", { FileIds: [film().Id] });
  await w.clock.pass(5 * MINUTE);
  expect(w.messages).toEqual([]);
  back();
  await w.clock.pass(10 * MINUTE);
  expect(w.messages[0]?.attachments).toMatchObject([{ name: "film.mp4" }]);
  expect(w.notes(w.admin.user)).toEqual([]);
  expect(w.openFiles).toBe(0);
});

test("to Teams: behind a firewall that lets only Graph through, messages go on without their files, and their author reads why", async () => {
  await begin();
  storageAway(
    (path) => path.startsWith("/upload/"),
    () => new Response("", { status: 503 }),
  );
  await w.post(w.admin.user, "see", { FileIds: [film().Id] });
  await w.post(w.admin.user, "and then");
  await w.clock.pass(30 * MINUTE);
  expect(texts()[0]).toContain("see");
  expect(texts()[1]).toBe("and then");
  expect(w.notes(w.admin.user).map(({ Message }) => Message)).toEqual([
    expect.stringContaining("film.mp4 (the storage of Microsoft 365 cannot be reached)"),
  ]);
  expect(w.openFiles).toBe(0);
});

test("from Teams: a download that is always cut off is named in the post", async () => {
  await begin();
  storageAway((path) => path.endsWith("/content"), cut);
  const [shared] = await say("film.mp4");
  await w.clock.pass(5 * MINUTE);
  expect(w.posts).toEqual([]);
  await w.clock.pass(25 * MINUTE);
  const address = /https:[^"]+/.exec(JSON.stringify(shared?.attachment))?.[0];
  expect(w.posts.map(({ Message }) => Message)).toEqual([
    expect.stringContaining(`[film.mp4](${address}) (the storage of Microsoft 365 cannot be reached)`),
  ]);
});

test("from Teams: files that were fetched before another file of the message failed are not fetched again", async () => {
  await begin();
  let downloads = 0;
  const back = storageAway((path) => {
    if (!path.endsWith("/content")) return false;
    downloads += 1;
    return downloads > 1;
  }, cut);
  await say("one.txt", "two.txt");
  await w.clock.pass(5 * MINUTE);
  expect(w.posts).toEqual([]);
  back();
  await w.clock.pass(10 * MINUTE);
  const files = (w.posts[0]?.FileIds ?? []).map((id) => w.mattermost.files.get(id)?.info.Name);
  expect(files).toEqual(["one.txt", "two.txt"]);
  expect(w.mattermost.files.size).toBe(2);
});

for (const what of ["from Teams", "to Teams"] as const)
  test(`${what}: while Graph itself is away, messages wait for hours, and come with their files`, async () => {
    await begin();
    const back = storageAway(
      () => true,
      () => new Response("", { status: 503 }),
    );
    if (what === "from Teams") await say("film.mp4");
    else await w.post(w.admin.user, "see", { FileIds: [film().Id] });
    await w.clock.pass(3 * 60 * MINUTE);
    expect([w.posts.length, w.messages.length]).toEqual(what === "from Teams" ? [0, 1] : [1, 0]);
    back();
    await w.clock.pass(10 * MINUTE);
    expect(w.posts[0]?.FileIds).toHaveLength(1);
    expect(w.messages[0]?.attachments).toHaveLength(1);
    expect(w.posts[0]?.Message).not.toContain("Not copied");
    expect(w.notes(w.admin.user)).toEqual([]);
  });
