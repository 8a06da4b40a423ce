// Two nodes get the two requests of a double press on a post of the day, in each order of their steps.
import { afterEach, describe, expect, test } from "bun:test";
import type { Post } from "../../../runtime/mattermost/index.ts";
import { DayWorld, type Member } from "../testing/day-world.ts";

let world: DayWorld;
afterEach(() => world.stop());

interface Stage {
  readonly sam: Member;
  readonly post: Post;
  /** Presses on both nodes; the second one begins at that call of the first one. */
  twice(begin: number, action: string, other?: string): Promise<{ replies: unknown[]; steps: number }>;
}

async function stage(settings: object, guests: readonly string[] = ["ann", "bea"]): Promise<Stage> {
  world = new DayWorld();
  const sam = world.member("sam", settings);
  for (const name of guests) world.member(name);
  const attendees = ["sam", ...guests].map((name) => ({
    emailAddress: { name, address: `${name}@example.com` },
  }));
  world.meeting(sam, "10:00", "11:00", { subject: "Budget", attendees });
  const nodes = [await world.start(), await world.start()] as const;
  await world.passTo("10:00:01");
  const post = world.posts(sam).at(-1) as Post;
  return {
    sam,
    post,
    async twice(begin, action, other = action) {
      const tokens = new Map([action, other].map((id) => [id, contextOf(post, id)] as const));
      const press = (node: 0 | 1, id: string) =>
        nodes[node].cards.press(sam.user.Id, {
          ...{ user_id: sam.user.Id, post_id: post.Id, channel_id: post.ChannelId, trigger_id: "t" },
          context: tokens.get(id) ?? {},
        });
      let steps = 0;
      let second: Promise<unknown> | null = null;
      world.fault = async () => {
        steps += 1;
        if (steps === begin) {
          second = press(1, other);
          await Promise.race([second, Bun.sleep(5)]);
        }
        return undefined;
      };
      const first = press(0, action);
      for (let turn = 0; turn < 50; turn += 1) {
        await world.settle();
        if (turn % 10 === 0) await Bun.sleep(2);
      }
      const replies = [await first, await second];
      world.fault = () => undefined;
      await world.settle();
      return { replies, steps };
    },
  };
}

function contextOf(post: Post, id: string): Record<string, unknown> {
  const attachments = post.Props.attachments as {
    actions: { id: string; integration: { context: Record<string, unknown> } }[];
  }[];
  const action = attachments.flatMap(({ actions }) => actions).find((one) => one.id === id);
  if (!action) throw new Error(`no button ${id}`);
  return action.integration.context;
}

/** Begins the second press at each step of the first one, and at last after its end. */
async function inEachOrder(run: (begin: number) => Promise<number>): Promise<void> {
  let total = 1;
  for (let begin = 1; begin <= total; begin += 1) {
    total = await run(begin);
    await world.stop();
  }
  expect(total).toBeGreaterThan(2);
}

const texts = (name: string) =>
  world
    .posts([...world.members.values()].find(({ user }) => user.Username === name) as Member)
    .map(({ Message }) => Message);

describe("pressed twice, on two nodes", () => {
  test("running late: everybody gets one message", async () => {
    await inEachOrder(async (begin) => {
      // The reminder of 09:50.
      const { twice } = await stage({ reminders: true });
      const { replies, steps } = await twice(begin, "late");
      expect({ begin, ann: texts("ann").length, bea: texts("bea").length }).toEqual({
        begin,
        ann: 1,
        bea: 1,
      });
      const said = { ok: true, reply: { ephemeral: expect.stringContaining("in Mattermost: 2.") } };
      expect(replies[0]).toMatchObject(said);
      return steps;
    });
  }, 60_000);

  test("yes: one status, one line on the card", async () => {
    await inEachOrder(async (begin) => {
      const { post, sam, twice } = await stage({ status: "dnd", confirm: true });
      const { steps } = await twice(begin, "yes");
      await world.pass(1_000);
      const card = world.mattermost.posts.get(post.Id)?.Message ?? "";
      expect({ begin, lines: card.split("\n\n").length }).toEqual({
        begin,
        lines: post.Message.split("\n\n").length + 1,
      });
      expect(card).not.toContain("over");
      expect(world.status(sam)).toBe("dnd by hand");
      expect(world.statusCalls()).toHaveLength(1);
      return steps;
    });
  }, 60_000);

  test("yes on one node and no on the other: the card shows the answer that took effect", async () => {
    await inEachOrder(async (begin) => {
      const { post, sam, twice } = await stage({ status: "dnd", confirm: true });
      const { steps } = await twice(begin, "yes", "no");
      await world.pass(1_000);
      const card = world.mattermost.posts.get(post.Id)?.Message ?? "";
      const isSet = world.status(sam) === "dnd by hand";
      expect({ begin, said: card.includes("Your status is *Do Not Disturb*") }).toEqual({
        begin,
        said: isSet,
      });
      return steps;
    });
  }, 60_000);

  test("snooze: one line on the reminder", async () => {
    await inEachOrder(async (begin) => {
      const { post, twice } = await stage({ reminders: true });
      const { steps } = await twice(begin, "snooze5");
      const card = world.mattermost.posts.get(post.Id)?.Message ?? "";
      expect(card.split("\n\n").length).toBe(post.Message.split("\n\n").length + 1);
      return steps;
    });
  }, 60_000);
});
