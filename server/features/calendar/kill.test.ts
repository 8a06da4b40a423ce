/**
 * Kills a node at any step, before or after its call took effect: another one continues, and nobody is notified
 * twice.
 */

import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { pluginApi } from "../../../e2e/sandbox/mattermost/index.ts";
import { linkOfEvent } from "./linked-events/channels.ts";
import { readEvent } from "./rules/event.ts";
import { buttonsOf, EventsWorld, HOUR, type Member, Microsoft, wordsOf } from "./testing/events-world.ts";

const microsoft = new Microsoft();
microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
afterAll(() => microsoft.close());

const worlds: EventsWorld[] = [];
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.settle();
});

let count = 0;
async function twoNodes(): Promise<{ first: EventsWorld; second: EventsWorld; ana: Member }> {
  count += 1;
  const first = new EventsWorld(microsoft);
  const ana = await first.member(`ana${count}`);
  const second = new EventsWorld(microsoft, first);
  for (const [userId, settings] of first.settings) second.settings.set(userId, settings);
  worlds.push(first, second);
  return { first, second, ana };
}

const WRITES = /^(kv(Set|Compare)|createPost|updatePost|deletePost|kvDelete)/;

/**
 * From its `step`th write on, no call of the node has an effect or an answer. With `done`, the last write took
 * effect, and only its answer got lost.
 */
function mortal(world: EventsWorld, step: number, done: boolean): () => boolean {
  let left = step;
  let dead = false;
  const server = pluginApi(world.base.mattermost) as unknown as Record<
    string,
    (...args: readonly unknown[]) => Promise<unknown>
  >;
  world.base.fault = async (method, args) => {
    if (dead) return new Error("the node is dead");
    if (!WRITES.test(method)) return undefined;
    if (left-- > 0) return undefined;
    dead = true;
    if (done) await server[method]?.(...args);
    return new Error("the node died");
  };
  return () => dead;
}

/** Runs `work` for every step at which the first node can die, until it survives. */
async function atEveryStep(
  prepare: (w: Awaited<ReturnType<typeof twoNodes>>) => Promise<string>,
  work: (world: EventsWorld, ana: Member, id: string) => Promise<unknown>,
  check: (w: Awaited<ReturnType<typeof twoNodes>>, id: string, where: string) => void,
): Promise<number> {
  let deaths = 0;
  for (const done of [false, true])
    for (let step = 0; ; step += 1) {
      const nodes = await twoNodes();
      const id = await prepare(nodes);
      const isDead = mortal(nodes.first, step, done);
      await work(nodes.first, nodes.ana, id).catch(() => {});
      nodes.first.base.fault = undefined;
      // A lease of the dead node goes by the server's clock.
      for (const one of worlds) one.base.pass(11_000);
      await work(nodes.second, nodes.ana, id);
      check(nodes, id, `step ${step}, ${done ? "done" : "not done"}`);
      for (const one of worlds.splice(0)) await one.settle();
      if (!isDead()) break;
      deaths += 1;
    }
  return deaths;
}

const wall = (at: number) => ({ dateTime: new Date(at).toISOString().slice(0, 19), timeZone: "UTC" });

describe("killed at every step", () => {
  test("of an invitation: one card", async () => {
    const deaths = await atEveryStep(
      async ({ first, ana }) => first.put(ana).id,
      (world, ana, id) => world.change(ana, id, "created"),
      ({ first, ana }, id, where) => {
        expect(`${where}: ${first.posts(ana, id).length}`).toBe(`${where}: 1`);
        expect(buttonsOf(first.posts(ana, id)[0])).toContain("accept");
      },
    );
    expect(deaths).toBeGreaterThanOrEqual(6);
  }, 60_000);

  test("of a move: one more card, and the first one is right", async () => {
    const deaths = await atEveryStep(
      async ({ first, ana }) => {
        const event = first.put(ana);
        await first.change(ana, event.id, "created");
        const at = Date.parse(`${event.start.dateTime.slice(0, 19)}Z`) + 3 * HOUR;
        first.edit(ana, event.id, { start: wall(at), end: wall(at + HOUR), subject: "Moved" });
        return event.id;
      },
      (world, ana, id) => world.change(ana, id),
      ({ first, ana }, id, where) => {
        const posts = first.posts(ana, id);
        expect(`${where}: ${posts.length}`).toBe(`${where}: 2`);
        expect(posts.map((post) => wordsOf(post).includes("Moved"))).toEqual([true, true]);
      },
    );
    expect(deaths).toBeGreaterThanOrEqual(6);
  }, 60_000);

  test("of a cancellation in a linked channel: one post there, one card, no buttons", async () => {
    let channelId = "";
    const deaths = await atEveryStep(
      async ({ first, ana }) => {
        channelId = first.base.mattermost.addChannel({ Name: `plans${count}` }).Id;
        const event = first.put(ana);
        await first.change(ana, event.id, "created");
        const { links } = await first.part.room();
        await links.add(ana.user.Id, linkOfEvent(readEvent(event) as never, channelId, 1));
        first.edit(ana, event.id, { isCancelled: true });
        return event.id;
      },
      (world, ana, id) => world.change(ana, id),
      ({ first, ana }, id, where) => {
        expect(`${where}: ${first.inChannel(channelId).length}`).toBe(`${where}: 1`);
        expect(`${where}: ${first.posts(ana, id).length}`).toBe(`${where}: 2`);
        expect(first.posts(ana, id).flatMap(buttonsOf)).toEqual([]);
      },
    );
    expect(deaths).toBeGreaterThanOrEqual(8);
  }, 60_000);

  test("of a new event for a channel: one event, one link, one post", async () => {
    let channelId = "";
    const body = { subject: "Plan", start: "2030-05-06T09:00", end: "2030-05-06T10:00", requestId: "same" };
    const deaths = await atEveryStep(
      async ({ first, ana }) => {
        const channel = first.base.mattermost.addChannel({ Name: `plans${count}` });
        channelId = channel.Id;
        first.base.mattermost.join(ana.user.Id, channelId);
        return "";
      },
      async (world, ana) => {
        const { status } = await world.json("/api/v1/calendar/events", ana.user, { ...body, channelId });
        if (status !== 201) throw new Error(`${status}`);
      },
      ({ first, ana }, _, where) => {
        const { size } = first.calendars.of(ana.person.objectId).events;
        expect(`${where}: ${size} ${first.inChannel(channelId).length}`).toBe(`${where}: 1 1`);
      },
    );
    expect(deaths).toBeGreaterThanOrEqual(8);
  }, 60_000);

  test("control: the same without a kill", async () => {
    const { first, ana } = await twoNodes();
    const event = first.put(ana);
    await first.change(ana, event.id, "created");
    expect(first.posts(ana, event.id)).toHaveLength(1);
  });
});
