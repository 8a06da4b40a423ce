/**
 * A state belongs to the person who began, works once, and expires by our own clock, whatever the store still has.
 */

import { expect, test } from "bun:test";
import { newKeyText, readKey } from "../../../platform/store/sealed.ts";
import { BegunFlows, beginFlow, takeFlow } from "./flow-states.ts";

const key = readKey(newKeyText());
if (!key) throw new Error("no key");
const ring = { current: key, previous: null };

async function begun() {
  const store = new Map<string, Uint8Array>();
  const asked: string[] = [];
  let at = 1_000;
  const kv = {
    async get(name: string) {
      asked.push(name);
      return store.get(name) ?? null;
    },
    async compareAndSet(name: string, before: Uint8Array | null, next: Uint8Array | null) {
      if ((store.get(name) ?? null) !== before) return false;
      if (next) store.set(name, next);
      else store.delete(name);
      return true;
    },
  };
  const ports = { kv, clock: () => at, begun: new BegunFlows() };
  const flow = {
    ...{ userId: "ana", sessionId: "s1", verifier: "v", nonce: "n", redirectUri: "https://x" },
    ...{ clientId: "c", tenantId: "t", permissions: ["User.Read"] },
  };
  const state = await beginFlow(ports, flow, ring);
  asked.length = 0;
  return { asked, flow, ports, state, pass: (ms: number) => (at += ms) };
}
const ana = { userId: "ana", sessionId: "s1" };

test("of the person and session that began it returns the flow, once", async () => {
  const { flow, ports, state } = await begun();
  expect(await takeFlow(ports, state, ana, ring)).toEqual(flow as never);
  expect(await takeFlow(ports, state, ana, ring)).toBeNull();
});

test.each([
  ["another person in the same session", { ...ana, userId: "ben" }],
  ["another session of the same person", { ...ana, sessionId: "s2" }],
])("%s gets nothing, and its owner still does", async (_, by) => {
  const { flow, ports, state } = await begun();
  expect(await takeFlow(ports, state, by, ring)).toBeNull();
  expect(await takeFlow(ports, state, ana, ring)).toEqual(flow as never);
});

test("expires after ten minutes, even when the store still has it", async () => {
  const { ports, pass, state } = await begun();
  pass(10 * 60_000);
  expect(await takeFlow(ports, state, ana, ring)).toBeNull();
});

test("a text that is not a state is not looked for in the store", async () => {
  const { asked, ports, state } = await begun();
  for (const text of ["", "x", `${state}x`, state.slice(1), `${state.slice(1)}.`])
    expect(await takeFlow(ports, text, ana, ring)).toBeNull();
  expect(asked).toEqual([]);
});

test("of more than twenty open flows the oldest is dropped, and flows of others stay", async () => {
  const { flow, ports, state } = await begun();
  const others = await beginFlow(ports, { ...flow, userId: "ben" }, ring);
  for (let count = 1; count < 20; count += 1) await beginFlow(ports, flow, ring);
  const last = await beginFlow(ports, flow, ring);
  expect(await takeFlow(ports, state, ana, ring)).toBeNull();
  expect(await takeFlow(ports, last, ana, ring)).toEqual(flow as never);
  expect(await takeFlow(ports, others, { ...ana, userId: "ben" }, ring)).toMatchObject({ userId: "ben" });
});
