/**
 * Tests invitations with the built executable: a member connects, enables cards, gets invited, and answers on the
 * card; bursts of changes, and a node that is killed while it handles changes. Runs in `npm test` after the bundle is
 * built.
 */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { eventIn } from "../sandbox/graph/mailbox.ts";
import { until } from "../until.ts";
import { cardsAndDeliveries, HOUR, listening, local, type Started, startCalendar } from "./calendar-stage.ts";

// Starts processes and sends 4,000 notifications: half a minute on a quiet machine.
setDefaultTimeout(700_000);

let started: Started | null = null;
afterEach(() => {
  started?.close();
  started = null;
});

describe("the product", () => {
  test("a meeting from Mattermost: invitation, answer on the card, move, cancellation", async () => {
    const world = await startCalendar();
    started = world;
    const { sandbox } = world;
    const ana = await listening(world, "ana");
    const ben = await listening(world, "ben");
    const untilBen = (isSo: () => boolean, what: string) =>
      until(isSo, () => `${what}${cardsAndDeliveries(world, ben)}`);
    const made = await ana.ask("/api/v1/calendar/events", "POST", {
      ...{ subject: "Kick-off", start: local(48), end: local(49), requestId: "one" },
      attendees: [ben.user.Id],
    });
    expect(made.status).toBe(201);
    const event = (await made.json()) as { id: string };
    await untilBen(() => ben.cards().length === 1, "Ben has an invitation");
    const [card] = ben.cards();
    expect(JSON.stringify(card)).toContain("Kick-off");
    const pressed = await ben.ask(`/api/v4/posts/${card?.Id}/actions/accept`, "POST", {}, sandbox.siteUrl);
    expect(pressed.status).toBe(200);
    await untilBen(() => JSON.stringify(ben.cards()[0]?.Props).includes("✓"), "the card shows the answer");
    expect(sandbox.graph.calendars.answered).toMatchObject([{ answer: "accepted" }]);
    const { calendars } = sandbox.graph;
    const box = calendars.of(ana.person.objectId);
    const wall = (hours: number) => ({ dateTime: `${local(hours)}:00`, timeZone: "UTC" });
    calendars.meetings.change(box, eventIn(box, event.id), { start: wall(72), end: wall(73) });
    await untilBen(() => ben.cards().length === 2, "the change has its card");
    calendars.meetings.cancel(box, eventIn(box, event.id));
    await untilBen(
      () => ben.cards().length === 3 && !JSON.stringify(ben.cards()).includes('"actions":[{'),
      "all cards are closed",
    );
    // The organiser gets only a card for the event that they created.
    expect(ana.cards().map(({ Message }) => Message)).toEqual([expect.stringContaining("Kick-off")]);
    const calls = sandbox.graph.requests.map(({ path }) => path).filter((path) => path.includes("evil"));
    expect(calls).toEqual([]);
  });

  test("a burst of 2,000 changes, each delivered twice, is 2,000 cards, also when the node is killed in between", async () => {
    const world = await startCalendar({ nodes: 2 });
    started = world;
    const { sandbox } = world;
    const { graph } = sandbox;
    graph.subscriptions.times = 2;
    const people: Awaited<ReturnType<typeof listening>>[] = [];
    for (const name of ["p1", "p2", "p3", "p4"]) people.push(await listening(world, name));
    const each = 500;
    const cards = () => people.reduce((sum, one) => sum + one.cards().length, 0);
    const events = people.flatMap(({ person }) =>
      Array.from({ length: each }, (_, index) => {
        const from = Date.now() + (24 + index) * HOUR;
        return {
          person,
          event: graph.calendars.add(person.objectId, from, from + HOUR, {
            subject: `Event ${index}`,
            responseStatus: { response: "notResponded" },
            createdDateTime: new Date().toISOString(),
          }),
        };
      }),
    );
    const changes = events.map(({ event, person }) => ({
      resource: `Users/${person.objectId}/Events/${event.id}`,
      changeType: "created" as const,
      data: { ...event, "@odata.etag": `W/"${event.changeKey}"` },
    }));
    const accepted = (async () => {
      for (let at = 0; at < changes.length; at += 100)
        await graph.subscriptions.notify(...changes.slice(at, at + 100));
    })();
    await until(() => graph.subscriptions.deliveries.length >= 9, "nine changes have arrived");
    expect(cards()).toBeLessThan(people.length * each);
    sandbox.mattermost.crash("node-1");
    await accepted;
    // Pure work: half a minute of processor time on two cores.
    await until(
      () => people.every((one) => one.cards().length >= each),
      () => `everybody has every card: ${cards()}`,
      600,
    );
    await Bun.sleep(1_000);
    for (const one of people) {
      const ids = one.cards().map(({ Props }) => String(Props.calendar_event_id));
      expect(ids.length).toBe(each);
      expect(new Set(ids).size).toBe(each);
    }
  });

  test("two nodes get the two requests of a double press: Outlook gets one answer and one event, twenty times", async () => {
    const world = await startCalendar({ nodes: 2 });
    started = world;
    const { sandbox } = world;
    const { calendars } = sandbox.graph;
    const ben = await listening(world, "ben");
    const both = <T>(work: () => Promise<T>) => Promise.all([work(), work()]);
    /** A request that waited 20 s for the other one is sent again, as its response asks. Refusals come as text. */
    const ended = async (work: () => Promise<Response>): Promise<string> => {
      const response = await work();
      const text = response.ok ? "" : await response.text();
      return text.includes('"still_running"') ? ended(work) : `${response.status} ${text}`.trim();
    };
    const answered = (work: () => Promise<Response>) => both(() => ended(work));
    for (let round = 0; round < 20; round += 1) {
      calendars.answered.length = 0;
      const from = Date.now() + (24 + round) * HOUR;
      const invite = (subject: string) =>
        calendars.add(ben.person.objectId, from, from + HOUR, {
          ...{
            subject,
            responseStatus: { response: "notResponded" },
            createdDateTime: new Date().toISOString(),
          },
        });
      const shown = invite(`Shown ${round}`);
      await sandbox.graph.subscriptions.notify({
        resource: `Users/${ben.person.objectId}/Events/${shown.id}`,
        changeType: "created",
        data: { ...shown, "@odata.etag": `W/"${shown.changeKey}"` },
      });
      const card = () => ben.cards().find(({ Props }) => Props.calendar_event_id === shown.id);
      await until(() => card() !== undefined, "Ben has an invitation");
      const press = () => ben.ask(`/api/v4/posts/${card()?.Id}/actions/accept`, "POST", {}, sandbox.siteUrl);
      expect(await answered(press)).toEqual(["200", "200"]);
      const path = `/api/v1/calendar/events/${encodeURIComponent(invite(`Commented ${round}`).id)}/answer`;
      const comment = () => ben.ask(path, "POST", { answer: "decline", comment: "I am away" });
      expect(await answered(comment)).toEqual(["200", "200"]);
      const event = { subject: `Made ${round}`, start: local(48), end: local(49), requestId: `${round}` };
      const make = () => ben.ask("/api/v1/calendar/events", "POST", event);
      const made = await Promise.all(
        (await both(make)).map((response) => response.json() as Promise<{ id: string }>),
      );
      expect(made[1]?.id).toBe(made[0]?.id ?? JSON.stringify(made));
      const posts = ben.messages().filter(({ Props }) => Props.calendar_event_id === made[0]?.id);
      expect({ round, answers: calendars.answered.map(({ answer }) => answer), posts: posts.length }).toEqual(
        {
          ...{ round, answers: ["accepted", "declined"], posts: 1 },
        },
      );
    }
  });
});
