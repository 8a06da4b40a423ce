import { expect, test } from "bun:test";
import { Presence } from "./presence.ts";

/** Answers at once, and records the requests. */
function presence() {
  const asked: string[][] = [];
  const ports = {
    clock: { now: () => 1_000 },
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
  const started = performance.now();
  expect((await room.states(["ana"])).get("ana")).toBe("Away");
  expect(asked).toEqual([["ana"]]);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("on a busy morning: messages to 200 people, one after the other, share some requests", async () => {
  const { asked, room } = presence();
  const states: Promise<ReadonlyMap<string, string>>[] = [];
  const started = performance.now();
  for (let index = 0; index < 200; index += 1) {
    states.push(room.states([`person${index}`]));
    await Bun.sleep(1);
  }
  for (const one of await Promise.all(states)) expect([...one.values()]).toEqual(["Away"]);
  const most = 2 + (performance.now() - started) / 40;
  expect(asked.length).toBeLessThanOrEqual(most);
  expect(asked.flat().toSorted()).toEqual(
    Array.from({ length: 200 }, (_, index) => `person${index}`).toSorted(),
  );
});
