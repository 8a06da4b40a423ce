import { describe, expect, test } from "bun:test";
import { makeKeyValueStore } from "../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../runtime/mattermost/testing/kv.ts";
import { SubscribedSince } from "./subscribed-since.ts";

function world() {
  const api = new MemoryKv();
  const people = new Set(["ann"]);
  let now = 1_000;
  const since = () =>
    new SubscribedSince({
      kv: makeKeyValueStore(api),
      now: () => now,
      has: async (userId) => people.has(userId),
    });
  const stored = () =>
    JSON.stringify([...api.values.values()].map((bytes) => new TextDecoder().decode(bytes)));
  return { people, since, stored, pass: (ms: number) => (now += ms) };
}

describe("the time since which a calendar is subscribed to", () => {
  test("is the first time, on every node and after a restart", async () => {
    const { pass, since } = world();
    expect(await since().of("ann")).toBe(1_000);
    pass(500);
    expect(await since().of("ann")).toBe(1_000);
  });

  test("is dropped for people without a subscription", async () => {
    const { people, since, stored } = world();
    people.add("ben");
    await since().note(["ann", "ben"]);
    await since().note(["ann"]);
    expect(stored()).toContain("ann");
    expect(stored()).not.toContain("ben");
  });

  test("leaves nothing of a person who disconnects while it is being stored", async () => {
    const { people, since, stored } = world();
    people.delete("ann");
    await since().note(["ann"]);
    expect(stored()).not.toContain("ann");
  });
});
