/**
 * Tests a notification, gap filling and a press for the same event at the same time, on two nodes: each change has one
 * card, and all cards show the current event.
 */

import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { buttonsOf, EventsWorld, HOUR, type Member, Microsoft, wordsOf } from "../testing/events-world.ts";
import { beginsAt, nodeBeside, type TwoNodes, type Work } from "../testing/two-nodes.ts";

const microsoft = new Microsoft();
microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
afterAll(() => microsoft.close());

let nodes: TwoNodes;
let ana: Member;
let count = 0;
beforeEach(async () => {
  count += 1;
  const one = new EventsWorld(microsoft);
  ana = await one.member(`gap${count}`);
  nodes = { one, other: nodeBeside(microsoft, one) };
  one.calendars.now = () => one.base.now;
  // From now on, new events are announced.
  await one.part.listener.wishes();
});
afterEach(async () => {
  await nodes.one.settle();
  await nodes.other.settle();
});

const notified =
  (id: string, type: "created" | "updated" = "updated"): Work =>
  (node) =>
    node.change(ana, id, type);

/** Fills the gap, as the node that keeps the subscriptions does once an hour and after it has created one. */
const gapIsRead: Work = async (node) => {
  const wish = { key: ana.user.Id, resource: "", changeTypes: [], includeResourceData: false } as const;
  const work = { signal: new AbortController().signal, turn: async () => true };
  await node.part.listener.fillGap(wish, { from: node.base.now - HOUR, to: node.base.now }, work);
};

const accepted =
  (id: string): Work =>
  (node) =>
    node.json(`/api/v1/calendar/events/${encodeURIComponent(id)}/answer`, ana.user, { answer: "accept" });

/** An invitation whose card was posted. */
async function invitation() {
  const event = nodes.one.put(ana, 24, { subject: "Review" });
  await notified(event.id, "created")(nodes.one);
  return event;
}

const cards = (id: string): Post[] => nodes.one.posts(ana, id);

/** Begins the second work at each step of the first one in turn. */
async function atEachStep(round: (begin: number) => Promise<{ answers: unknown[] }>): Promise<void> {
  for (let begin = 1; ; begin += 1) {
    const { answers } = await round(begin);
    if (answers[1] === "never") return expect(begin).toBeGreaterThan(10);
    // The next gap begins after the events of this round.
    for (const world of [nodes.one, nodes.other]) world.base.pass(2 * HOUR);
  }
}

describe("a gap is read while its changes are handled:", () => {
  const news = {
    "an invitation": {
      cards: 1,
      prepare: async () => nodes.one.put(ana, 24, { subject: "Review" }),
      type: "created",
    },
    "a move": {
      cards: 2,
      async prepare() {
        const event = await invitation();
        nodes.one.edit(ana, event.id, { location: { displayName: "Room 7" } });
        return event;
      },
      type: "updated",
    },
    "a cancellation": {
      cards: 2,
      async prepare() {
        const event = await invitation();
        nodes.one.edit(ana, event.id, { isCancelled: true });
        return event;
      },
      type: "updated",
    },
  } as const;
  for (const [name, { cards: expected, prepare, type }] of Object.entries(news))
    test(`${name} has one card, and a cancellation closes all of them`, async () => {
      await atEachStep(async (begin) => {
        const { id } = await prepare();
        const both = await beginsAt(nodes, begin, notified(id, type), gapIsRead);
        expect({ begin, cards: cards(id).length }).toEqual({ begin, cards: expected });
        nodes.one.edit(ana, id, { isCancelled: true });
        await notified(id)(nodes.one);
        expect({ begin, open: cards(id).flatMap(buttonsOf) }).toEqual({ begin, open: [] });
        return both;
      });
    }, 60_000);
});

describe("the member presses Yes while a change is handled:", () => {
  test("the card is posted: it shows the answer", async () => {
    await atEachStep(async (begin) => {
      const { id } = nodes.one.put(ana, 24, { subject: "Review" });
      const both = await beginsAt(nodes, begin, notified(id, "created"), accepted(id));
      // The notification of the answer comes last in every order.
      await notified(id)(nodes.one);
      const shown = cards(id).map((card) => wordsOf(card).includes("You accepted"));
      const isPressed = both.answers[1] !== "never";
      // Answered before the invitation was handled: no card asks for an answer.
      expect({ begin, shown }).toEqual({ begin, shown: shown.length === 0 ? [] : [isPressed] });
      return both;
    });
  }, 60_000);

  test("the meeting is cancelled: no card keeps its buttons", async () => {
    await atEachStep(async (begin) => {
      const { id } = await invitation();
      const cancelled: Work = async (node) => {
        node.edit(ana, id, { isCancelled: true });
        return node.change(ana, id);
      };
      const both = await beginsAt(nodes, begin, accepted(id), cancelled);
      const isCancelled = both.answers[1] !== "never";
      expect({ begin, open: cards(id).flatMap(buttonsOf).length }).toEqual({
        begin,
        open: isCancelled ? 0 : 4,
      });
      return both;
    });
  }, 60_000);
});
