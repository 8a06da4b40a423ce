/** Requests to the webhook: attacks, mistakes, and those of Microsoft itself, each with a positive control. */

import { describe, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import {
  body,
  CHANGES,
  common,
  delivered,
  type Entry,
  event,
  listener,
  message,
  nextId,
  node,
  openWebhook,
  settled,
  world,
} from "../testing/webhook-world.ts";

openWebhook();

const LIFECYCLE = "/api/v1/graph/lifecycle";

describe("refuses a body", () => {
  const bad: [name: string, body: string | Uint8Array, status: number][] = [
    ["nothing", "", 400],
    ["no JSON", "{", 400],
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 400],
    ["a byte order mark", "\ufeff\ufeff{}", 400],
    ["null", "null", 400],
    ["a list", "[]", 400],
    ["a text", '"value"', 400],
    ["no value", "{}", 400],
    ["a value that is null", '{"value":null}', 400],
    ["a value that is an object", '{"value":{}}', 400],
    ["depth without end", `{"value":${"[".repeat(1_000_000)}`, 400],
    ["more than 4 MB", JSON.stringify({ value: ["x".repeat(4 * 1024 * 1024)] }), 413],
  ];
  for (const path of [CHANGES, LIFECYCLE]) {
    for (const [name, content, status] of bad) {
      test(`${path}: ${name}: ${status}`, async () => {
        const calls = world.store.calls;
        expect((await node.post(content, path)).status).toBe(status);
        expect(world.store.calls).toBe(calls);
      });
    }
    test(`${path}: an empty list is accepted`, async () => {
      expect((await node.post({ value: [] }, path)).status).toBe(202);
    });
    for (const method of ["GET", "PUT", "PATCH", "DELETE", "HEAD"]) {
      test(`${method} ${path}: 405`, async () => {
        expect((await node.request(`${path}?validationToken=x`, { method })).status).toBe(405);
      });
    }
  }

  test("a body of 4 MB without a length is refused in time", async () => {
    let sentBytes = 0;
    const stream = new ReadableStream({
      pull(controller) {
        sentBytes += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    const response = await node.request(CHANGES, { method: "POST", body: stream });
    expect(response.status).toBe(413);
    expect(sentBytes).toBeLessThan(6 * 1024 * 1024);
  });
});

describe("while no feature wishes for changes", () => {
  for (const path of [CHANGES, LIFECYCLE]) {
    test(`${path}: 404, also to a validation request`, async () => {
      const valid = { value: [event(nextId())] };
      listener.on = false;
      expect((await node.post(valid, path)).status).toBe(404);
      expect((await node.request(`${path}?validationToken=x`, { method: "POST" })).status).toBe(404);
      listener.on = true;
      expect((await node.post(valid, path)).status).toBe(202);
      await settled();
    });
  }
});

describe("the validation request", () => {
  const ask = (query: string, path = CHANGES) => node.request(`${path}?${query}`, { method: "POST" });

  for (const path of [CHANGES, LIFECYCLE]) {
    test(`${path}: returns the decoded token as plain text, and nothing else`, async () => {
      const calls = world.store.calls;
      const token = "Validation: Testing a b<c>&\"'% Request-Id: 1 ü";
      const response = await ask(`validationToken=${encodeURIComponent(token)}`, path);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(token);
      expect(response.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
      expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      expect(world.store.calls).toBe(calls);
    });
  }

  test("accepts plus signs for spaces", async () => {
    expect(await (await ask("a=1&validationToken=a+b%2Bc")).text()).toBe("a b+c");
  });

  test("ignores changes in the body", async () => {
    const id = nextId();
    const response = await node.post({ value: [event(id)] }, `${CHANGES}?validationToken=x`);
    expect(await response.text()).toBe("x");
    await settled();
    expect(delivered()).not.toContain(id);
  });

  const refused: [name: string, query: string][] = [
    ["an empty token", "validationToken="],
    ["two tokens", "validationToken=a&validationToken=b"],
    ["a broken percent sign", "validationToken=%zz"],
    ["half a letter", "validationToken=%c3"],
    ["4 KB and one byte", `validationToken=${"x".repeat(4_097)}`],
    ["4 KB of letters with two bytes", `validationToken=${encodeURIComponent("ü".repeat(2_049))}`],
    ["1 MB", `validationToken=${"x".repeat(1_048_576)}`],
  ];
  for (const [name, query] of refused) {
    test(`${name}: 400`, async () => expect((await ask(query)).status).toBe(400));
  }
  test("4 KB: 200", async () => expect((await ask(`validationToken=${"x".repeat(4_096)}`)).status).toBe(200));
});

describe("lifecycle entries", () => {
  const asked = () =>
    JSON.stringify([...world.store.values].map(([key, value]) => [key, String(value)])).includes(
      '\\"asked\\":\\"re',
    );
  const entry = (change: Entry = {}) => ({
    ...common(),
    changeType: undefined,
    lifecycleEvent: "reauthorizationRequired",
    ...change,
  });
  const bad: [name: string, make: () => Entry, reason: string][] = [
    ["another client state", () => entry({ clientState: "x" }), "invalid_webhook_secret"],
    ["no client state", () => entry({ clientState: undefined }), "invalid_webhook_secret"],
    ["another tenant", () => entry({ tenantId: randomUUID() }), "foreign_tenant"],
    ["another subscription", () => entry({ subscriptionId: randomUUID() }), "unknown_subscription"],
    ["an unknown event", () => entry({ lifecycleEvent: "deleted" }), "malformed"],
    ["no event", () => entry({ lifecycleEvent: undefined }), "malformed"],
    ["a change", () => message(nextId()), "malformed"],
  ];
  for (const [name, make, reason] of bad) {
    test(`${name}: ${reason}, and nothing happens`, async () => {
      const [before, calls] = [node.dropped(reason), world.calls.length];
      expect((await node.post({ value: [make()] }, LIFECYCLE)).status).toBe(202);
      expect(node.dropped(reason) - before).toBe(1);
      expect(asked()).toBe(false);
      expect(world.calls.length).toBe(calls);
    });
  }

  test("a valid one is carried out", async () => {
    const calls = world.calls.length;
    expect((await node.post({ value: [entry()] }, LIFECYCLE)).status).toBe(202);
    await world.until("the renewal", () => world.calls.slice(calls).some((call) => call.startsWith("PATCH")));
  });
});

describe("a store that fails", () => {
  test("answers 503, and what Microsoft sends again is delivered once", async () => {
    const [id, second] = [nextId(), nextId()];
    const same = body([message(id), event(second)]);
    world.store.before = (call, key) => {
      if (key.startsWith("queue_changes") && call === "compareAndSet") throw new Error("no database");
    };
    const refused = await node.post(same);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: "changes_not_stored" });
    world.store.before = () => {};
    expect((await node.post(same)).status).toBe(202);
    await settled();
    expect(delivered().filter((one) => one === id || one === second)).toHaveLength(2);
  });

  test("does not matter for entries that are dropped anyway", async () => {
    world.store.before = () => {
      throw new Error("no database");
    };
    expect((await node.post(body([message(nextId(), { clientState: "x" })]))).status).toBe(202);
  });
});
