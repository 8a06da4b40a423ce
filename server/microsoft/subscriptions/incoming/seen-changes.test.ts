/** Tests for how long a change is recognised that Graph delivers again. */

import { expect, test } from "bun:test";
import { makeKeyValueStore } from "../../../runtime/mattermost/kv.ts";
import { MemoryKv } from "../../../runtime/mattermost/testing/kv.ts";
import { SeenChanges } from "./seen-changes.ts";

const HOUR = 3_600_000;

/** More than there are records, so that each record has several. */
const many = (name: string, length = 300) => Array.from({ length }, (_, index) => `${name} ${index}`);

function world() {
  const kv = makeKeyValueStore(new MemoryKv());
  let at = 1_700_000_000_000;
  const node = () => new SeenChanges(kv, () => at);
  const known = async (seen: SeenChanges, names: readonly string[]) =>
    (await Promise.all(names.map((name) => seen.has(name)))).filter((one) => one).length;
  const add = async (seen: SeenChanges, names: readonly string[]) => {
    for (const name of names) await seen.add(name);
  };
  return { add, known, node, pass: (ms: number) => (at += ms) };
}

test("a change is known on every node for five hours, whatever else comes meanwhile", async () => {
  const { add, known, node, pass } = world();
  const [one, other] = [node(), node()];
  await add(one, many("first"));
  expect(await known(other, many("first"))).toBe(300);
  pass(5 * HOUR - 1_000);
  await add(other, many("second"));
  expect(await known(one, many("first"))).toBe(300);
  expect(await known(one, many("another"))).toBe(0);
});

test("afterwards it makes room for newer ones", async () => {
  const { add, known, node, pass } = world();
  const seen = node();
  await add(seen, many("first"));
  pass(5 * HOUR);
  await add(seen, many("second", 1_000));
  expect(await known(seen, many("first"))).toBe(0);
  expect(await known(seen, many("second", 1_000))).toBe(1_000);
});
