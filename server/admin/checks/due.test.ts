import { afterEach, beforeEach, expect, test } from "bun:test";
import { buildConfig, type Config } from "../../microsoft/config/index.ts";
import { fakeTime } from "../../runtime/mattermost/testing/fake-time.ts";
import { type CheckPorts, createChecks } from "./index.ts";

beforeEach(fakeTime.start);
afterEach(fakeTime.stop);

/** Checks whose runs the test ends. */
function world() {
  const runs: PromiseWithResolvers<never>[] = [];
  const listeners = new Set<() => void>();
  const config = buildConfig({}, { siteUrl: "https://chat.example.com" });
  const checks = createChecks({
    config: {
      current: config as Config,
      onChange(listener: () => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    permissions: { list: () => [] },
    store: { get: async () => null, set: async () => {} },
    lock: async () => ({ release: async () => {} }),
    serverSettings() {
      const run = Promise.withResolvers<never>();
      runs.push(run);
      return run.promise;
    },
    log: { warn() {} },
    now: () => new Date(),
  } as unknown as CheckPorts);
  return {
    ...{ checks, runs },
    change: () => {
      for (const listener of listeners) listener();
    },
  };
}

test("a change during a run is due although that run ends", async () => {
  const { change, checks, runs } = world();
  const end = checks.watchChanges();
  change();
  await fakeTime.pass(5_000);
  await fakeTime.until(() => runs.length === 1);
  change();
  runs[0]?.reject(new Error("the end of the first run"));
  await fakeTime.pass(100);
  expect(checks.isRunning()).toBe(true);
  await fakeTime.until(() => runs.length === 2);
  runs[1]?.reject(new Error("the end of the second run"));
  await fakeTime.pass(100);
  expect(checks.isRunning()).toBe(false);
  end();
});
