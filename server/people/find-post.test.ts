import { expect, test } from "bun:test";
import { pluginApi } from "../../e2e/sandbox/mattermost/plugin-api.ts";
import { World } from "../../e2e/sandbox/mattermost/world.ts";
import { findPostSince } from "./find-post.ts";

function channelWith(count: number) {
  let now = 1_700_000_000_000;
  const start = now;
  const world = new World({ now: () => now });
  const ana = world.addUser({ Username: "ana" });
  const channel = world.addChannel({ TeamId: world.addTeam({ Name: "alpha" }).Id, Name: "square" });
  const posts = Array.from({ length: count }, () => {
    now += 1;
    return world.putPost({ UserId: ana.Id, ChannelId: channel.Id });
  });
  const find = (id: string | undefined, since = start) =>
    findPostSince(pluginApi(world), channel.Id, since, (post) => post.Id === id);
  return { find, posts, start };
}

test("a post is found among more changes than the server lists at once, the first one, too", async () => {
  const { find, posts } = channelWith(1_450);
  for (const post of [posts[0], posts[700], posts[1_449]])
    expect((await find(post?.Id))?.Id).toBe(post?.Id ?? "");
  expect(await find("nothing")).toBeNull();
});

test("a post from before that time is not found", async () => {
  const { find, posts, start } = channelWith(1_450);
  expect(await find(posts[2]?.Id, start + 300)).toBeNull();
  const few = channelWith(3);
  expect(await few.find(few.posts[0]?.Id, few.start + 2)).toBeNull();
  expect((await few.find(few.posts[2]?.Id, few.start + 2))?.Id).toBe(few.posts[2]?.Id ?? "");
});
