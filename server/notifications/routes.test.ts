import { describe, expect, test } from "bun:test";
import { notificationRoutes } from "./routes.ts";
import { Rig } from "./testing/rig.ts";
import { idOf, World } from "./testing/world.ts";

const BOB = idOf("bob");

async function world() {
  const w = new World();
  w.channel({ Id: idOf("town") });
  for (const name of ["alice", "bob"]) w.person(name);
  const rig = new Rig(w);
  const { notifications, tell } = rig.node();
  await tell(w.post({ Message: "@bob", CreateAt: rig.clock.time }));
  await rig.clock.pass(1000);
  const app = notificationRoutes({ notifications, isSystemAdmin: async (userId) => userId === BOB });
  return {
    rig,
    ask: (method: string, path: string, userId: string | null) =>
      app.request(`/api/v1/notifications/${path}`, { method }, { userId, RequestId: "r" }),
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

  test("state says what was told, and names nobody", async () => {
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

  test("a test activity goes to the one who asks", async () => {
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
