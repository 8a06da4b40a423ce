// Tests a double press on two nodes over one store: it reaches Outlook once, in every order of the steps of both.
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Post } from "../../runtime/mattermost/index.ts";
import { EventsWorld, type Member, Microsoft, wordsOf } from "./testing/events-world.ts";
import { beginsAt, nodeBeside, stepsOf, type TwoNodes, type Work } from "./testing/two-nodes.ts";

const microsoft = new Microsoft();
microsoft.tenant.grantRole(microsoft.registered.app.appId, "Calendars.Read");
afterAll(() => microsoft.close());

/** The clock of the first world is the server's clock. */
let made: EventsWorld[] = [];
let nodes: TwoNodes;
let ana: Member;
let count = 0;
beforeEach(async () => {
  count += 1;
  const one = new EventsWorld(microsoft);
  made = [one];
  ana = await one.member(`twice${count}`);
  nodes = { one, other: another() };
});
afterEach(async () => {
  await nodes.one.settle();
  await nodes.other.settle();
});

function another(): EventsWorld {
  const [first] = made as [EventsWorld];
  const world = nodeBeside(microsoft, first);
  made.push(world);
  return world;
}

/** The first node dies at that step; the person presses again, and the other node gets it. */
async function diesAt(step: number, work: Work): Promise<{ isDead: boolean; answer: unknown }> {
  let isDead = false;
  const { promise: died, resolve: die } = Promise.withResolvers<void>();
  const steps = stepsOf(nodes.one, async (at) => {
    if (at < step) return;
    isDead = true;
    die();
    await new Promise(() => {});
  });
  await Promise.race([work(nodes.one), died]);
  const again = work(nodes.other);
  await Promise.race([again.catch(() => {}), Bun.sleep(20)]);
  // A dead node's lease goes by the server's clock. No more time passes, so the answer needs no more.
  for (const world of made) world.base.pass(11_000);
  const answer = await again;
  steps.stop();
  return { isDead, answer };
}

async function invitation() {
  const event = nodes.one.put(ana, 24);
  await nodes.one.change(ana, event.id, "created");
  nodes.one.calendars.answered.length = 0;
  const card = nodes.one.posts(ana, event.id)[0] as Post;
  const shown = () => nodes.one.posts(ana, event.id)[0] as Post;
  return { event, card, shown };
}

interface Kind {
  readonly name: string;
  readonly prepare: () => Promise<{
    readonly work: Work;
    readonly sent: () => number;
    readonly seen?: () => unknown;
  }>;
}

const answer =
  (id: string, body: object): Work =>
  (node) =>
    node.json(`/api/v1/calendar/events/${encodeURIComponent(id)}/answer`, ana.user, body);

const kinds: readonly Kind[] = [
  {
    name: "Yes on a card",
    async prepare() {
      const { event, card, shown } = await invitation();
      return {
        work: async (node) => {
          const room = await node.part.room();
          expect(card.Id).toBe(shown().Id);
          return room.buttons.answerFrom(ana.user.Id, event.id, "accept");
        },
        sent: () => nodes.one.calendars.answered.length,
        seen: () => wordsOf(shown()).includes("You accepted"),
      };
    },
  },
  {
    name: "No with a comment",
    async prepare() {
      const { event, shown } = await invitation();
      return {
        work: answer(event.id, { answer: "decline", comment: "I am away" }),
        sent: () => nodes.one.calendars.answered.length,
        seen: () => wordsOf(shown()).includes("You declined"),
      };
    },
  },
  {
    name: "another time, proposed",
    async prepare() {
      const { event } = await invitation();
      const day = new Date(nodes.one.base.now + 72 * 3_600_000).toISOString().slice(0, 10);
      const proposal = { proposedStart: `${day}T09:00`, proposedEnd: `${day}T10:00` };
      return {
        work: answer(event.id, { answer: "tentative", ...proposal }),
        sent: () => nodes.one.calendars.answered.length,
      };
    },
  },
  {
    name: "a new event",
    async prepare() {
      const day = new Date(nodes.one.base.now + 72 * 3_600_000).toISOString().slice(0, 10);
      const subject = `Once ${crypto.randomUUID()}`;
      const body = { subject, start: `${day}T09:00`, end: `${day}T10:00`, requestId: crypto.randomUUID() };
      const events = () =>
        [...nodes.one.calendars.of(ana.person.objectId).events.values()].filter(
          (one) => one.subject === subject,
        );
      return {
        work: (node) => node.json("/api/v1/calendar/events", ana.user, body),
        sent: () => events().length,
        seen: () => nodes.one.posts(ana, events()[0]?.id ?? "").length === 1,
      };
    },
  },
];

for (const { name, prepare } of kinds)
  describe(name, () => {
    test("pressed twice is sent once, and both nodes say the same", async () => {
      let total = 1;
      for (let begin = 1; begin <= total; begin += 1) {
        const { seen, sent, work } = await prepare();
        const { answers, steps } = await beginsAt(nodes, begin, work);
        total = steps;
        expect({ begin, sent: sent(), seen: seen?.() ?? true }).toEqual({ begin, sent: 1, seen: true });
        expect(withoutMarks(answers[1])).toEqual(withoutMarks(answers[0]));
      }
      expect(total).toBeGreaterThan(5);
    }, 60_000);

    test("pressed again after its node died is sent once, and nobody waits for longer than the lease", async () => {
      for (let step = 1; ; step += 1) {
        const { seen, sent, work } = await prepare();
        const { answer, isDead } = await diesAt(step, work);
        if (!isDead) break;
        expect({ step, sent: sent(), seen: seen?.() ?? true }).toEqual({ step, sent: 1, seen: true });
        expect(JSON.stringify(answer)).not.toContain("error");
        // The dead node does not come back.
        nodes = { one: another(), other: nodes.other };
      }
    }, 120_000);
  });

/** Leaves out the members that Outlook changes with each read. */
function withoutMarks(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, one) => (key === "changeKey" ? undefined : one)));
}
