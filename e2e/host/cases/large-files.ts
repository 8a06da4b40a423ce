import { readdirSync } from "node:fs";
import { until } from "../../until.ts";
import { FeatureHost, type HostMember, type HostPost } from "../feature-host.ts";
import { type Case, equal, isTrue, type Place } from "./case.ts";

const MB = 1024 * 1024;
/** Issue 16 demands 32; measured are 6 to 20. Before the code released each part explicitly, 45 to 76 to Teams. */
const MOST_MB = 32;

/** Large files in the compiled product: in both directions, and through the end of the process. */
export function largeFileCases(place: Place): Case[] {
  const withMember = async (run: (world: FeatureHost, cy: HostMember) => Promise<void>) => {
    const world = await FeatureHost.start(place, { people: 1, settings: { chats_max_file_size_mb: 200 } });
    try {
      const [cy] = world.members;
      isTrue(cy !== undefined, "a member");
      await run(world, cy);
    } finally {
      await world.stop();
    }
  };
  /** A file of that size in a chat, until it is in Mattermost. */
  async function receive(world: FeatureHost, cy: HostMember, size: number): Promise<HostPost> {
    const { chats, drives } = world.graph;
    const ben = world.stranger("Ben Baker");
    const item = drives.put(ben.objectId, "large.bin", new Uint8Array(size).fill(7));
    const { id } = await chats.write(
      chats.direct(ben.objectId, cy.person.objectId),
      ben.objectId,
      '<attachment id="a"></attachment>',
      {
        attachments: [{ id: "a", contentType: "reference", contentUrl: item.webUrl, name: item.name }],
      },
    );
    let post: HostPost | undefined;
    await until(async () => {
      post = (await world.posts(cy)).find(({ Props }) => Props.teams_message_id === id);
      return post !== undefined;
    }, "the post with the file");
    return post as HostPost;
  }
  async function answer(world: FeatureHost, cy: HostMember, root: HostPost): Promise<void> {
    const FileIds = await world.host.api("CopyFileInfos", cy.userId, root.FileIds ?? []);
    const reply = { UserId: cy.userId, ChannelId: root.ChannelId, RootId: root.Id, Message: "here" };
    await world.host.api("CreatePost", { ...reply, FileIds });
  }
  const uploaded = (world: FeatureHost, cy: HostMember) =>
    [...world.graph.drives.items.values()].filter(({ ownerId }) => ownerId === cy.person.objectId);

  return [
    {
      name: `mission-collaboration: a file of 100 MB raises the memory by less than ${MOST_MB} MB in both directions`,
      run: () =>
        withMember(async (world, cy) => {
          const rss = async () => (await world.host.state()).rss / MB;
          const raisedBy = async <T>(work: () => Promise<T>): Promise<{ value: T; raised: number }> => {
            await Bun.sleep(2_000);
            const base = await rss();
            let [peak, isOver] = [base, false];
            const working = work().finally(() => {
              isOver = true;
            });
            while (!isOver) {
              peak = Math.max(peak, await rss());
              await Bun.sleep(10);
            }
            return { value: await working, raised: peak - base };
          };
          // Code that is loaded and compiled for the first file is no part of the second one.
          await answer(world, cy, await receive(world, cy, 6 * MB));
          await until(() => world.graph.chats.sent.length === 1, "the first answer");
          const incoming = await raisedBy(() => receive(world, cy, 100 * MB));
          equal(incoming.value.FileIds?.length, 1);
          const outgoing = await raisedBy(async () => {
            await answer(world, cy, incoming.value);
            await until(() => world.graph.chats.sent.length === 2, "the answer");
          });
          equal(uploaded(world, cy).at(-1)?.size, 100 * MB);
          const figures = `${incoming.raised.toFixed(0)} MB to Mattermost, ${outgoing.raised.toFixed(0)} to Teams`;
          isTrue(incoming.raised < MOST_MB && outgoing.raised < MOST_MB, figures);
        }),
    },
    {
      name: "mission-collaboration: kill -9 in the middle of a large file: once in OneDrive, once in the chat, nothing on the disk",
      run: () =>
        withMember(async (world, cy) => {
          const root = await receive(world, cy, 20 * MB);
          const ranges = () =>
            world.graph.requests.filter(({ path }) => path.includes("/sandbox/upload/")).length;
          world.graph.setFaults({ delayMs: 150 });
          await answer(world, cy, root);
          await until(() => ranges() >= 2, "two ranges");
          await world.host.do("kill", { signal: 9 });
          await until(async () => (await world.host.state()).pid === 0, "the end of the process");
          equal(uploaded(world, cy).length, 0, "files in OneDrive while it is dead");
          equal(
            readdirSync(world.host.temporary).filter((name) => name.startsWith("mattermost-plugin-")),
            [],
          );
          world.graph.setFaults({ delayMs: 0 });
          equal((await world.host.do<{ state: string }>("check")).state, "running");
          await until(() => world.graph.chats.sent.length > 0, "the answer");
          await Bun.sleep(1_000);
          equal(world.graph.chats.sent.length, 1, "answers");
          equal(
            uploaded(world, cy).map(({ size }) => size),
            [20 * MB],
          );
        }),
    },
  ];
}
