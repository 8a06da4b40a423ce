/**
 * A plugin that ends while it answers requests, by its own decision or at the server's wish. When the process is gone,
 * the server writes a response of its own for each request in progress. If it still runs a call of the plugin's
 * response then, two goroutines write one header, and Go ends the whole server ("concurrent map writes").
 */

import { until } from "../../until.ts";
import type { Host } from "../host.ts";
import { activeHost, type Case, isTrue } from "./case.ts";
import { wiredBundle, withWire } from "./fault-wire.ts";

/**
 * Without the wait, the crash came within a hundred endings of each kind on two processors. That takes minutes, so
 * giving-up.test.ts holds the order of the calls, and this a whole ending.
 */
const ENDINGS = 4;
const CLIENTS = 64;

export async function endingCases(bundle: string): Promise<Case[]> {
  const wired = await wiredBundle(bundle, "ending");
  const fin = { Do: "send", To: "plugin", Stream: "api", Frame: "fin" };
  const cases: Record<string, (name: string) => Promise<void>> = {
    "its API stream ends": (name) =>
      withWire({ bundle, wired, name }, (host, wire) => endedBy(host, () => wire.order(fin))),
    SIGTERM: (name) =>
      withWire({ bundle, wired, name }, (host, wire) =>
        endedBy(host, async () => void process.kill(wire.pid, "SIGTERM")),
      ),
    "it is deactivated": async () => {
      const host = await activeHost({ bundle });
      try {
        await endedBy(host, () => host.do("deactivate"));
      } finally {
        host.kill();
      }
    },
  };
  return Object.entries(cases).map(([name, run]) => ({
    name: `the server survives a plugin under load that ends: ${name}`,
    run: async () => {
      for (let ending = 0; ending < ENDINGS; ending++) await run(`ending-${name[0]}-${ending}`);
    },
  }));
}

/** Requests a page again and again, ends the plugin, and goes on until the plugin answers nothing more. */
async function endedBy(host: Host, end: () => Promise<unknown>): Promise<void> {
  let answered = 0;
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const response = await host.fetch("/json").catch(() => null);
      await response?.text().catch(() => {});
      if (response?.status === 200) answered++;
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  await until(() => answered > 200, "the page is served");
  await end();
  await until(async () => (await host.fetch("/json").catch(() => null))?.status !== 200, "the plugin ends");
  isOver = true;
  await clients;
  isTrue(host.ended === null, `the server ended, too: ${host.ended}`);
  await host.do("state");
}
