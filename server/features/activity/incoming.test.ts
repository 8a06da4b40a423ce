import { describe, expect, test } from "bun:test";
import type { Post } from "../../runtime/mattermost/index.ts";
import { createIncoming } from "./incoming.ts";
import type { Audience } from "./rules/audience.ts";

const post = (more: Partial<Post> = {}) =>
  ({
    ...{ Id: "post", ChannelId: "town", UserId: "alice", CreateAt: 5, EditAt: 0, Type: "", Message: "@bob" },
    ...{ RootId: "", Props: {}, FileIds: [] },
    ...more,
  }) as unknown as Post;

interface State {
  readonly enabled?: boolean;
  readonly members?: { readonly complete: boolean; readonly size: number };
  /** `null`: the channel is not in memory yet. */
  readonly concerns?: boolean | null;
  readonly leading?: boolean;
  readonly store?: "fails";
}

function world(state: State = {}) {
  const { concerns = true, leading = true } = state;
  const seen: string[] = [];
  const incoming = createIncoming({
    audiences: {
      guess: () => (concerns === null ? null : ({} as Audience)),
      concernsAnybody: () => concerns === true,
    },
    dispatch: { add: (entry) => void seen.push(`dispatch ${entry.postId}`), leading },
    enabled: () => state.enabled ?? true,
    metrics: { notDurable: () => void seen.push("not durable") },
    decisions: {
      ignore: (postId) => void seen.push(`ignored ${postId}`),
      posted: (_post, _audience, concerning) => void seen.push(`noted ${concerning}`),
    },
    log: { warn: (message) => void seen.push(message) },
    members: state.members ?? { complete: true, size: 1 },
    nodes: { publish: (kind) => void seen.push(`publish ${kind}`) },
    outbox: {
      async add(entry) {
        if (state.store) throw new Error("down");
        seen.push(`outbox ${entry.postId}`);
      },
    },
    threads: { replied: ({ rootId }) => void seen.push(`reply to ${rootId}`) },
    unstored: { keep: (entry) => void seen.push(`kept ${entry.postId}`) },
  });
  return { incoming, seen };
}

describe("a post", () => {
  test("that concerns a linked member is stored before anything else is done with it", async () => {
    const { incoming, seen } = world();
    await incoming.posted(post());
    expect(seen).toEqual(["noted true", "outbox post", "dispatch post"]);
  });

  test("on a node that does not deliver is announced to the one that does", async () => {
    const { incoming, seen } = world({ leading: false });
    await incoming.posted(post());
    expect(seen).toEqual(["noted true", "outbox post", "dispatch post", "publish added"]);
  });

  test("of a channel that is not in memory yet is stored, because it may concern somebody", async () => {
    const { incoming, seen } = world({ concerns: null });
    await incoming.posted(post());
    expect(seen).toContain("outbox post");
  });

  test("that concerns nobody is remembered, in case the server decides otherwise, and not stored", async () => {
    const { incoming, seen } = world({ concerns: false });
    await incoming.posted(post());
    expect(seen).toEqual(["noted false"]);
  });

  test("that is a reply is recorded in its thread, whomever it concerns", async () => {
    const { incoming, seen } = world({ concerns: false });
    await incoming.posted(post({ RootId: "root" }));
    expect(seen).toEqual(["noted false", "reply to root"]);
  });

  test("is still delivered when the store fails", async () => {
    const { incoming, seen } = world({ store: "fails" });
    await incoming.posted(post());
    expect(seen).toEqual([
      "noted true",
      "not durable",
      "A notification could not be written to the outbox",
      "dispatch post",
    ]);
  });

  test("is kept on a node that does not deliver when the store fails: no other node could read it", async () => {
    const { incoming, seen } = world({ leading: false, store: "fails" });
    await incoming.posted(post());
    expect(seen).toEqual([
      "noted true",
      "not durable",
      "A notification could not be written to the outbox",
      "kept post",
    ]);
  });

  const ignored: readonly [string, State, Partial<Post>][] = [
    ["while activities are off", { enabled: false }, {}],
    ["while nobody is linked", { members: { complete: true, size: 0 } }, {}],
    ["of the system", {}, { Type: "system_join_channel" }],
  ];
  for (const [name, state, more] of ignored)
    test(`${name} is ignored`, async () => {
      const { incoming, seen } = world(state);
      await incoming.posted(post(more));
      expect(seen).toEqual([]);
      expect(incoming.takeTraffic()).toBe(false);
    });

  test("is not ignored while the linked members are still being read", async () => {
    const { incoming, seen } = world({ members: { complete: false, size: 0 } });
    await incoming.posted(post());
    expect(seen).toContain("outbox post");
  });

  test("is reported as traffic once", async () => {
    const { incoming } = world();
    await incoming.posted(post());
    expect([incoming.takeTraffic(), incoming.takeTraffic()]).toEqual([true, false]);
  });
});
