/** Faults on the side of the host, and how the plugin handles them. */

import { until } from "../../until.ts";
import { Host } from "../host.ts";
import { type Case, equal, isTrue } from "./case.ts";
import { decide, type Fault } from "./faults.ts";

/** Faults that Go's own encoder and a silent server make. */
export function hostFaultCases(bundle: string): Case[] {
  const api = (host: Host, method: string, ...args: unknown[]) =>
    host.fetch(`/api?method=${method}`, { method: "POST", body: JSON.stringify(args) });
  const cases: Record<
    string,
    {
      do: (host: Host) => Promise<void>;
      outcome: Fault["outcome"];
      within?: number;
      environment?: Record<string, string>;
    }
  > = {
    "an API answer that Go cannot encode": {
      do: async (host) => {
        await host.do("fault", { method: "GetPost", times: 1, name: "unencodable" });
        await api(host, "getPost", "p").catch(() => {});
      },
      outcome: { stream: "API", call: "Plugin.GetPost" },
    },
    "an API answer of 129 MiB": {
      do: async (host) => {
        await host.do("fault", { method: "GetFile", times: 1, name: "huge" });
        const outcome = (await (await api(host, "getFile", "f")).json()) as { error: { $error: string } };
        isTrue(
          outcome.error.$error.includes("the answer to Plugin.GetFile cannot be read"),
          "the call fails by name",
        );
      },
      outcome: "keeps working",
    },
    "an API answer nested 2,000 deep": {
      do: async (host) => {
        await host.do("fault", { method: "GetPost", times: 1, name: "deep" });
        await (await api(host, "getPost", "p")).text().catch(() => {});
      },
      outcome: "keeps working",
    },
    "an API call that is never answered": {
      environment: { API_SECONDS: "3" },
      do: async (host) => {
        await host.do("fault", { method: "KVGet", times: 1, name: "silent" });
        const outcome = (await (await api(host, "kvGet", "k")).json()) as {
          error: { $error: string };
          result: string;
        };
        equal(
          [outcome.error.$error, outcome.result],
          ["The Mattermost server did not answer kvGet within 3 s.", "ApiTimeout"],
        );
      },
      outcome: "keeps working",
      within: 12,
    },
    ...Object.fromEntries(
      ["unregistered", "unregistered and large", "deep"].map((kind) => [
        `a hook's arguments: ${kind}`,
        {
          do: async (host: Host) => {
            for (let i = 0; i < 3; i++) await host.do("odd-hook", { name: kind });
          },
          outcome: "keeps working" as const,
        },
      ]),
    ),
    "the plugin is paused for 7 s: no empty 200": {
      do: async (host) => {
        const { pid } = await host.state();
        process.kill(pid, "SIGSTOP");
        const requests = Array.from({ length: 5 }, () => host.fetch("/json"));
        await Bun.sleep(7_000);
        process.kill(pid, "SIGCONT");
        for (const answer of await Promise.all(requests)) {
          const text = await answer.text();
          isTrue(
            answer.status === 200 ? text.includes("world") : answer.status === 500,
            `${answer.status} "${text}"`,
          );
        }
      },
      outcome: "keeps working",
      within: 12,
    },
    ...Object.fromEntries(
      // The handler of /json never reads the body. Go's server reads the body before it sends an answer, unless the
      // answer closes the connection.
      ["/count", "/json"].map((path) => [
        `300 bodies that never arrive, for ${path}, with room for 64 requests: the page still answers`,
        {
          environment: { FEW_REQUESTS: "yes" },
          do: async (host: Host) => {
            const answers = await host.do("slow-bodies", { name: path, times: 300 });
            isTrue(Object.keys(answers as object).length > 0, "some are answered without their body");
            // Only the plugin ends these requests; without that the page would be blocked for minutes.
            await until(async () => (await host.fetch("/json")).status === 200, "the page");
            const counted = await host.fetch("/count", { method: "POST", body: "x".repeat(1000) });
            equal(((await counted.json()) as { size: number }).size, 1000, "a body that arrives");
          },
          outcome: "keeps working" as const,
        },
      ]),
    ),
    "an API answer of 120 MiB: its memory is released": {
      do: async (host) => {
        const before = (await host.state()).rss;
        await host.do("fault", { method: "GetFile", times: 1, name: "large" });
        isTrue((await host.fetch("/file-size")).status === 200, "the file arrives");
        const limit = before + 150 * 1024 * 1024;
        await until(async () => (await host.state()).rss < limit, "the memory is released");
      },
      outcome: "keeps working",
    },
  };
  return Object.entries(cases).map(([name, { do: act, environment = {}, outcome, within }]) => ({
    name: `fault of the host: ${name}`,
    run: async () => {
      const host = await Host.start({ bundle, environment });
      try {
        await host.activate();
        const { pid } = await host.state();
        await act(host);
        await decide(host, pid, { name, orders: [], outcome, ...(within ? { within } : {}) });
      } finally {
        host.kill();
      }
    },
  }));
}
