/** Measures files of chats: how fast they arrive, and how much memory they take. */

import type { HostPost } from "../../e2e/host/feature-host.ts";
import { row } from "./row.ts";
import { type ChatsStage, until } from "./stage.ts";

export async function file(stage: ChatsStage): Promise<void> {
  const group = stage.members.slice(0, 9);
  const chat = stage.group(group, "Film");
  const item = stage.world.graph.drives.put(
    stage.ben.objectId,
    "film.mp4",
    new Uint8Array(10 * 1024 * 1024).fill(7),
  );
  const times: number[] = [];
  for (let at = 0; at < 5; at += 1) {
    const started = Date.now();
    const message = await stage.chats.write(chat, stage.ben.objectId, '<attachment id="a"></attachment>', {
      attachments: [{ id: "a", contentType: "reference", contentUrl: item.webUrl, name: item.name }],
    });
    times.push((await stage.postedAt(group, message.id)) - started);
  }
  times.sort((a, b) => a - b);
  row(
    "10 MB file to 9 people: ms, downloads",
    `${times[2]} ms, ${stage.world.graph.drives.downloads.length / 5}`,
    "2975 ms, 9",
    "≤ 1200 ms, 1",
  );
}

/** How much more the process holds at the worst moment of a file, than before it. */
export async function largeFiles(stage: ChatsStage): Promise<void> {
  const MB = 1024 * 1024;
  const member = stage.pick(0);
  const item = stage.world.graph.drives.put(
    stage.ben.objectId,
    "large.bin",
    new Uint8Array(100 * MB).fill(7),
  );
  const grown = async (run: () => Promise<unknown>): Promise<string> => {
    await Bun.sleep(3_000);
    const base = await stage.rss();
    const started = performance.now();
    let [peak, isOver] = [base, false];
    const work = run().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      peak = Math.max(peak, await stage.rss());
      await Bun.sleep(10);
    }
    await work;
    return `${(peak - base).toFixed(0)} MB, ${((performance.now() - started) / 1000).toFixed(1)} s`;
  };
  let post: HostPost | undefined;
  const incoming = await grown(async () => {
    const { id } = await stage.chats.write(
      stage.direct(member),
      stage.ben.objectId,
      '<attachment id="a"></attachment>',
      {
        attachments: [{ id: "a", contentType: "reference", contentUrl: item.webUrl, name: item.name }],
      },
    );
    await until(async () => {
      post = (await stage.world.posts(member)).find(({ Props }) => Props.teams_message_id === id);
      return post !== undefined;
    }, 120);
  });
  row(
    "100 MB file to Mattermost: RSS grows by",
    post?.FileIds?.length === 1 ? incoming : "no file",
    "–",
    "< 32 MB",
  );
  const files = (await stage.world.host.api("CopyFileInfos", member.userId, post?.FileIds ?? [])) as string[];
  const sent = stage.chats.sent.length;
  const outgoing = await grown(async () => {
    const reply = { UserId: member.userId, ChannelId: post?.ChannelId, RootId: post?.Id, Message: "here" };
    await stage.world.host.api("CreatePost", { ...reply, FileIds: files });
    await until(async () => stage.chats.sent.length > sent, 120);
  });
  const isWhole = [...stage.world.graph.drives.items.values()].some(
    ({ bytes, ownerId }) => ownerId === member.person.objectId && bytes.length === 100 * MB,
  );
  row("100 MB file to Teams: RSS grows by", isWhole ? outgoing : "no file", "–", "< 32 MB");
}
