/** From OnActivate to deactivation. */

import { afterEach, describe, expect, test } from "bun:test";
import { Tagged } from "../gob/index.ts";
import { AppError } from "./errors.ts";
import type { PluginHost } from "./host.ts";
import { codecOf, type Letters, letter } from "./method-codec.ts";
import { definePlugin, type PluginDefinition } from "./plugin.ts";
import { TestHost } from "./testing/host.ts";
import { type Hooks, hooks as table } from "./wire/hooks.gen.ts";

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

async function started(definition: PluginDefinition): Promise<TestHost> {
  const host = await TestHost.start(definePlugin(definition));
  hosts.push(host);
  return host;
}

type HookName = keyof Hooks;
/** Calls a hook as the server does. */
function call(host: TestHost, name: HookName, given: unknown[]): Promise<Letters> {
  const codec = codecOf(table[name]);
  const args = Object.fromEntries(given.map((value, i) => [letter(i), value]));
  return host.hooks.call(`Plugin.${table[name].go}`, codec, args);
}

describe("OnActivate", () => {
  test("runs onConfigurationChange first, with the API at hand", async () => {
    const order: string[] = [];
    const plugin = definePlugin(({ settings }) => ({
      async onConfigurationChange() {
        order.push(`configuration ${await settings((all) => all.greeting)}`);
      },
      onActivate() {
        order.push("activate");
      },
    }));
    hosts.push(await TestHost.activated(plugin));
    expect(order).toEqual(["configuration hi", "activate"]);
  });

  test("continues when onConfigurationChange fails", async () => {
    let activated = false;
    const host = await started({
      onConfigurationChange() {
        throw new Error("bad settings");
      },
      onActivate() {
        activated = true;
      },
    });
    expect(await host.activate()).toBeNull();
    expect(activated).toBe(true);
  });

  test("returns a failure in A, where the server looks for it", async () => {
    const host = await started({ onActivate: async () => Promise.reject(new Error("cannot start")) });
    expect(await host.activate()).toEqual(
      new Tagged("*plugin.ErrorString", { Code: 0, Err: "cannot start" }),
    );
  });

  test("answers an AppError as one", async () => {
    const host = await started({
      onActivate() {
        throw new AppError("no licence", { statusCode: 501 });
      },
    });
    expect(await host.activate()).toMatchObject({
      $type: "*model.AppError",
      value: { Message: "no licence", StatusCode: 501, Where: "", SkipTranslation: true },
    });
  });

  test("works for a plugin without hooks", async () => {
    expect(await (await started({})).activate()).toBeNull();
  });
});

test("deactivation aborts the signal, ends jobs, and then calls the plugin", async () => {
  const order: string[] = [];
  let seen: PluginHost | undefined;
  const store = new Map<string, Uint8Array>();
  const begun = Promise.withResolvers<void>();
  const plugin = definePlugin((host) => {
    seen = host;
    return {
      onActivate() {
        host.cluster.runOnOneNode("job", { everyMs: 10, leaseMs: 3000 }, async (signal) => {
          signal.addEventListener("abort", () => order.push("job aborted"));
          begun.resolve();
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        });
      },
      onDeactivate: () => void order.push(`deactivate, ${store.size} leases`),
    };
  });
  const host = await TestHost.activated(plugin, {
    kvSetWithOptions: ({ A, B }) => {
      store.set(A as string, B as Uint8Array);
      return { A: true };
    },
    kvCompareAndDelete: ({ A }) => ({ A: store.delete(A as string) }),
  });
  hosts.push(host);
  await begun.promise;
  expect(store.size).toBe(1);
  await call(host, "onDeactivate", []);
  expect(order).toEqual(["job aborted", "deactivate, 0 leases"]);
  expect(seen?.signal.aborted).toBe(true);
});
