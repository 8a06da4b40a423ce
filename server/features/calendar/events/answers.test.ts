import { describe, expect, test } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { actionsOf, buttonsOf, HOUR, wordsOf } from "../testing/events-world.ts";
import { ana, card, chosen, count, microsoft, openInvited, sent, world } from "../testing/invited.ts";

openInvited();

describe("a button", () => {
  test("E1, E2: answers, marks the choice, keeps the other buttons, and can be changed", async () => {
    const { shown } = await card();
    expect(await world.press(ana, shown(), "accept")).toEqual({
      ok: true,
      reply: { ephemeral: "You accepted." },
    });
    expect(world.requests()).toEqual(["GET /me/events/{id} 200", "POST /me/events/{id}/accept 202"]);
    expect(chosen(shown())).toEqual(["accept"]);
    expect(buttonsOf(shown())).toEqual(["accept", "tentative", "decline", "respond"]);
    await world.press(ana, shown(), "tentative");
    expect(chosen(shown())).toEqual(["tentative"]);
    expect(sent()).toEqual(["accepted", "tentativelyAccepted"]);
    expect(wordsOf(shown())).toContain("tentatively");
  });

  test("pressed twice answers once", async () => {
    const { shown } = await card();
    await world.press(ana, shown(), "accept");
    await world.press(ana, shown(), "accept");
    expect(sent()).toEqual(["accepted"]);
  });

  test("pressed three times at once answers once; yes and no at once are two answers, and the last one stays", async () => {
    const one = await card();
    await Promise.all([1, 2, 3].map(() => world.press(ana, one.shown(), "accept")));
    expect(sent()).toEqual(["accepted"]);
    const other = await card();
    await Promise.all(
      (["accept", "tentative"] as const).map((answer) => world.press(ana, other.shown(), answer)),
    );
    expect(sent().slice(1)).toEqual(["accepted", "tentativelyAccepted"]);
    expect(wordsOf(other.shown())).toContain("You accepted tentatively");
  });

  test("D11: declined here, deleted by Outlook: no card says that it was cancelled", async () => {
    const { event, shown } = await card();
    await world.press(ana, shown(), "decline");
    expect(await world.change(ana, event.id, "deleted")).toEqual({ kind: "done" });
    expect(world.posts(ana, event.id)).toHaveLength(1);
    expect(wordsOf(shown())).toContain("You declined.");
  });

  test("E3: for an event that moved meanwhile, answers the new time and says so", async () => {
    const { event, shown } = await card();
    const at = Date.parse(`${event.start.dateTime.slice(0, 19)}Z`) + HOUR;
    const wall = (moment: number) => ({
      dateTime: new Date(moment).toISOString().slice(0, 19),
      timeZone: "UTC",
    });
    world.edit(ana, event.id, { start: wall(at), end: wall(at + HOUR) });
    const outcome = await world.press(ana, shown(), "accept");
    expect(outcome).toMatchObject({
      ok: true,
      reply: { ephemeral: expect.stringContaining("another time") },
    });
  });

  test("E4: for a cancelled event, says so, and the card loses its buttons", async () => {
    const { event, shown } = await card();
    world.edit(ana, event.id, { isCancelled: true });
    expect(await world.press(ana, shown(), "accept")).toMatchObject({
      reply: { ephemeral: "This event was cancelled." },
    });
    expect(sent()).toEqual([]);
    expect(buttonsOf(shown())).toEqual([]);
  });

  test("E6: for an event that wants no answer, keeps it in the calendar and sends nothing", async () => {
    const { event } = await card({ responseRequested: false });
    const answered = await world.json(
      `/api/v1/calendar/events/${encodeURIComponent(event.id)}/answer`,
      ana.user,
      {
        answer: "accept",
      },
    );
    expect(answered).toMatchObject({ status: 200, body: { response: "accepted" } });
    expect(world.calendars.answered).toMatchObject([{ answer: "accepted", sent: false }]);
  });

  test("E6: when Outlook accepts no answer at all, No offers to remove the event, and a button does it", async () => {
    const event = world.put(ana, 24, { responseRequested: false, subject: "Notice" });
    world.calendars.refusesUnwanted = true;
    const room = await world.part.room();
    expect(await room.buttons.answerFrom(ana.user.Id, event.id, "accept")).toEqual({
      ephemeral: "Outlook did not accept this.",
    });
    const reply = await room.buttons.answerFrom(ana.user.Id, event.id, "decline");
    world.calendars.refusesUnwanted = false;
    expect(reply.ephemeral).toContain("direct message");
    const offer = [...world.base.mattermost.posts.values()].findLast(
      (post) => actionsOf(post).length > 0,
    ) as Post;
    expect(offer.Message).toContain("Notice");
    expect(world.calendars.of(ana.person.objectId).events.has(event.id)).toBe(true);
    await world.press(ana, offer, "remove");
    expect(world.calendars.of(ana.person.objectId).events.has(event.id)).toBe(false);
  });

  test("E11: for an event with a new id, finds it by its stable id", async () => {
    const { event, shown } = await card();
    const box = world.calendars.of(ana.person.objectId);
    box.events.delete(event.id);
    box.events.set("AAMkMoved=", { ...event, id: "AAMkMoved=" });
    await world.press(ana, shown(), "accept");
    expect(world.calendars.answered).toMatchObject([{ eventId: "AAMkMoved=", answer: "accepted" }]);
    box.events.delete("AAMkMoved=");
    expect(await world.press(ana, shown(), "decline")).toMatchObject({
      reply: { ephemeral: expect.stringContaining("not in your calendar") },
    });
  });

  const refusals: Record<string, (post: Post, other: Post) => Promise<unknown>> = {
    "by somebody else": async (post) =>
      world.press(ana, post, "accept", { by: world.base.user(`x${count}`) }),
    "on another card": async (post, other) => world.press(ana, post, "accept", { postId: other.Id }),
    "with another event inside": async (post) => {
      const token = String(actionsOf(post)[0]?.integration.context.token);
      const [text = "", mac = ""] = token.split(".");
      const context = JSON.parse(Buffer.from(text, "base64url").toString());
      const forged = Buffer.from(JSON.stringify({ ...context, value: { e: "other" } })).toString("base64url");
      return world.press(ana, post, "accept", { token: `${forged}.${mac}` });
    },
    "without a signature": async (post) => world.press(ana, post, "accept", { token: "e30.e30" }),
    "years later": async (post) => {
      world.base.pass(500 * 86_400_000);
      return world.press(ana, post, "accept");
    },
  };
  for (const [name, press] of Object.entries(refusals))
    test(`E13: ${name} reaches neither Outlook nor the card`, async () => {
      const { shown } = await card();
      const { shown: other } = await card();
      const before = wordsOf(shown());
      expect(await press(shown(), other())).toMatchObject({ ok: false });
      expect(world.requests()).toEqual([]);
      expect(wordsOf(shown())).toBe(before);
    });

  for (const [status, words] of [
    [409, "at the same time"],
    [429, "asks us to wait"],
    [403, "does not allow"],
    [400, "did not accept"],
    [503, "cannot be reached"],
  ] as const)
    test(`Graph's ${status} is explained, and the card stays as it was`, async () => {
      const { shown } = await card();
      microsoft.graph.setFaults({ status, retryAfter: 60, failPath: "/accept", failNext: 3 });
      const outcome = await world.press(ana, shown(), "accept");
      microsoft.graph.healthy();
      expect(outcome).toMatchObject({ ok: true, reply: { ephemeral: expect.stringContaining(words) } });
      expect(chosen(shown())).toEqual([]);
      await world.press(ana, shown(), "accept");
      expect(chosen(shown())).toEqual(["accept"]);
    });
});

describe("the dialog", () => {
  const wall = (hours: number) => {
    const at = Temporal.Instant.fromEpochMilliseconds(world.base.now + hours * HOUR);
    return at
      .toZonedDateTimeISO("Europe/Berlin")
      .toPlainDateTime()
      .toString({ smallestUnit: "minute" })
      .replace("T", " ");
  };

  test("E7, E8: sends a comment and proposes another time in the mailbox's zone", async () => {
    const { shown } = await card();
    await world.press(ana, shown(), "respond");
    const dialog = world.opened.at(-1)?.dialog;
    expect(dialog?.fields.map(({ name }) => name)).toEqual(["answer", "comment", "start", "end"]);
    expect(dialog?.fields.every(({ label }) => label.length <= 24)).toBe(true);
    const fields = { answer: "tentative", comment: "Later?", start: wall(48), end: wall(49) };
    expect(await world.submit(ana.user.Id, fields)).toEqual({});
    expect(world.calendars.answered).toMatchObject([
      {
        answer: "tentativelyAccepted",
        comment: "Later?",
        sent: true,
        proposedNewTime: { start: { timeZone: "W. Europe Standard Time" } },
      },
    ]);
    expect(chosen(shown())).toEqual(["tentative"]);
  });

  test("reports errors at its fields", async () => {
    const { shown } = await card();
    await world.press(ana, shown(), "respond");
    const submit = (fields: Record<string, string>) => world.submit(ana.user.Id, fields);
    expect(await submit({ answer: "decline", start: "soon", end: wall(49) })).toHaveProperty("errors.start");
    expect(await submit({ answer: "decline", start: wall(48) })).toHaveProperty("errors.end");
    expect(await submit({ answer: "decline", start: wall(49), end: wall(48) })).toHaveProperty("errors.end");
    expect(await submit({ answer: "accept", start: wall(48), end: wall(49) })).toHaveProperty("errors.start");
    expect(await submit({ answer: "decline", start: wall(-48), end: wall(-47) })).toHaveProperty(
      "errors.start",
    );
    expect(await submit({ answer: "perhaps" })).toHaveProperty("error");
    expect(sent()).toEqual([]);
  });

  test("E9: offers no time when none is accepted, and nothing to send when no answer is wanted", async () => {
    const { shown } = await card({ allowNewTimeProposals: false });
    await world.press(ana, shown(), "respond");
    expect(world.opened.at(-1)?.dialog.fields.map(({ name }) => name)).toEqual(["answer", "comment"]);
  });

  test("E15: of a series answers one of them or all", async () => {
    const series = world.put(ana, 24, { id: `AAMkSeries${count}=`, type: "seriesMaster" });
    const one = world.put(ana, 48, { type: "occurrence", seriesMasterId: series.id });
    await world.change(ana, series.id, "created");
    const post = () => world.posts(ana, series.id)[0] as Post;
    await world.press(ana, post(), "respond");
    const scope = world.opened.at(-1)?.dialog.fields.find(({ name }) => name === "scope");
    expect(scope?.options?.map(({ value }) => value)).toEqual(["series", one.id]);
    await world.submit(ana.user.Id, { answer: "decline", scope: one.id });
    await world.submit(ana.user.Id, { answer: "accept", scope: "series" });
    expect(world.calendars.answered).toMatchObject([
      { eventId: one.id, answer: "declined" },
      { eventId: series.id, answer: "accepted" },
    ]);
  });
});
