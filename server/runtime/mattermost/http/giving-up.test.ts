/**
 * Neither the hook nor the process may end while a call of a response runs in the server: for a failed hook, Go's server
 * writes an answer of its own, and two writers of one header end the whole server ("concurrent map writes").
 */

import { afterEach, expect, test } from "bun:test";
import { LAST_CALLS_MS, processSeconds } from "../../goplugin/index.ts";
import { settle } from "../../goplugin/testing/wire.ts";
import { codecOf } from "../method-codec.ts";
import { definePlugin } from "../plugin.ts";
import { type Exchange, TestHost } from "../testing/host.ts";
import { hooks as hookTable } from "../wire/hooks.gen.ts";
import { HEADER_SECONDS, STUCK_SECONDS, WRITE_SECONDS } from "./limits.ts";

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

/** A plugin with room for one request, which answers at once. */
async function narrow(): Promise<TestHost> {
  const plugin = definePlugin({ serveHTTP: () => new Response("a page") });
  const host = await TestHost.activated(plugin, {}, { httpLimits: { requests: 1 } });
  hosts.push(host);
  return host;
}

function outcomeOf(exchange: Exchange): { text: string } {
  const outcome = { text: "" };
  exchange.done.then(
    () => {
      outcome.text = "answered";
    },
    (error: Error) => {
      outcome.text = error.message;
    },
  );
  return outcome;
}

/** A request whose SyncHeader the server runs until `goOn`. */
async function heldInHeader(host: TestHost) {
  const { promise, resolve: goOn } = Promise.withResolvers<void>();
  const first = host.http();
  first.headerGate = promise;
  const outcome = outcomeOf(first);
  await settle(10);
  return { first, goOn, outcome };
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) processSeconds.tick();
  await settle(10);
}

test("a Write that waits for its client gives up its place, and the hook returns when the Write is over", async () => {
  const host = await narrow();
  const { promise, resolve: read } = Promise.withResolvers<void>();
  const slow = host.http();
  slow.gate = promise;
  const outcome = outcomeOf(slow);
  await settle(10);
  expect(slow.calls).toEqual(["SyncHeader", "Write"]);
  await pass(STUCK_SECONDS + 1);
  expect((await host.http().done).text).toBe("a page");
  await settle(10);
  expect(outcome.text).toBe("");
  read();
  await settle(10);
  expect(outcome.text).toContain("it had to make room for newer requests");
});

test("a request that waits for the server alone keeps its place, and is answered", async () => {
  const host = await narrow();
  const { promise, resolve: goOn } = Promise.withResolvers<void>();
  const first = host.http();
  first.headerGate = promise;
  await settle(10);
  await pass(STUCK_SECONDS + 1);
  expect((await host.http().done).status).toBe(503);
  goOn();
  expect((await first.done).text).toBe("a page");
});

test("a header that the server does not take in time is an error, once the server has taken it", async () => {
  const host = await narrow();
  const { goOn, outcome } = await heldInHeader(host);
  await pass(HEADER_SECONDS + 1);
  expect(outcome.text).toBe("");
  goOn();
  await settle(10);
  expect(outcome.text).toContain(`within ${HEADER_SECONDS} s`);
  expect((await host.http().done).text).toBe("a page");
});

test("the first Write of a response with status 200 may take as long as any other", async () => {
  const host = await narrow();
  const { promise, resolve: read } = Promise.withResolvers<void>();
  const slow = host.http();
  slow.gate = promise;
  await settle(10);
  await pass(WRITE_SECONDS - 1);
  read();
  expect((await slow.done).text).toBe("a page");
});

/** After its answer the server ends the connection, and with it every request in progress. */
const deactivate = (host: TestHost) =>
  host.hooks.call("Plugin.OnDeactivate", codecOf(hookTable.onDeactivate), {});

test("a plugin that is deactivated waits for the header that the server sets, and sends nothing after it", async () => {
  const host = await narrow();
  const { first, goOn, outcome } = await heldInHeader(host);
  let isOver = false;
  const ending = deactivate(host).then(() => {
    isOver = true;
  });
  await settle(10);
  expect(isOver).toBe(false);
  goOn();
  await ending;
  await settle(10);
  expect(first.calls).toEqual(["SyncHeader"]);
  expect(outcome.text).toContain("the plugin ends");
  const late = host.http();
  expect(await late.done.catch((error: Error) => error.message)).toContain("the plugin ends");
  expect(late.calls).toEqual([]);
});

test("it does not wait for a client who reads slowly, nor without a request", async () => {
  const host = await narrow();
  const slow = host.http();
  slow.gate = new Promise(() => {});
  outcomeOf(slow);
  await settle(10);
  const begun = performance.now();
  await deactivate(host);
  expect(performance.now() - begun).toBeGreaterThan(LAST_CALLS_MS - 20);
  const idle = await narrow();
  expect((await idle.http().done).text).toBe("a page");
  await deactivate(idle);
});

test("a fault of the hooks stream ends no request before its calls are over", async () => {
  const host = await narrow();
  const { first, goOn, outcome } = await heldInHeader(host);
  host.breakHooks();
  await settle(10);
  expect(outcome.text).toBe("");
  goOn();
  await settle(10);
  expect(first.calls[0]).toBe("SyncHeader");
});
