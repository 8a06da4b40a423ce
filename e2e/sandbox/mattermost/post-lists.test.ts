import { describe, expect, test } from "bun:test";
import { pluginApi } from "./plugin-api.ts";
import { World } from "./world.ts";

describe("lists of posts", () => {
  const ids = (list: { readonly Order: readonly string[] | null } | null) => list?.Order ?? [];

  async function busy(count: number) {
    let now = 1_700_000_000_000;
    const world = new World({ now: () => now });
    const ana = world.addUser({ Username: "ana" });
    const square = world.addChannel({ TeamId: world.addTeam({ Name: "alpha" }).Id, Name: "square" });
    const wait = (ms: number) => (now += ms);
    const posts: string[] = [];
    for (let number = 0; number < count; number += 1) {
      wait(1);
      posts.push(world.putPost({ UserId: ana.Id, ChannelId: square.Id }).Id);
    }
    return { api: pluginApi(world), world, ana, square, posts, wait };
  }

  test("the changes since a time are at most a thousand, without a word about the others", async () => {
    const { api, posts, square } = await busy(1_005);
    const list = await api.getPostsSince(square.Id, 0);
    expect(ids(list)).toHaveLength(1_000);
    expect(Object.keys(list?.Posts ?? {})).toHaveLength(1_000);
    expect(list?.HasNext).toBeNull();
    expect(posts).toHaveLength(1_005);
  });

  test("the root of a reply comes with it, and is not in the order", async () => {
    const { api, ana, posts, square, wait, world } = await busy(1);
    const since = world.now();
    wait(1);
    const [root = ""] = posts;
    const reply = world.putPost({ UserId: ana.Id, ChannelId: square.Id, RootId: root });
    const list = await api.getPostsSince(square.Id, since);
    expect(ids(list)).toEqual([reply.Id]);
    expect(Object.keys(list?.Posts ?? {}).sort()).toEqual([reply.Id, root].sort());
  });

  test("before and after a post, also a deleted one; nothing is around one that is not stored", async () => {
    const { api, posts, square, world } = await busy(5);
    const [first, second, third = "", fourth, fifth] = posts;
    world.deletePost({ Id: third });
    expect(ids(await api.getPostsAfter(square.Id, third, 0, 1))).toEqual([fourth ?? ""]);
    expect(ids(await api.getPostsAfter(square.Id, third, 1, 1))).toEqual([fifth ?? ""]);
    expect(ids(await api.getPostsAfter(square.Id, third, 2, 1))).toEqual([]);
    expect(ids(await api.getPostsAfter(square.Id, third, 0, 9))).toEqual([fifth ?? "", fourth ?? ""]);
    expect(ids(await api.getPostsBefore(square.Id, third, 0, 9))).toEqual([second ?? "", first ?? ""]);
    world.posts.delete(third);
    expect(ids(await api.getPostsAfter(square.Id, third, 0, 9))).toEqual([]);
    expect(ids(await api.getPostsBefore(square.Id, third, 0, 9))).toEqual([]);
  });
});
