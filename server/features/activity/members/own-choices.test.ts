import { expect, test } from "bun:test";
import { MemoryStore } from "../testing/memory-store.ts";
import { OwnChoices } from "./own-choices.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

test("what could not be stored is stored with the next occasion", async () => {
  const store = new MemoryStore();
  const ownChoices = new OwnChoices(store, quiet);
  store.before = () => {
    throw new Error("down");
  };
  await expect(ownChoices.add("bob", "carol")).rejects.toThrow("down");
  expect(["bob", "carol"].every((userId) => ownChoices.has(userId))).toBe(true);
  store.before = () => {};
  await ownChoices.add();
  const restarted = new OwnChoices(store, quiet);
  await restarted.load();
  expect(["bob", "carol"].filter((userId) => restarted.has(userId))).toEqual(["bob", "carol"]);
});
