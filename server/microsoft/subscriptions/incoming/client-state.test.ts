/** Tests what a client state proves: one subscription, by all of its characters. */

import { expect, test } from "bun:test";
import { clientState, newRegistrationId, verifyClientState } from "./client-state.ts";

const secret = new Uint8Array(32).fill(7);
const id = newRegistrationId();
const state = clientState(id, secret);

test("its own state proves a registration", () => {
  expect(state).toHaveLength(66);
  expect(verifyClientState(state, secret)).toBe(id);
});

test("with any character changed, left out or added, it proves nothing", () => {
  for (let at = 0; at < state.length; at += 1) {
    const other = state[at] === "A" ? "B" : "A";
    for (const changed of [
      state.slice(0, at) + other + state.slice(at + 1),
      state.slice(0, at) + state.slice(at + 1),
      `${state.slice(0, at)}${other}${state.slice(at)}`,
    ])
      expect([changed, verifyClientState(changed, secret)]).toEqual([changed, null]);
    expect(verifyClientState(state.slice(0, at), secret)).toBeNull();
  }
  for (const changed of [`${state} `, ` ${state}`, `${state}\n`, state.toUpperCase()])
    expect([changed, verifyClientState(changed, secret)]).toEqual([changed, null]);
  expect(verifyClientState(state, new Uint8Array(32))).toBeNull();
});

test("a secret that is too short makes and proves none", () => {
  expect(() => clientState(id, new Uint8Array(31))).toThrow(RangeError);
  expect(() => verifyClientState(state, new Uint8Array(0))).toThrow(RangeError);
});
