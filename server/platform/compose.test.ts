import { describe, expect, test } from "bun:test";
import { compose, composeHooks } from "./compose.ts";
import type { Feature } from "./feature.ts";
import { createRouter, Routes } from "./http/index.ts";

const post = { Id: "p" } as never;
const context = {} as never;

function world(...features: Feature[]) {
  const order: string[] = [];
  const router = createRouter({ isSystemAdmin: async () => false, log: { error: () => {} } });
  const command = {
    register: async () => void order.push("command registered"),
    refresh: async () => {},
    execute: async () => ({ Text: "done" }),
  };
  const hooks = compose({
    features,
    router,
    command,
    open: async () => void order.push("data opened"),
    reload: async () => void order.push("settings read"),
  });
  return { hooks, order, router };
}

describe("hooks of several features", () => {
  test("an event reaches every listening feature, even when one of them fails", async () => {
    const received: string[] = [];
    const listener = (name: string, fails = false): Feature => ({
      name,
      hooks: {
        messageHasBeenPosted: async () => {
          received.push(name);
          if (fails) throw new Error(name);
        },
      },
    });
    const hooks = composeHooks([listener("a"), listener("b", true), listener("c")]);
    await expect(hooks.messageHasBeenPosted?.(context, post)).rejects.toThrow("b");
    expect(received).toEqual(["a", "b", "c"]);
  });

  test("a hook that returns a value belongs to one feature, and its value is passed on", () => {
    const one: Feature = { name: "a", hooks: { messageWillBePosted: () => [null, "no"] } };
    expect(composeHooks([one]).messageWillBePosted?.(context, post)).toEqual([null, "no"]);
  });

  test("two features that answer the same hook are an error at start", () => {
    const answering = (name: string): Feature => ({ name, hooks: { messageWillBePosted: () => undefined } });
    expect(() => composeHooks([answering("chats"), answering("channels")])).toThrow("chats and channels");
  });

  test("a hook without a listener is not announced to the server", () => {
    expect(composeHooks([{ name: "a" }])).toEqual({});
  });
});

describe("the life of features", () => {
  const feature = (name: string, order: string[]): Feature => ({
    name,
    start: () => void order.push(`${name} started`),
    settingsChanged: () => void order.push(`${name} received`),
    stop: async () => void order.push(`${name} stopped`),
  });

  test("stored data is opened first, and setting changes before activation reach no feature", async () => {
    const order: string[] = [];
    const { hooks, order: own } = world(feature("a", order), feature("b", order));
    await hooks.onConfigurationChange?.();
    expect([own, order]).toEqual([["settings read"], []]);
    await hooks.onActivate?.();
    expect(own).toEqual(["settings read", "data opened", "command registered"]);
    await hooks.onConfigurationChange?.();
    await hooks.onDeactivate?.();
    expect(order).toEqual(["a started", "b started", "a received", "b received", "a stopped", "b stopped"]);
  });

  test("nothing starts on data of a newer version", async () => {
    const order: string[] = [];
    const { hooks } = world(feature("a", order));
    const refused = compose({
      features: [feature("a", order)],
      router: createRouter({ isSystemAdmin: async () => false, log: { error: () => {} } }),
      command: { register: async () => {}, refresh: async () => {}, execute: async () => ({}) },
      open: () => Promise.reject(new Error("newer")),
      reload: async () => {},
    });
    await expect(refused.onActivate?.()).rejects.toThrow("newer");
    await refused.onConfigurationChange?.();
    expect(order).toEqual([]);
    expect(hooks.onActivate).toBeDefined();
  });

  test("the routes of every feature are mounted behind one router, in the order of the list", async () => {
    const says = (text: string) => new Routes().get("/same", "public", () => new Response(text));
    const { hooks } = world(
      { name: "a", routes: says("a") },
      { name: "b", routes: says("b") },
      { name: "c" },
    );
    const response = await hooks.serveHTTP?.(new Request("http://x/same"), {
      userId: null,
      RequestId: "r",
    } as never);
    expect(await response?.text()).toBe("a");
  });
});
