import { describe, expect, test } from "bun:test";
import { createMetrics, metricsResponse } from "./metrics.ts";

describe("Prometheus metrics", () => {
  test("prints counters, gauges and values that are read at the scrape", () => {
    const metrics = createMetrics();
    const signIns = metrics.counter("sign_ins_total", "Sign-ins by outcome.");
    signIns.add({ outcome: "ok" });
    signIns.add({ outcome: "ok" }, 2);
    signIns.add({ outcome: "refused" });
    metrics.gauge("credential_days_left", "Days.").set(29.5);
    metrics.watch("outbox_entries", "Entries.", () => 7);
    expect(metrics.text()).toBe(
      [
        "# HELP mission_collaboration_sign_ins_total Sign-ins by outcome.",
        "# TYPE mission_collaboration_sign_ins_total counter",
        'mission_collaboration_sign_ins_total{outcome="ok"} 3',
        'mission_collaboration_sign_ins_total{outcome="refused"} 1',
        "# HELP mission_collaboration_credential_days_left Days.",
        "# TYPE mission_collaboration_credential_days_left gauge",
        "mission_collaboration_credential_days_left 29.5",
        "# HELP mission_collaboration_outbox_entries Entries.",
        "# TYPE mission_collaboration_outbox_entries gauge",
        "mission_collaboration_outbox_entries 7",
        "",
      ].join("\n"),
    );
  });

  test("histogram buckets are cumulative", () => {
    const metrics = createMetrics();
    const seconds = metrics.histogram("graph_seconds", "Seconds.", [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(value, { call: "send" });
    const lines = metrics.text().split("\n").slice(2, 7);
    expect(lines).toEqual([
      'mission_collaboration_graph_seconds_bucket{call="send",le="0.1"} 2',
      'mission_collaboration_graph_seconds_bucket{call="send",le="1"} 3',
      'mission_collaboration_graph_seconds_bucket{call="send",le="+Inf"} 4',
      'mission_collaboration_graph_seconds_sum{call="send"} 3.65',
      'mission_collaboration_graph_seconds_count{call="send"} 4',
    ]);
  });

  test("label values are escaped", () => {
    const metrics = createMetrics();
    metrics.counter("x_total", "X.").add({ why: 'a "b"\n\\c' });
    expect(metrics.text()).toContain('{why="a \\"b\\"\\n\\\\c"} 1');
  });

  test("the number of series per metric is limited", () => {
    const metrics = createMetrics();
    const counter = metrics.counter("x_total", "X.");
    for (let n = 0; n < 1000; n++) counter.add({ user: String(n) });
    const lines = metrics.text().split("\n");
    expect(lines.length).toBeLessThan(210);
    expect(lines).toContain('mission_collaboration_x_total{overflow="true"} 800');
  });

  test("a name is valid and used once", () => {
    const metrics = createMetrics();
    metrics.counter("x_total", "X.");
    expect(() => metrics.gauge("x_total", "X.")).toThrow("second");
    expect(() => metrics.gauge("X-total", "X.")).toThrow("not a metric name");
  });

  test("the response declares its format", async () => {
    const response = metricsResponse(createMetrics());
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4");
  });
});
