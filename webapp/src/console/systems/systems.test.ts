/** Tests the order of problems for an admin who has one minute. */

import { describe, expect, test } from "bun:test";
import type { SystemCard, Trouble } from "./api.ts";
import { type Link, worstFirst } from "./channel-links.tsx";
import { nextActions } from "./overview-page.tsx";

const trouble = (state: Trouble["state"], says: string): Trouble => ({ state, says, cure: "", place: null });
const system = (...all: Trouble[]) => ({ trouble: all }) as unknown as SystemCard;

describe("the next actions", () => {
  test("list an action that several systems need once, and begin with the one that stops a system", () => {
    const secret = trouble("problem", "The secret has expired.");
    const late = trouble("warning", "A change waits.");
    expect(nextActions([system(late, secret), system(secret)])).toEqual([secret, late]);
  });

  test("take the worse of two states", () => {
    const [warns, stops] = [
      trouble("warning", "A role is missing."),
      trouble("problem", "A role is missing."),
    ];
    expect(nextActions([system(warns), system(stops)])).toEqual([stops]);
    expect(nextActions([system(stops), system(warns)])).toEqual([stops]);
  });

  test("are empty when nothing is wrong", () => expect(nextActions([system(), system()])).toEqual([]));
});

test("paused links come first, then those that gave up, then those that wait", () => {
  const link = (id: string, part: Partial<Link>) =>
    ({ id, paused: null, parked: 0, waitingSince: null, ...part }) as Link;
  const links = [
    link("works", {}),
    link("waits", { waitingSince: 1 }),
    link("gave up", { parked: 2, waitingSince: 1 }),
    link("paused", { paused: "teams_gone" }),
  ];
  expect(worstFirst(links).map(({ id }) => id)).toEqual(["paused", "gave up", "waits", "works"]);
});
