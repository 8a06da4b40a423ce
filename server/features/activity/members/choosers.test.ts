import { expect, test } from "bun:test";
import { MemoryStore } from "../testing/memory-store.ts";
import { Choosers } from "./choosers.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

test("what could not be stored is stored with the next occasion", async () => {
  const store = new MemoryStore();
  const choosers = new Choosers(store, quiet);
  store.before = () => {
    throw new Error("down");
  };
  await expect(choosers.add("bob", "carol")).rejects.toThrow("down");
  expect(["bob", "carol"].every((userId) => choosers.has(userId))).toBe(true);
  store.before = () => {};
  await choosers.add();
  const restarted = new Choosers(store, quiet);
  await restarted.load();
  expect(["bob", "carol"].filter((userId) => restarted.has(userId))).toEqual(["bob", "carol"]);
});
