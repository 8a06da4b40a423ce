import { describe, expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import { mountRoutes } from "../../platform/http/testing/mount-routes.ts";
import { notificationRoutes } from "./routes.ts";
import { Rig } from "./testing/rig.ts";
import { idOf, World } from "./testing/world.ts";

const BOB = idOf("bob");

async function world() {
  const w = new World();
  w.channel({ Id: idOf("town") });
  for (const name of ["alice", "bob"]) w.person(name);
  const rig = new Rig(w);
  const { notifications, posted } = rig.node();
  await posted(w.post({ Message: "@bob", CreateAt: rig.clock.time }));
  await rig.clock.pass(1000);
  const config = {
    current: buildConfig({ notification_only_when_away: true }, { siteUrl: "https://chat.example.com" }),
    onChange: () => () => {},
  };
  const app = mountRoutes(notificationRoutes({ notifications, config }), {
    isSystemAdmin: async (userId) => userId === BOB,
  });
  return {
    rig,
    preferences: () => (w.preferences.get(BOB) ?? []).map((row) => `${row.Name}=${row.Value}`).sort(),
    notifications,
    ask: (method: string, path: string, userId: string | null, body?: string) =>
      app.request(
        `/api/v1/notifications/${path}`,
        { method, ...(body === undefined ? {} : { body, headers: { "Content-Type": "application/json" } }) },
        { userId, RequestId: "r" },
      ),
  };
}

describe("the console's routes", () => {
  for (const [method, path] of [
    ["GET", "state"],
    ["POST", "test"],
  ] as const) {
    test(`${path}: for system admins only`, async () => {
      const { ask, rig } = await world();
      const before = rig.feed.length;
      expect((await ask(method, path, null)).status).toBe(401);
      expect((await ask(method, path, idOf("alice"))).status).toBe(403);
      expect(rig.feed.length).toBe(before);
      const allowed = await ask(method, path, BOB);
      expect(allowed.status).toBe(200);
      expect(allowed.headers.get("Cache-Control")).toBe("no-store");
    });
  }

  test("state has the totals and no names", async () => {
    const { ask } = await world();
    const text = await (await ask("GET", "state", BOB)).text();
    expect(JSON.parse(text)).toMatchObject({
      enabled: true,
      linkedMembers: 2,
      indexComplete: true,
      delivering: true,
      waitingPosts: 0,
      trouble: null,
      totals: { accepted: { mention: 1 }, dropped: {} },
    });
    expect(text).not.toContain(BOB);
  });

  test("a test activity goes to the caller", async () => {
    const { ask, rig } = await world();
    const { steps } = (await (await ask("POST", "test", BOB)).json()) as { steps: { ok: boolean }[] };
    expect(steps.every((step) => step.ok)).toBe(true);
    expect(rig.feed.at(-1)).toBe("bob: You have a new message in Mattermost");
  });

  test("a test cannot be sent by opening a link", async () => {
    const { ask } = await world();
    expect((await ask("GET", "test", BOB)).status).toBe(404);
  });
});

describe("the question whether to keep notifications", () => {
  const due = async (t: Awaited<ReturnType<typeof world>>) =>
    ((await (await t.ask("GET", "offer", BOB)).json()) as { due: boolean }).due;

  test("is asked once, of members who have not chosen; keeping changes nothing else", async () => {
    const t = await world();
    expect(await due(t)).toBe(true);
    expect((await t.ask("POST", "offer", BOB, '{"keep":true}')).status).toBe(204);
    expect(t.preferences()).toEqual(["notifications_asked=yes"]);
    expect(await due(t)).toBe(false);
    expect(await t.notifications.command.run([], { userId: BOB })).toContain("is **on** for you");
  });

  test('"no" switches notifications off', async () => {
    const t = await world();
    await t.ask("POST", "offer", BOB, '{"keep":false}');
    expect(t.preferences()).toEqual(["notifications=off", "notifications_asked=yes"]);
  });

  test("is not asked of members who have chosen or are not linked, nor while activities are off", async () => {
    const chosen = await world();
    await chosen.notifications.command.run(["quiet", "22:00-07:00"], { userId: BOB });
    expect(await due(chosen)).toBe(false);
    const unlinked = await world();
    unlinked.rig.world.links.clear();
    expect(await due(unlinked)).toBe(false);
    const off = await world();
    off.rig.config.set({ disable_user_activity_notifications: true });
    expect(await due(off)).toBe(false);
  });

  for (const body of ["", "{", "[]", "{}", '{"keep":"no"}', '{"keep":false,"userId":"alice"}']) {
    test(`${body || "nothing"} is not an answer`, async () => {
      const t = await world();
      expect((await t.ask("POST", "offer", BOB, body)).status).toBe(400);
      expect(t.preferences()).toEqual([]);
    });
  }

  test("is refused without a session", async () => {
    const t = await world();
    expect((await t.ask("GET", "offer", null)).status).toBe(401);
    expect((await t.ask("POST", "offer", null, '{"keep":false}')).status).toBe(401);
  });
});

describe("the defaults for members who have not chosen", () => {
  test("any member may read them, nobody else", async () => {
    const { ask } = await world();
    expect((await ask("GET", "defaults", null)).status).toBe(401);
    const answer = await ask("GET", "defaults", idOf("alice"));
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(await answer.json()).toEqual({ available: true, notify: true, onlyWhenAway: true });
  });
});
