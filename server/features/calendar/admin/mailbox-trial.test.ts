/** A mailbox is tried with the app's and the person's permissions, instead of reading what a token claims. */

import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld, type Member } from "../testing/day-world.ts";
import { tryMailbox } from "./mailbox-trial.ts";
import { calendarSystem } from "./system.ts";

let world: DayWorld;
afterEach(() => world.stop());

async function trial(member: Member | null, isConnected = true) {
  const { services } = await world.start();
  const forgotten: string[] = [];
  const steps = await tryMailbox(
    {
      graph: services.graph,
      links: services.links,
      connections: { ...services.connections, isConnected: async () => isConnected },
      clock: world.clock.now,
      tokens: { forget: () => void forgotten.push("token") },
      forgetRefusals: async (userId) => void forgotten.push(userId),
    },
    member?.user.Id ?? "nobody",
  );
  return {
    forgotten,
    said: steps.map(({ id, ok, seen }) => `${id} ${ok ? "ok" : "no"} ${seen.code}`),
    steps,
  };
}

describe("a mailbox", () => {
  test("that the app reads works, and earlier refusals are forgotten", async () => {
    world = new DayWorld();
    const sam = world.member("sam");
    const { forgotten, said, steps } = await trial(sam);
    expect(said).toEqual(["account ok linked", "app ok read", "person ok read", "verdict ok works_by_app"]);
    expect(steps[1]?.seen.values).toEqual({ zone: "UTC" });
    expect(forgotten).toEqual(["token", sam.user.Id]);
  });

  test("of somebody who is not connected works only with the app", async () => {
    world = new DayWorld();
    expect((await trial(world.member("sam"), false)).said).toEqual([
      "account ok linked",
      "app ok read",
      "person ok not_connected",
      "verdict ok works_by_app",
    ]);
  });

  test("that a policy closes to the app works with the person's token, and the app's step links to the set-up", async () => {
    world = new DayWorld();
    const sam = world.member("sam");
    world.box(sam).deniedToApps = true;
    const { said, steps } = await trial(sam);
    expect(said).toEqual([
      "account ok linked",
      "app no denied",
      "person ok read",
      "verdict ok works_by_person",
    ]);
    expect(steps[1]).toMatchObject({ cure: "denied_app", place: { page: "connect", part: "setup" } });
  });

  test("that nobody may read, or that does not exist, fails", async () => {
    world = new DayWorld();
    const sam = world.member("sam");
    world.box(sam).deniedToApps = true;
    expect((await trial(sam, false)).said.slice(1)).toEqual([
      "app no denied",
      "person no not_connected",
      "verdict no works_not",
    ]);
    world.box(sam).deniedToApps = false;
    const { Refusal } = await import("../../../../e2e/sandbox/graph/refusal.ts");
    world.box(sam).failure = () => new Refusal(404, "MailboxNotEnabledForRESTAPI", "no mailbox");
    expect((await trial(sam)).said.slice(1)).toEqual([
      "app no no_mailbox",
      "person no no_mailbox",
      "verdict no works_not",
    ]);
  });

  test("of a person without a link does not exist", async () => {
    world = new DayWorld();
    expect((await trial(null)).said).toEqual(["account no no_link"]);
  });
});

test("each step and reason of the calendar has texts", () => {
  world = new DayWorld();
  const { en } = calendarSystem({} as never).words();
  const codes = ["not_connected", "no_token", "no_mailbox", "denied", "unavailable"];
  for (const code of codes) {
    expect(en[`seen.${code}`]).toBeString();
    for (const by of ["app", "person"]) expect([code, by, en[`cure.${code}_${by}`]]).not.toContain(undefined);
  }
  for (const code of ["not_connected", "no_mailbox", "denied", "unavailable"])
    expect(en[`reason.${code}`]).toBeString();
});
