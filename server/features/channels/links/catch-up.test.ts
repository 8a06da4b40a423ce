/** Tests that posts are found that no hook reported, also when the server does not list all of them at once. */

import { describe, expect, test } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { begin, link, MINUTE, openLink, texts, w } from "../testing/one-link.ts";
import type { Work } from "../work.ts";

openLink();

const room = () => {
  const [node] = w.nodes;
  if (!node) throw new Error("no node");
  return node.engine.room;
};
const state = () => room().progress.read(link.id);

/** From now on, no hook reports a post, and the queue only records what is added to it. */
function silence(full: () => boolean = () => false): Work[] {
  w.unhook("node-1");
  const added: Work[] = [];
  Object.assign(room(), {
    add: async (work: Work) => {
      if (full()) throw new Error("too much waits for linked channels");
      added.push(work);
    },
  });
  return added;
}

async function write(count: number, word: string): Promise<Post[]> {
  const posts: Post[] = [];
  for (let number = 0; number < count; number += 1) {
    // Several posts have the same millisecond.
    if (number % 3 === 0) await w.clock.pass(1);
    const more = { UserId: w.admin.user.Id, ChannelId: w.channel.Id, Message: `${word} ${number}` };
    posts.push(w.mattermost.putPost(more));
  }
  return posts;
}

const postsOf = (added: readonly Work[]) => added.flatMap((work) => (work.do === "post" ? [work.post] : []));
const deletionsOf = (added: readonly Work[]) => added.filter((work) => work.do === "delete");
const idsOf = (posts: readonly Post[]) => posts.map(({ Id }) => Id);

/** Posts that were copied before the search. */
async function copied(...messages: string[]): Promise<Post[]> {
  const posts: Post[] = [];
  for (const message of messages) posts.push(await w.post(w.admin.user, message));
  await w.settle();
  expect(texts()).toEqual(messages);
  return posts;
}

describe("more changes than the server lists", () => {
  test("are all found, oldest first and once; a quiet channel is seen up to now afterwards", async () => {
    await begin();
    const added = silence();
    const posts = await write(1_450, "missed");
    await w.clock.pass(12 * MINUTE);
    const found = postsOf(added);
    expect([...new Set(found)]).toEqual(idsOf(posts));
    expect(await state()).toMatchObject({ search: null });
    expect((await state()).seenUntil).toBeGreaterThan(posts.at(-1)?.CreateAt ?? 0);
    await w.clock.pass(2 * MINUTE);
    added.splice(0);
    await w.clock.pass(30 * MINUTE);
    expect(added).toEqual([]);
  });

  test("nothing counts as seen before it is in the queue, and the search goes on where it ended", async () => {
    await begin();
    const seen = (await state()).seenUntil;
    let room = 500;
    const added = silence(() => {
      room -= 1;
      return room < 0;
    });
    const posts = await write(1_200, "missed");
    await w.clock.pass(10.5 * MINUTE);
    expect(postsOf(added)).toHaveLength(500);
    expect((await state()).seenUntil).toBe(seen);
    expect((await state()).search).not.toBeNull();
    expect(w.warnings.join()).toContain("could not be updated");
    room = Number.POSITIVE_INFINITY;
    await w.clock.pass(5 * MINUTE);
    const found = postsOf(added);
    expect([...new Set(found)]).toEqual(idsOf(posts));
    // Pages that were finished are not read again; the lists of changes have the last thousand once more.
    expect(found.filter((id) => id === posts[0]?.Id)).toHaveLength(1);
  });

  test("edits and deletions of older copies are found behind them", async () => {
    await begin();
    const [edited, deletedOne, kept] = await copied("to edit", "to delete", "to keep");
    if (!edited || !deletedOne || !kept) throw new Error("no posts");
    await w.clock.pass(20 * MINUTE);
    const added = silence();
    w.edit(edited, "edited");
    w.remove(deletedOne);
    const posts = await write(1_100, "missed");
    await w.clock.pass(12 * MINUTE);
    expect(new Set(postsOf(added))).toEqual(new Set([edited.Id, ...idsOf(posts)]));
    expect(deletionsOf(added)).toEqual([{ do: "delete", link: link.id, post: deletedOne.Id, user: "" }]);
  });

  test("the replies of a deleted root are deletions, too; what data retention removed stays in Teams", async () => {
    await begin();
    const [root, old] = await copied("root", "old");
    if (!root || !old) throw new Error("no posts");
    const reply = await w.post(w.admin.user, "reply", { RootId: root.Id });
    await w.settle();
    await w.clock.pass(20 * MINUTE);
    const added = silence();
    w.remove(root);
    w.mattermost.posts.delete(old.Id);
    await write(1_100, "missed");
    await w.clock.pass(12 * MINUTE);
    expect(new Set(deletionsOf(added).map(({ post }) => post))).toEqual(new Set([root.Id, reply.Id]));
  });

  test("in a channel without an older post, the first one is found", async () => {
    await begin();
    const added = silence();
    for (const post of w.mattermost.postsIn(w.channel.Id)) w.mattermost.posts.delete(post.Id);
    const posts = await write(1_001, "missed");
    await w.clock.pass(12 * MINUTE);
    expect(new Set(postsOf(added))).toEqual(new Set(idsOf(posts)));
  });

  test("a deletion whose author is unknown is carried out", async () => {
    await begin();
    const [gone] = await copied("gone");
    if (!gone) throw new Error("no post");
    await room().add({ do: "delete", link: link.id, post: gone.Id, user: "" });
    w.unhook("node-1");
    w.remove(gone);
    await w.settle();
    expect(texts().at(-1)).toContain("deleted this message in Mattermost");
  });
});
