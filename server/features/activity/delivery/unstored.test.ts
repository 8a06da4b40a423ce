import { expect, test } from "bun:test";
import { FakeClock } from "../../../platform/work/testing/fake-clock.ts";
import { type Entry, newEntry } from "./outbox.ts";
import { createUnstored } from "./unstored.ts";

const entry = (id: number): Entry => newEntry({ id: `post${id}`, channelId: "town", createdAt: id });

function world() {
  const clock = new FakeClock();
  const end = new AbortController();
  const stored: string[] = [];
  const state = { isDown: true, tries: 0 };
  const unstored = createUnstored({
    clock,
    signal: end.signal,
    outbox: {
      async add() {
        state.tries += 1;
        if (state.isDown) throw new Error("down");
      },
    },
    stored: ({ postId }) => void stored.push(postId),
  });
  return { clock, end, state, stored, unstored };
}

test("entries are stored in their order once the store works, and never again", async () => {
  const { clock, state, stored, unstored } = world();
  for (const id of [1, 2, 3]) unstored.keep(entry(id));
  await clock.pass(60_000);
  expect(stored).toEqual([]);
  state.isDown = false;
  await clock.pass(5_000);
  expect(stored).toEqual(["post1", "post2", "post3"]);
  const { tries } = state;
  await clock.pass(60_000);
  expect(state.tries).toBe(tries);
  state.isDown = true;
  unstored.keep(entry(4));
  await clock.pass(5_000);
  state.isDown = false;
  await clock.pass(5_000);
  expect(stored.at(-1)).toBe("post4");
});

test("while the store is down for long, the newest thousand are kept", async () => {
  const { clock, state, stored, unstored } = world();
  for (let id = 1; id <= 1_200; id += 1) unstored.keep(entry(id));
  await clock.pass(60_000);
  state.isDown = false;
  await clock.pass(5_000);
  expect([stored.length, stored[0], stored.at(-1)]).toEqual([1_000, "post201", "post1200"]);
});

test("the end of the plugin ends the tries", async () => {
  const { clock, end, state, unstored } = world();
  unstored.keep(entry(1));
  await clock.pass(12_000);
  const { tries } = state;
  end.abort();
  await clock.pass(60_000);
  expect(state.tries).toBe(tries);
});
