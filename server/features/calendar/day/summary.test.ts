// Tests the daily summary with a fake Outlook and Mattermost. The letters are those of the scenarios we build for.
import { afterEach, describe, expect, test } from "bun:test";
import { DayWorld, type Member } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

const texts = (member: Member) => world.posts(member).map(({ Message }) => Message);

describe("B: the daily summary", () => {
  const summary = { enabled: true, postTime: "11:00", weekdays: [1, 2, 3, 4, 5] };

  test("B1, B11, B16, B20: at the person's hour, once, with what matters", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { summary: { ...summary, postTime: "11:00" } });
    world.box(sam).settings.timeZone = "W. Europe Standard Time";
    world.meeting(sam, "12:00", "13:00", {
      subject: "Lunch",
      location: { displayName: "https://zoom.us/j/123" },
    });
    world.meeting(sam, "14:00", "15:00", { subject: "No", responseStatus: { response: "declined" } });
    world.meeting(sam, "16:00", "17:00", { subject: "Maybe", responseStatus: { response: "notResponded" } });
    const nodes = [await world.start(), await world.start()];
    await world.passTo("09:01");
    expect(nodes).toHaveLength(2);
    expect(texts(sam)).toHaveLength(1);
    const [text = ""] = texts(sam);
    expect(text).toContain("Europe/Berlin (UTC+02:00)");
    expect(text).toContain("Lunch");
    expect(text).toContain("(https://zoom.us/j/123)");
    expect(text).toContain("*not answered*");
    expect(text).not.toContain("| No");
    await world.passTo("20:00");
    expect(texts(sam)).toHaveLength(1);
  });

  test("B12: an empty day causes no message, B13: and an error is not an empty day", async () => {
    world = new DayWorld();
    const [sam, ann] = [world.member("sam", { summary }), world.member("ann", { summary })];
    const { Refusal } = await import("../../../../e2e/sandbox/graph/refusal.ts");
    await world.start();
    await world.passTo("10:30");
    world.box(ann).failure = () => new Refusal(503, "UnknownError", "later");
    await world.passTo("13:30");
    expect(texts(sam)).toEqual([]);
    expect(texts(ann)).toHaveLength(1);
    expect(texts(ann)[0]).toContain("could not be made");
  });

  test("B13: an outage that ends within two hours: late, and says so", async () => {
    world = new DayWorld();
    const ann = world.member("ann", { summary });
    world.meeting(ann, "15:00", "16:00", { subject: "Review" });
    const { Refusal } = await import("../../../../e2e/sandbox/graph/refusal.ts");
    await world.start();
    await world.passTo("10:30");
    world.box(ann).failure = () => new Refusal(503, "UnknownError", "later");
    await world.passTo("11:40");
    expect(texts(ann)).toEqual([]);
    world.box(ann).failure = null;
    await world.passTo("12:00");
    expect(texts(ann)).toHaveLength(1);
    expect(texts(ann)[0]).toContain("late");
    expect(texts(ann)[0]).toContain("Review");
  });

  test("B27: an unanswered invitation has buttons under the summary, several have a menu each", async () => {
    for (const open of [1, 3]) {
      await world?.stop();
      world = new DayWorld();
      const sam = world.member("sam", { summary });
      world.meeting(sam, "12:00", "13:00", { subject: "Accepted" });
      for (let index = 0; index < open; index += 1)
        world.meeting(sam, "14:00", "15:00", {
          subject: "Open",
          responseStatus: { response: "notResponded" },
        });
      const node = await world.start();
      const answered: string[] = [];
      node.core.answer = async (_, id, answer) => {
        answered.push(`${id} ${answer}`);
        return {};
      };
      await world.passTo("11:01");
      const [post] = world.posts(sam);
      const [attachment] = (post?.Props.attachments ?? []) as {
        actions: { id: string; type: string }[];
      }[];
      const shown = attachment?.actions.map(({ id, type }) => `${id} ${type}`);
      if (open === 1) expect(shown).toEqual(["accept button", "tentative button", "decline button"]);
      else expect(shown).toEqual(["answer0 select", "answer1 select", "answer2 select"]);
      await world.press(node, sam, post as never, open === 1 ? "decline" : ["answer1", "tentative"]);
      expect(answered).toEqual([expect.stringMatching(open === 1 ? / decline$/ : / tentative$/)]);
    }
  });

  test("B14: 130 events are counted, cut and fit into a post", async () => {
    world = new DayWorld();
    const sam = world.member("sam", { summary });
    for (let index = 0; index < 130; index += 1)
      world.meeting(sam, "12:00", "13:00", { subject: `Meeting ${index} ${"x".repeat(300)}` });
    await world.start();
    await world.passTo("11:01");
    expect(texts(sam)[0]).toContain("and 90 more");
    expect(texts(sam)[0]?.length).toBeLessThan(16_383);
  });
});
