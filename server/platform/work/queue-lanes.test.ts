import { describe, expect, test } from "bun:test";
import { type Lane, QueueLanes } from "./queue-lanes.ts";
import type { QueueEntry } from "./queue-records.ts";

const entry = (id: string, key: string, more: Partial<QueueEntry<string>> = {}): QueueEntry<string> => ({
  ...{ id, key, at: 1000, value: id, rev: 0, tries: 0, parked: null },
  ...more,
});

function lanes(...entries: QueueEntry<string>[]) {
  const made = new QueueLanes<string>();
  for (const one of entries) made.put(one);
  return made;
}

const firstDue = (of: QueueLanes<string>, now = 0): Lane<string> => {
  const [lane] = of.due(now);
  if (!lane) throw new Error("no lane is due");
  return lane;
};

describe("entries waiting on the working node", () => {
  test("entries of one key are in one lane, in the order of arrival", () => {
    const made = lanes(entry("a", "x"), entry("b", "y"), entry("c", "x"));
    expect([...made.due(0)].map(({ entries }) => entries.map(({ id }) => id))).toEqual([["a", "c"], ["b"]]);
    expect(made.state).toEqual({ waiting: 3, oldestAt: 1000, parked: 0 });
  });

  test("a known entry is not taken twice, and is taken again after it was settled", () => {
    const made = lanes(entry("a", "x"));
    expect(made.put(entry("a", "x"))).toBe(false);
    made.forgetFirst(firstDue(made));
    expect(made.put(entry("a", "x"))).toBe(true);
  });

  test("a busy lane, or one whose time has not come, is not due", () => {
    const made = lanes(entry("a", "x"), entry("b", "y"), entry("c", "z"));
    const [x, y] = [...made.due(0)] as [Lane<string>, Lane<string>];
    x.busy = true;
    y.due = 50;
    expect([...made.due(49)].map(({ key }) => key)).toEqual(["z"]);
    expect([...made.due(50)].map(({ key }) => key)).toEqual(["y", "z"]);
    expect(made.nextDue()).toBe(0);
    made.makeAllDue();
    expect([...made.due(0)].map(({ key }) => key)).toEqual(["y", "z"]);
  });

  test("an empty lane is removed when its attempt ends; a lane with entries stays", () => {
    const made = lanes(entry("a", "x"), entry("b", "x"));
    const lane = firstDue(made);
    made.forgetFirst(lane);
    made.rest(lane);
    expect(firstDue(made)).toBe(lane);
    made.forgetFirst(lane);
    made.rest(lane);
    expect([...made.due(0)]).toEqual([]);
    expect(made.nextDue()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("entries with a rank", () => {
  const placeOf = ({ value }: QueueEntry<string>) => {
    const [of = "", rank = ""] = value.split(" ");
    return { of, rank: Number(rank) };
  };
  const placed = (...values: string[]) => {
    const made = new QueueLanes<string>(placeOf);
    for (const value of values) made.put(entry(value, "x"));
    return made;
  };
  const order = (made: QueueLanes<string>) =>
    [...made.due(0)].flatMap(({ entries }) => entries.map(({ id }) => id));
  const orders: [name: string, added: string[], wanted: string[]][] = [
    ["wait with the smallest first", ["b 2", "c 3", "a 1"], ["a 1", "b 2", "c 3"]],
    ["of equal rank wait as they came", ["b 1", "a 1", "c 1"], ["b 1", "a 1", "c 1"]],
    ["of one thing wait as they came", ["a 9", "a 1"], ["a 9", "a 1"]],
    ["that are smaller pass both entries of one thing", ["a 9", "a 1", "b 4"], ["b 4", "a 9", "a 1"]],
    [
      "of one thing keep their order with others between them",
      ["a 9", "c 10", "a 2", "b 3"],
      ["b 3", "a 9", "a 2", "c 10"],
    ],
  ];
  for (const [name, added, wanted] of orders)
    test(name, () => expect(order(placed(...added))).toEqual(wanted));

  test("stay first while in progress, and step back for a retry when a smaller one arrived", () => {
    const made = placed("b 2");
    const lane = firstDue(made);
    lane.busy = true;
    expect(made.isOvertaken("x")).toBe(false);
    made.put(entry("a 1", "x"));
    made.put(entry("b 0", "x"));
    expect(lane.entries.map(({ id }) => id)).toEqual(["b 2", "a 1", "b 0"]);
    expect(made.isOvertaken("x")).toBe(true);
    made.rest(lane);
    expect(order(made)).toEqual(["a 1", "b 2", "b 0"]);
  });

  test("stay first when the store could not remove them", () => {
    const made = placed("b 2");
    const lane = firstDue(made);
    lane.busy = true;
    lane.settled = { because: null };
    made.put(entry("a 1", "x"));
    made.rest(lane);
    expect(order(made)).toEqual(["b 2", "a 1"]);
  });
});

describe("a parked entry", () => {
  test("waits in no lane, and lets the next one of its key pass", () => {
    const made = lanes(entry("a", "x"), entry("b", "x"));
    made.park(firstDue(made), entry("a", "x", { parked: "failed" }));
    expect(firstDue(made).entries.map(({ id }) => id)).toEqual(["b"]);
    expect(made.parked().map(({ id }) => id)).toEqual(["a"]);
    expect(made.state).toEqual({ waiting: 1, oldestAt: 1000, parked: 1 });
  });

  test("that is read from the store is parked here too, and waits again after it was put back", () => {
    const made = lanes(entry("a", "x", { parked: "failed" }));
    expect(made.state).toEqual({ waiting: 0, oldestAt: null, parked: 1 });
    made.unpark(entry("a", "x"));
    expect(made.put(entry("a", "x"))).toBe(true);
    expect(made.state).toEqual({ waiting: 1, oldestAt: 1000, parked: 0 });
  });
});

test("an entry that is settled while the store is read does not come back", async () => {
  const made = lanes(entry("a", "x"));
  const left = await made.leftOf(async () => {
    made.forgetFirst(firstDue(made));
    return [entry("a", "x"), entry("b", "x")];
  });
  expect(left.map(({ id }) => id)).toEqual(["b"]);
});
