// Runs random mornings: meetings overlap, move and are cancelled, people choose statuses, mailboxes are slow, nodes
// die. The same final conditions must hold for each of them.
import { afterEach, expect, test } from "bun:test";
import { mulberry32 } from "../testing/chance.ts";
import { DayWorld, type Member, type Node } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

const MINUTE = 60_000;
const MORNINGS = 12;

interface Choice {
  readonly at: number;
  readonly status: "online" | "away" | "dnd" | "offline";
}

async function morning(seed: number) {
  world = new DayWorld(Date.parse("2026-06-15T09:00:00Z"));
  const chance = mulberry32(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
  const wish = pick(["dnd", "away"] as const);
  const sam = world.member("sam", { status: wish, customStatus: true, reminders: true });
  const ann = world.member("ann", { status: wish, reminders: true });
  const choices: Choice[] = [];
  for (const one of [sam, ann]) world.subscribed.add(one.user.Id);
  const nodes: Node[] = [await world.start(), await world.start()];
  const moment = () => world.at("09:15") + Math.floor(chance() * 150) * MINUTE;
  const events: { one: Member; id: string }[] = [];
  const iso = (at: number) => ({ dateTime: new Date(at).toISOString().slice(0, 23), timeZone: "UTC" });
  const changed = (userId: string) => nodes.at(-1)?.part.driver.changed(userId);
  for (const one of [sam, ann])
    for (let count = 0; count < 4; count += 1) {
      const from = moment();
      const length = pick([5, 15, 30, 60]) * MINUTE;
      events.push({ one, id: world.graph.calendars.add(one.person.objectId, from, from + length, {}).id });
    }
  for (const one of [sam, ann]) changed(one.user.Id);
  const end = world.at("12:50");
  while (world.clock.now() < end) {
    await world.pass(Math.ceil(chance() * 8 * MINUTE));
    const { id, one } = pick(events);
    const event = world.box(one).events.get(id);
    switch (Math.floor(chance() * 7)) {
      case 0: {
        const from = moment();
        if (event) Object.assign(event, { start: iso(from), end: iso(from + 20 * MINUTE) });
        changed(one.user.Id);
        break;
      }
      case 1:
        world.box(one).events.delete(id);
        changed(one.user.Id);
        break;
      case 2: {
        const at = world.clock.now() + pick([2, 20, 40]) * MINUTE;
        if (event) Object.assign(event, { end: iso(Math.max(at, Date.parse(`${event.start.dateTime}Z`))) });
        changed(one.user.Id);
        break;
      }
      case 3: {
        // The same status as ours is not a choice of the person, unless it ends at another time.
        const row = world.mattermost.statuses.get(ann.user.Id);
        const others = (["online", "away", "dnd"] as const).filter((status) => status !== row?.Status);
        const ownEnd = row?.Status === "dnd" && row.DNDEndTime > 0 && chance() < 0.5;
        const status = ownEnd ? "dnd" : pick(others);
        choices.push({ at: world.clock.now(), status });
        world.mattermost.setStatus(ann.user.Id, status, {
          ...{ Manual: status !== "online", DNDEndTime: ownEnd ? world.at("23:00") / 1_000 : 0 },
        });
        break;
      }
      case 4:
        world.box(one).throttleNext = 1;
        world.box(one).retryAfter = 20;
        changed(one.user.Id);
        break;
      case 5:
        nodes.shift()?.kill();
        nodes.push(await world.start());
        break;
    }
  }
  return { sam, ann, choices, changed };
}

for (let seed = 1; seed <= MORNINGS; seed += 1)
  test(`morning ${seed}: all our statuses end, and what a person chose stays`, async () => {
    const { ann, choices, sam, changed } = await morning(seed);
    for (const one of [sam, ann]) {
      for (const event of world.box(one).events.values()) event.isCancelled = true;
      changed(one.user.Id);
    }
    await world.passTo("13:20");
    const row = world.mattermost.statuses.get(sam.user.Id);
    expect({ status: world.status(sam), ends: row?.DNDEndTime ?? 0, custom: world.custom(sam) }).toEqual({
      ...{ status: "online", ends: 0, custom: null },
    });
    // A choice during a meeting stays through it; the last choice of all remains in the end.
    const last = choices.at(-1);
    if (last)
      expect([last.status, world.status(ann).replace(" by hand", "")]).toEqual([last.status, last.status]);
    const reminded = world.posts(sam).map(({ Message }) => Message);
    expect(new Set(reminded).size).toBe(reminded.length);
  }, 60_000);
