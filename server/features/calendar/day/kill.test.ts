// Kills a node at every step of a meeting, and runs two nodes at once: people see everything once.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

const everything = {
  ...({ status: "dnd", customStatus: true, reminders: true } as const),
  summary: { enabled: true, postTime: "09:45", weekdays: [1, 2, 3, 4, 5] },
};

/** A morning: summary 09:45, reminder 09:50, meeting 10:00–11:00, on the nodes that are alive. */
async function morning(dieAt: number | null): Promise<{ seen: unknown; calls: number }> {
  world = new DayWorld(Date.parse("2026-06-15T09:40:00Z"));
  const sam = world.member("sam", everything);
  world.meeting(sam, "10:00", "11:00", { subject: "Budget" });
  const first = await world.start();
  let calls = 0;
  // Every call to the server and every write to the store is a step.
  const step = (method: string) => {
    if (!/^(kvSet|compareAndSet|createPost|setUserStatus|updateUser|removeUser)/.test(method)) return;
    calls += 1;
    if (calls !== dieAt) return;
    first.kill();
  };
  world.fault = (method) => {
    step(method);
    return undefined;
  };
  world.store.before = (call) => step(call);
  const second = await world.start();
  await world.passTo("10:30");
  const middle = { status: world.status(sam), custom: world.custom(sam)?.text };
  await world.passTo("11:01");
  const posts = world.posts(sam).map(({ Message }) => Message.split("\n")[0]);
  expect(second.part.driver.isDriving).toBe(dieAt !== null && dieAt <= calls);
  return { seen: { middle, posts, end: world.status(sam), custom: world.custom(sam) }, calls };
}

describe("killed at every step of a morning with summary, reminder, status and custom status", () => {
  const whole = {
    middle: { status: "dnd by hand", custom: "In a meeting" },
    posts: ["#### Monday, June 15", "**Budget** starts in 10 min"],
    end: "online",
    custom: null,
  };
  /** A change that adds or saves a call changes this number. */
  const STEPS = 98;

  test("the whole morning, and the number of its steps", async () => {
    expect(await morning(null)).toEqual({ seen: whole, calls: STEPS });
  });

  for (let dieAt = 1; dieAt <= STEPS; dieAt += 1)
    test(`at step ${dieAt}: each once, and all undone at the end`, async () => {
      expect((await morning(dieAt)).seen).toEqual(whole);
    });
});

describe("killed at every step of a question", () => {
  /** Asked at 10:00, together with the reminder of the next meeting; yes at 10:05; over at 11:00. */
  async function asked(dieAt: number | null): Promise<{ seen: unknown; calls: number }> {
    world = new DayWorld(Date.parse("2026-06-15T09:55:00Z"));
    const sam = world.member("sam", { status: "dnd", confirm: true, reminders: true });
    world.meeting(sam, "10:00", "11:00", { subject: "First" });
    world.meeting(sam, "11:30", "12:00", { subject: "Second", showAs: "free" });
    const first = await world.start();
    let calls = 0;
    const step = (method: string) => {
      if (!/^(compareAndSet|createPost|setUserStatus|updateUserStatus|updatePost)/.test(method)) return;
      calls += 1;
      if (calls === dieAt) first.kill();
    };
    world.fault = (method) => {
      step(method);
      return undefined;
    };
    world.store.before = (call) => step(call);
    const second = await world.start();
    await world.passTo("10:04");
    const card = world.posts(sam).find(({ Message }) => Message.includes("*Do Not Disturb*"));
    const alive = second.part.driver.isDriving ? second : first;
    // Nobody presses twice here, but a press that died with its node is repeated, as people do.
    for (const node of [alive, second])
      if (card && world.status(sam) === "online")
        // A press that its node does not survive has no answer.
        await Promise.race([world.press(node, sam, card as never, "yes"), world.clock.settle()]);
    await world.passTo("10:20");
    const middle = world.status(sam);
    await world.passTo("11:05");
    const posts = world.posts(sam).map(({ Message }) => Message.split("\n")[0]);
    return { seen: { middle, posts, end: world.status(sam) }, calls };
  }

  const whole = {
    middle: "dnd by hand",
    posts: ["**First** starts in 5 min", "**First** · Monday, June 15 · 10:00 – 11:00"],
    end: "online",
  };
  /** A change that adds or saves a call changes this number. */
  const STEPS = 80;

  test("nobody dies: one card, one status, one end", async () => {
    expect(await asked(null)).toEqual({ seen: whole, calls: STEPS });
  });

  for (let dieAt = 1; dieAt <= STEPS; dieAt += 1)
    test(`at step ${dieAt}: one card, one status, one end`, async () => {
      expect((await asked(dieAt)).seen).toEqual(whole);
    });
});

describe("killed between two calls of one change", () => {
  /** During a meeting, the first node dies at the nth call that changes a status. */
  async function interrupted(dieAt: number, change: Record<string, unknown>) {
    world = new DayWorld();
    world.serverJobs = false;
    const sam = world.member("sam", { status: "dnd" });
    const meeting = world.meeting(sam, "10:00", "11:00");
    const first = await world.start();
    await world.passTo("10:20");
    let calls = 0;
    world.fault = (method) => {
      if (/UserStatus$|TimedDND$/.test(method) && method !== "getUserStatus" && ++calls === dieAt)
        first.kill();
      return undefined;
    };
    await world.graph.calendars.change(sam.person.objectId, meeting.id, change);
    first.part.driver.changed(sam.user.Id);
    await world.passTo("10:20:10");
    await world.start();
    await world.passTo("10:21");
    return sam;
  }

  for (const dieAt of [1, 2, 3])
    test(`a meeting is cancelled, call ${dieAt}: online, without a leftover end of a do-not-disturb`, async () => {
      const sam = await interrupted(dieAt, { isCancelled: true });
      expect(world.status(sam)).toBe("online");
      expect(world.mattermost.statuses.get(sam.user.Id)?.DNDEndTime).toBe(0);
    });

  for (const dieAt of [1, 2, 3])
    test(`a meeting is extended, call ${dieAt}: do-not-disturb until the new end, and online after it`, async () => {
      const end = { dateTime: "2026-06-15T11:30:00.0000000", timeZone: "UTC" };
      const sam = await interrupted(dieAt, { end });
      expect(world.mattermost.statuses.get(sam.user.Id)).toMatchObject({
        ...{ Status: "dnd", PrevStatus: "online", DNDEndTime: world.at("11:30") / 1_000 },
      });
      await world.passTo("11:30:10");
      expect(world.status(sam)).toBe("online");
    });
});

describe("two nodes", () => {
  test("A30: one status call in total", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd" });
    world.meeting(sam, "10:00", "11:00");
    await world.start();
    await world.start();
    await world.passTo("10:05");
    expect(world.statusCalls()).toEqual(["10:00:00 dnd until 11:00"]);
  });

  test("a press on the node that does not drive takes effect at once", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd", confirm: true });
    world.meeting(sam, "10:00", "11:00");
    await world.start();
    const other = await world.start();
    await world.passTo("10:05");
    await world.press(other, sam, world.posts(sam)[0] as never, "yes");
    await world.passTo("10:05:01");
    expect(world.status(sam)).toBe("dnd by hand");
  });

  test("a lease that is lost without a crash: the other node continues, nothing happens twice", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "dnd", reminders: true });
    world.meeting(sam, "10:00", "11:00");
    const first = await world.start();
    await world.start();
    await world.passTo("09:49:59");
    first.loseLease();
    await world.settle();
    await world.passTo("11:01");
    expect(world.posts(sam)).toHaveLength(1);
    expect(world.statusCalls()).toEqual(["10:00:00 dnd until 11:00"]);
  });

  test("A28: killed at 10:30, started at 10:40 on another node: no second change, the right end", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "away" });
    world.meeting(sam, "10:00", "11:00");
    const first = await world.start();
    await world.passTo("10:30");
    first.kill();
    await world.passTo("10:40");
    await world.start();
    await world.passTo("11:01");
    expect(world.statusCalls()).toEqual(["10:00:00 away", "11:00:00 online"]);
  });

  test("an away that ended while no node was alive is ended at the start, even while Outlook cannot be read", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { status: "away" });
    world.meeting(sam, "10:00", "11:00");
    const first = await world.start();
    await world.passTo("10:30");
    first.kill();
    await world.passTo("11:20");
    world.graph.setFaults({ status: 503 });
    await world.start();
    await world.passTo("11:20:10");
    expect(world.status(sam)).toBe("online");
  });
});
