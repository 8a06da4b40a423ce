import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { buildConfig, type ConfigSource } from "../config/index.ts";
import { batch, createGraph, type GraphError } from "./index.ts";

interface Part {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}
type Inner = { status: number; headers?: Record<string, string>; body?: unknown };

const config: ConfigSource = { current: buildConfig({}, { siteUrl: "" }), onChange: () => () => {} };
const item = z.object({ id: z.string() });

/** Plays Graph's `$batch`: `answer` answers each part, in reverse order, as Graph may. */
function world(
  answer: (part: Part, call: number) => Inner | null,
  whole: (call: number) => Response | null = () => null,
) {
  const calls: Part[][] = [];
  const slept: number[] = [];
  const ports = { sleep: async (ms: number) => void slept.push(ms), random: () => 1, now: () => 0 };
  const client = createGraph({
    config,
    tokens: { token: async () => "t", forget() {} },
    fetch: async (_url, init) => {
      const { requests } = JSON.parse(String(init?.body)) as { requests: Part[] };
      calls.push(requests);
      const refused = whole(calls.length);
      if (refused) return refused;
      const responses = requests.flatMap((part) => {
        const inner = answer(part, calls.length);
        return inner ? [{ id: part.id, ...inner }] : [];
      });
      return Response.json({ responses: responses.reverse() });
    },
    ...ports,
  });
  const run = (count: number, method?: "POST") =>
    batch(
      { client, ...ports },
      new Map(
        Array.from({ length: count }, (_, i) => [
          `user${i}`,
          { path: `/users/${i}/calendarView`, answer: item, ...(method ? { method, body: {} } : {}) },
        ]),
      ),
    );
  return { run, calls, slept };
}

const fine = ({ url }: Part): Inner => ({ status: 200, body: { id: url } });

describe("$batch", () => {
  test("45 parts are sent in three requests, and each gets its own answer in any order", async () => {
    const { run, calls } = world(fine);
    const answers = await run(45);
    expect(calls.map((parts) => parts.length)).toEqual([20, 20, 5]);
    expect(answers.size).toBe(45);
    for (let i = 0; i < 45; i += 1) {
      expect(answers.get(`user${i}`)).toEqual({ ok: true, value: { id: `/users/${i}/calendarView` } });
    }
  });

  test("no parts: no request", async () => {
    const { run, calls } = world(fine);
    expect((await run(0)).size).toBe(0);
    expect(calls).toEqual([]);
  });

  test("a throttled part is repeated alone after its own Retry-After; the others are not", async () => {
    const { run, calls, slept } = world((part, call) =>
      part.url.includes("/3/") && call === 1 ? { status: 429, headers: { "Retry-After": "7" } } : fine(part),
    );
    const answers = await run(10);
    expect(calls.map((parts) => parts.map(({ url }) => url))).toEqual([
      Array.from({ length: 10 }, (_, i) => `/users/${i}/calendarView`),
      ["/users/3/calendarView"],
    ]);
    expect(slept).toEqual([7000]);
    expect([...answers.values()].every(({ ok }) => ok)).toBe(true);
  });

  test("a part that fails permanently is one error and is not repeated", async () => {
    const { run, calls } = world((part) =>
      part.url.includes("/1/")
        ? { status: 404, body: { error: { code: "ErrorItemNotFound", message: "gone" } } }
        : fine(part),
    );
    const answers = await run(3);
    expect(calls).toHaveLength(1);
    const failed = answers.get("user1");
    expect(failed?.ok).toBe(false);
    expect((failed as { error: GraphError }).error).toMatchObject({ status: 404, code: "ErrorItemNotFound" });
    expect(answers.get("user0")?.ok).toBe(true);
  });

  test("a batch that is throttled as a whole is repeated after Retry-After, and no part is lost", async () => {
    const { run, calls } = world(fine, (call) =>
      call === 1 ? new Response(null, { status: 429, headers: { "Retry-After": "1" } }) : null,
    );
    expect([...(await run(40)).values()].every(({ ok }) => ok)).toBe(true);
    expect(calls).toHaveLength(3);
  });

  test("a part without an answer and one of another shape are separate errors", async () => {
    const { run } = world((part) => {
      if (part.url.includes("/0/")) return null;
      return part.url.includes("/1/") ? { status: 200, body: { id: 5 } } : fine(part);
    });
    const answers = await run(3);
    expect([0, 1, 2].map((i) => answers.get(`user${i}`)?.ok)).toEqual([false, false, true]);
  });

  test("a write that failed is not repeated, a write that was throttled is", async () => {
    const { run, calls } = world((part, call) => {
      if (call > 1) return fine(part);
      if (part.url.includes("/0/")) return { status: 503 };
      return part.url.includes("/1/") ? { status: 429, headers: { "Retry-After": "1" } } : fine(part);
    });
    const answers = await run(3, "POST");
    expect(calls[1]?.map(({ url }) => url)).toEqual(["/users/1/calendarView"]);
    expect([0, 1, 2].map((i) => answers.get(`user${i}`)?.ok)).toEqual([false, true, true]);
  });

  test("a part that must wait longer than 30 s is returned to the caller", async () => {
    const { run, calls } = world((part) =>
      part.url.includes("/0/") ? { status: 429, headers: { "Retry-After": "31" } } : fine(part),
    );
    const answers = await run(2);
    expect(calls).toHaveLength(1);
    expect((answers.get("user0") as { error: GraphError }).error.retryAfterMs).toBe(31_000);
  });

  test("gives up after three attempts", async () => {
    const { run, calls } = world(() => ({ status: 503 }));
    expect([...(await run(2)).values()].some(({ ok }) => ok)).toBe(false);
    expect(calls).toHaveLength(3);
  });
});
