/**
 * Kills the process (kill -9) at every step of copying, in both directions: nothing is lost, nothing appears twice.
 */

import { expect, test } from "bun:test";
import type { SentChange } from "../../../e2e/sandbox/graph/changes.ts";
import { emojiText } from "../../platform/markdown/index.ts";
import { ChannelsWorld } from "./testing/channels-world.ts";
import { bury, mortal } from "./testing/mortal.ts";
import { wishOf } from "./to-mattermost/changes.ts";

const MINUTE = 60_000;

interface Story {
  /** Runs before the process can die. */
  readonly before?: (w: ChannelsWorld) => Promise<void>;
  readonly act: (w: ChannelsWorld) => Promise<void>;
  /** The expected texts on both sides. */
  readonly expected: readonly string[];
  /** On the only message, on both sides. */
  readonly reactions?: readonly string[];
  /** Minimum number of steps of this case; fewer would mean that the test does not see them. */
  readonly steps: number;
}

const stories: Record<string, Story> = {
  "a post with a file": {
    act: async (w) => {
      const info = await w.nodes[0]?.engine.room.ports.api
        .uploadFile(new Uint8Array([1]), w.channel.Id, "a.txt")
        .catch(() => null);
      await w.post(w.admin.user, "hello", { FileIds: info ? [info.Id] : [] });
    },
    expected: ["hello"],
    steps: 15,
  },
  "a post of somebody without a connection": {
    act: async (w) => void (await w.post(w.mattermostPerson("ann"), "hello")),
    expected: ["hello"],
    steps: 10,
  },
  "an edited post": {
    before: async (w) => void (await w.post(w.admin.user, "hello")),
    act: async (w) => {
      const [post] = w.posts;
      if (post) w.edit(post, "good day");
    },
    expected: ["good day"],
    steps: 10,
  },
  "a deleted post": {
    before: async (w) => void (await w.post(w.admin.user, "hello")),
    act: async (w) => {
      const [post] = w.posts;
      if (post) w.remove(post);
    },
    expected: [],
    steps: 6,
  },
  "a message from Teams": {
    act: async (w) => void w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>hello</p>" }),
    expected: ["hello"],
    steps: 12,
  },
  "an edit in Teams": {
    before: async (w) => void w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>hello</p>" }),
    act: async (w) => w.channels.edit(w.teamsChannel, w.messages[0]?.id ?? "", { html: "<p>good day</p>" }),
    expected: ["good day"],
    steps: 8,
  },
  "a reaction in Teams beside one that is taken back": {
    before: async (w) => {
      const ben = w.teamsPerson("ben");
      const { id } = w.channels.say(w.teamsChannel, ben, { html: "<p>hello</p>" });
      w.channels.react(w.teamsChannel, id, ben, "👍");
    },
    act: async (w) => {
      const [message] = w.messages;
      const ben = w.tenant.person("ben@example.com");
      if (!message || !ben) return;
      w.channels.unreact(w.teamsChannel, message.id, ben, "👍");
      w.channels.react(w.teamsChannel, message.id, w.admin.person, "🎉");
      await w.report(w.pending.pop() as SentChange).catch(() => {});
      // Taken back before the process is replaced: what it had set here must go, too.
      w.channels.unreact(w.teamsChannel, message.id, w.admin.person, "🎉");
      w.channels.react(w.teamsChannel, message.id, w.teamsPerson("gus"), "❤️");
    },
    expected: ["hello"],
    reactions: ["❤️"],
    steps: 8,
  },
  "a deletion in Teams": {
    before: async (w) => void w.channels.say(w.teamsChannel, w.teamsPerson("ben"), { html: "<p>hello</p>" }),
    act: async (w) => w.channels.remove(w.teamsChannel, w.messages[0]?.id ?? ""),
    expected: [],
    steps: 6,
  },
};

const lastLine = (text: string) => text.split("\n").at(-1) ?? "";
const wordsOf = (html: string) => html.replaceAll(/<strong>[^<]*<\/strong>|<[^>]*>/g, "");

/** Returns whether the process died. */
async function killedAt({ before, act, expected, reactions }: Story, at: number): Promise<boolean> {
  const w = new ChannelsWorld();
  const { node, life } = mortal(w);
  const link = await w.link();
  await before?.(w);
  await w.settle();
  life.left = at;
  await act(w).catch(() => {});
  for (const change of w.pending.splice(0)) await w.report(change, node).catch(() => w.pending.push(change));
  await w.clock.pass(2_000);
  const died = life.dead;
  life.left = Number.POSITIVE_INFINITY;
  if (died) {
    await bury(w, node);
    w.node();
  }
  // Graph repeats what was not acknowledged, and gaps are filled as well.
  await w.settle();
  await w.clock.pass(5 * MINUTE);
  const gap = { from: 0, to: w.clock.now() };
  const work = { signal: new AbortController().signal, turn: async () => true };
  await w.nodes[0]?.engine.listener.fillGap(wishOf(link), gap, work);
  await w.settle(60);
  const sides = () => ({
    mattermost: w.posts.map(({ Message }) => lastLine(Message)),
    teams: w.messages.map(({ body }) => wordsOf(body.content)),
  });
  // Request bodies are read independently of the fake clock; on a busy machine that takes longer.
  for (let wait = 0; wait < 40; wait += 1) {
    const { mattermost, teams } = sides();
    if (mattermost.length === expected.length && teams.length === expected.length) break;
    await Bun.sleep(10);
    await w.settle(5);
  }
  const both = sides();
  expect({ at, ...both }).toEqual({ at, mattermost: [...expected], teams: [...expected] });
  if (reactions) {
    const here = w.mattermost.reactions.get(w.posts[0]?.Id ?? "") ?? [];
    const there = w.messages[0]?.reactions.map(({ reactionType }) => reactionType) ?? [];
    const mattermost = here.map(({ EmojiName }) => emojiText(EmojiName));
    expect({ at, mattermost, teams: there }).toEqual({
      at,
      mattermost: [...reactions],
      teams: [...reactions],
    });
  }
  await w.stop();
  return died;
}

for (const [name, story] of Object.entries(stories)) {
  test(`${name}, killed at every step`, async () => {
    let steps = 0;
    while (steps < 200 && (await killedAt(story, steps))) steps += 1;
    expect(steps).toBeGreaterThanOrEqual(story.steps);
    expect(steps).toBeLessThan(200);
  }, 300_000);
}
