import { afterEach, beforeEach, expect, test } from "bun:test";
import { fakeTime } from "../../../runtime/mattermost/testing/fake-time.ts";
import { Presence } from "./presence.ts";

beforeEach(fakeTime.start);
afterEach(fakeTime.stop);

/** Answers at once, and records the requests. */
function presence(now = () => 1_000) {
  const asked: string[][] = [];
  const ports = {
    clock: { now },
    config: { current: { cloud: { name: "global" } } },
    log: { warn: () => {} },
    graph: {
      request: async ({ body }: { body: { ids: string[] } }) => {
        asked.push(body.ids);
        const value = body.ids.map((id) => ({ id, availability: "Away", activity: "Away" }));
        return { value };
      },
    },
  };
  return { asked, room: new Presence(ports as never) };
}

test("at a quiet time: one message sends its request at once", async () => {
  const { asked, room } = presence();
  const states = room.states(["ana"]);
  await fakeTime.pass(2);
  expect(asked).toEqual([["ana"]]);
  expect((await states).get("ana")).toBe("Away");
});

test("on a busy morning: messages to 200 people, one after the other, share some requests", async () => {
  const { asked, room } = presence();
  const states: Promise<ReadonlyMap<string, string>>[] = [];
  for (let index = 0; index < 200; index += 1) {
    states.push(room.states([`person${index}`]));
    await fakeTime.pass(1);
  }
  await fakeTime.pass(100);
  for (const one of await Promise.all(states)) expect([...one.values()]).toEqual(["Away"]);
  // Every 40 ms one, for 200 ms.
  expect([asked.length, asked[0]?.length]).toEqual([6, 2]);
  expect(asked.flat().toSorted()).toEqual(
    Array.from({ length: 200 }, (_, index) => `person${index}`).toSorted(),
  );
});

test("a clock that is set back keeps no old answer for longer", async () => {
  let now = 3 * 3_600_000;
  const { asked, room } = presence(() => now);
  const ask = async () => {
    const states = room.states(["ana"]);
    await fakeTime.pass(100);
    await states;
  };
  await ask();
  now = 0;
  await ask();
  expect(asked).toHaveLength(1);
  now += 60 * 60_000;
  await ask();
  expect(asked).toHaveLength(2);
});

test("in a tenant with very many people: what is known of one stays while others are asked for", async () => {
  const { room } = presence();
  const others = Array.from({ length: 20_000 }, (_, index) => `person${index}`);
  const first = room.states(["ana"]);
  await fakeTime.pass(2);
  await first;
  const states = room.states(["ana", ...others]);
  await fakeTime.pass(100);
  expect(new Set((await states).values())).toEqual(new Set(["Away"]));
});
