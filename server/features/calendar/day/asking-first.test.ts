// Tests the card that asks a member before a meeting changes the status. The letters are those of the scenarios we
// build for.
import { afterEach, describe, expect, test } from "bun:test";
import type { DayWorld } from "../testing/day-world.ts";
import { meetingKeptBy } from "../testing/one-meeting.ts";

let world: DayWorld;
afterEach(() => world.stop());

const withMeeting = meetingKeptBy((started) => {
  world = started;
});

describe("A: asking first", () => {
  test("A34, A35, A39: one card, nothing without a yes, no second question", async () => {
    const { node, sam } = await withMeeting({ status: "dnd", confirm: true }, { subject: "Budget" });
    await world.passTo("10:05");
    expect(world.status(sam)).toBe("online");
    const [card] = world.posts(sam);
    expect(card?.Message).toContain("**Budget**");
    expect(await world.press(node, sam, card as never, "yes")).toMatchObject({ ok: true });
    expect(world.status(sam)).toBe("dnd by hand");
    const [after] = world.posts(sam);
    expect(after?.Props.attachments).toBeUndefined();
    expect(after?.Message).toContain("*Do Not Disturb* until 11:00");
    await world.passTo("12:00");
    expect(world.posts(sam)).toHaveLength(1);
    expect(world.status(sam)).toBe("online");
  });

  test("a no applies to the whole meeting", async () => {
    const { node, sam } = await withMeeting({ status: "dnd", confirm: true });
    await world.passTo("10:05");
    const [card] = world.posts(sam);
    await world.press(node, sam, card as never, "no");
    await world.passTo("12:00");
    expect(world.posts(sam)).toHaveLength(1);
    expect(world.statusCalls()).toEqual([]);
  });

  test("presses of others, or after the meeting, are ignored", async () => {
    const { node, sam } = await withMeeting({ status: "dnd", confirm: true });
    const ann = world.member("ann");
    await world.passTo("10:05");
    const [card] = world.posts(sam) as never[];
    expect(await world.press(node, ann, card as never, "yes")).toMatchObject({ ok: false });
    await world.passTo("11:00");
    expect(await world.press(node, sam, card as never, "yes")).toMatchObject({ ok: false });
    expect(world.statusCalls()).toEqual([]);
  });

  test("A43: a private meeting shows no text on the card, nor in the custom status", async () => {
    const { sam } = await withMeeting(
      { status: "dnd", confirm: true, customStatus: true },
      { subject: "Secret", sensitivity: "private", location: { displayName: "Nowhere" } },
    );
    await world.passTo("10:05");
    expect(JSON.stringify([world.posts(sam), world.custom(sam), world.logs])).not.toMatch(/Secret|Nowhere/);
    expect(world.posts(sam)).toHaveLength(1);
  });
});
