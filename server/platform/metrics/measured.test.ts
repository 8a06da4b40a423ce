import { describe, expect, test } from "bun:test";
import { buildConfig, type ConfigSource } from "../../microsoft/config/index.ts";
import { measuredFetch } from "../../microsoft/network/measured-fetch.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import { measuredApi, watchProcess } from "./measured.ts";
import { createMetrics } from "./metrics.ts";

const config: ConfigSource = {
  current: buildConfig({}, { siteUrl: "https://chat.example.com" }),
  onChange: () => () => {},
};

describe("calls of the plugin API", () => {
  const api = {
    getServerVersion: async () => "11.6.0",
    getUser: async () => {
      throw new Error("gone");
    },
  } as unknown as Api;

  test("a successful call returns its result and is counted as ok", async () => {
    const metrics = createMetrics();
    expect(await measuredApi(api, metrics).getServerVersion()).toBe("11.6.0");
    expect(metrics.text()).toContain(
      'mission_collaboration_api_call_seconds_count{method="getServerVersion",outcome="ok"} 1',
    );
  });

  test("a failed call throws its error and is counted as an error", async () => {
    const metrics = createMetrics();
    await expect(measuredApi(api, metrics).getUser("u")).rejects.toThrow("gone");
    expect(metrics.text()).toContain('{method="getUser",outcome="error"} 1');
  });
});

describe("calls to Microsoft", () => {
  const ask = async (url: string, answer: () => Promise<Response>) => {
    const metrics = createMetrics();
    await measuredFetch(answer, metrics, config)(url).catch(() => {});
    return metrics.text();
  };

  test("are counted by service and status", async () => {
    const ok = async () => new Response("", { status: 202 });
    expect(await ask("https://graph.microsoft.com/v1.0/x", ok)).toContain('{service="graph",status="202"} 1');
    expect(await ask("https://login.microsoftonline.com/t/x", ok)).toContain(
      '{service="entra",status="202"} 1',
    );
    expect(await ask("https://chat.example.com/x", ok)).toContain('{service="site",status="202"} 1');
  });

  test("failed calls are counted, too", async () => {
    const text = await ask("https://graph.microsoft.com/v1.0/x", () => Promise.reject(new Error("refused")));
    expect(text).toContain('{service="graph",status="unreachable"} 1');
  });

  test("no address appears in the metrics", async () => {
    const text = await ask(
      "https://graph.microsoft.com/v1.0/users/ana@example.com",
      async () => new Response(""),
    );
    expect(text).not.toContain("ana");
  });
});

test("reports version, start time, memory and lag of the process", async () => {
  const metrics = createMetrics();
  const end = watchProcess(metrics, "1.2.3");
  try {
    const text = metrics.text();
    expect(text).toContain('mission_collaboration_info{version="1.2.3"} 1');
    expect(Number(/resident_memory_bytes (\d+)/.exec(text)?.[1])).toBeGreaterThan(1_000_000);
    expect(text).toMatch(/event_loop_lag_seconds \d/);
    expect(text).toMatch(/start_timestamp_seconds \d{10}/);
  } finally {
    end();
  }
});
