import { afterEach, expect, test } from "bun:test";
import { registerSiteStatistics, type StatisticsRegistry } from "./site-statistics.ts";

type Handler = Parameters<NonNullable<StatisticsRegistry["registerSiteStatisticsHandler"]>>[0];

const { fetch } = globalThis;
const asked: string[] = [];
afterEach(() => {
  globalThis.fetch = fetch;
  asked.length = 0;
  for (const name of ["window", "document"]) Reflect.deleteProperty(globalThis, name);
});

function serve(answer: () => Response): void {
  Object.assign(globalThis, { window: { basename: "/chat" }, document: { cookie: "" } });
  globalThis.fetch = (async (url: string) => {
    asked.push(url);
    return answer();
  }) as unknown as typeof fetch;
}

function register(): Handler {
  let handler: Handler | null = null;
  registerSiteStatistics({
    registerSiteStatisticsHandler(given) {
      handler = given;
    },
  });
  if (!handler) throw new Error("no handler");
  return handler;
}

test("two cards show how many people are connected and how many use it", async () => {
  serve(() => Response.json({ connected: 12, pendingInvitations: 3, allowed: 4, activeSevenDays: 7 }));
  const cards = await register()();
  expect(asked).toEqual(["/chat/plugins/mission-collaboration/api/v1/admin/connections/stats"]);
  expect(Object.values(cards).map(({ value, visualizationType }) => [value, visualizationType])).toEqual([
    [12, "count"],
    [7, "count"],
  ]);
  for (const [id, card] of Object.entries(cards)) {
    expect(card.id).toBe(id);
    expect(card.name.length).toBeGreaterThan(5);
    expect(card.icon).toStartWith("fa-");
  }
});

test("the statistics page works when the plugin does not answer", async () => {
  serve(() => new Response("no", { status: 500 }));
  expect(await register()()).toEqual({});
});

test("nothing is registered on a server without such a page", () => {
  expect(() => registerSiteStatistics({})).not.toThrow();
});
