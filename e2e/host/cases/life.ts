import { isRunning } from "../../is-running.ts";
import { until } from "../../until.ts";
import { Host } from "../host.ts";
import { activeHost, type Case, equal, isTrue, type Place } from "./case.ts";

/** Start, crash, restart and end of a plugin. */
export function lifeCases(place: Place): Case[] {
  return [
    {
      name: "a crashed plugin is restarted by the health check",
      run: () =>
        withHost(place, async (host) => {
          const before = await host.state();
          isTrue((await host.fetch("/crash")).status >= 500, "the request of the crash was answered");
          await until(async () => (await host.state()).pid !== before.pid, "the process ends");
          equal((await host.do<{ state: string }>("check")).state, "running");
          equal((await host.fetch("/json")).status, 200);
          isTrue((await host.state()).pid !== before.pid, "the same process");
        }),
    },
    {
      name: "a killed plugin is restarted by the health check",
      run: () =>
        withHost(place, async (host) => {
          await host.do("kill", { signal: 9 });
          await until(async () => (await host.state()).pid === 0, "the process ends");
          equal((await host.do<{ state: string }>("check")).state, "running");
          equal((await host.fetch("/json")).status, 200);
        }),
    },
    {
      name: "SIGINT, as from Ctrl-C at the server, does not end the plugin",
      run: () =>
        withHost(place, async (host) => {
          await host.do("kill", { signal: 2 });
          await Bun.sleep(100);
          equal((await host.fetch("/json")).status, 200);
        }),
    },
    {
      name: "can be deactivated and activated ten times",
      run: () =>
        withHost(place, async (host) => {
          for (let i = 0; i < 10; i++) {
            const { pid } = await host.state();
            equal(await host.do("deactivate"), true);
            await until(() => !isRunning(pid), "the process ends");
            equal((await host.do<{ activated: boolean }>("activate")).activated, true);
          }
          equal((await host.fetch("/json")).status, 200);
        }),
    },
    {
      name: "a failing OnActivate reports its reason to the server, and the process ends",
      run: async () => {
        const host = await Host.start({ ...place, environment: { FAIL_ACTIVATION: "no settings" } });
        try {
          const failure = await host.do("activate").then(
            () => "activated",
            (error: Error) => error.message,
          );
          isTrue(failure.includes("no settings"), failure);
          await until(async () => (await host.state()).pid === 0, "the process ends");
        } finally {
          await host.stop();
        }
      },
    },
    {
      name: "kill -9 of the host ends the plugin",
      run: async () => {
        const host = await activeHost(place);
        const { pid } = await host.state();
        host.kill();
        await until(() => !isRunning(pid), "the plugin's process ends");
      },
    },
    {
      name: "an orderly end logs no error",
      run: async () => {
        const host = await activeHost(place);
        const { pid } = await host.state();
        equal((await host.fetch("/json")).status, 200);
        await host.stop();
        await until(() => !isRunning(pid), "the plugin's process ends");
        const bad = host.events.filter((e) => e.level === "error");
        equal(
          bad.map((e) => e.message),
          [],
        );
      },
    },
  ];
}

async function withHost(place: Place, run: (host: Host) => Promise<void>): Promise<void> {
  const host = await activeHost(place);
  try {
    await run(host);
  } finally {
    await host.stop();
  }
}
