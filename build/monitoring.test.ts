// Checks that the dashboard and the alerts use existing metrics and load in their tools.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { root } from "./architecture.ts";

const alerts = join(root, "docs/monitoring/alerts.yml");
const dashboard = join(root, "docs/monitoring/grafana-dashboard.json");
const PREFIX = "mission_collaboration_";

/** Names as registered in server code; a histogram is queried by its three series. */
async function registered(): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const file of new Bun.Glob("server/**/*.ts").scan(root)) {
    if (file.endsWith(".test.ts")) continue;
    const text = await Bun.file(join(root, file)).text();
    for (const [, kind, name = ""] of text.matchAll(/\.(counter|gauge|histogram|watch)\(\s*"([a-z_]+)",/g)) {
      if (kind === "histogram")
        for (const part of ["bucket", "count", "sum"]) names.add(`${PREFIX}${name}_${part}`);
      else names.add(PREFIX + name);
    }
  }
  return names;
}

const named = (text: string) => new Set(text.match(/mission_collaboration_[a-z_]+/g));

for (const file of [alerts, dashboard]) {
  test(`${file.slice(root.length + 1)} uses existing metrics`, async () => {
    const known = await registered();
    const asked = named(await Bun.file(file).text());
    expect(asked.size).toBeGreaterThan(5);
    expect([...asked].filter((name) => !known.has(name))).toEqual([]);
  });
}

test("every panel of the dashboard has what Grafana needs: an id, a position and a query", async () => {
  const { panels, schemaVersion, title, uid } = await Bun.file(dashboard).json();
  expect([typeof title, typeof uid, typeof schemaVersion]).toEqual(["string", "string", "number"]);
  expect(new Set(panels.map((panel: { id: number }) => panel.id)).size).toBe(panels.length);
  for (const panel of panels) {
    const { x, w } = panel.gridPos;
    expect(x + w).toBeLessThanOrEqual(24);
    if (panel.type !== "row") expect(panel.targets[0].expr.length).toBeGreaterThan(0);
  }
});

if (Bun.which("promtool")) {
  test("promtool accepts the alert rules", () => {
    const checked = Bun.spawnSync(["promtool", "check", "rules", alerts]);
    expect(`${checked.stdout}${checked.stderr}`).toContain("SUCCESS");
    expect(checked.exitCode).toBe(0);
  });
} else {
  console.log("The alert rules were not loaded: promtool is missing (Debian: apt-get install prometheus).");
}

test("docs/operations.md lists every metric, and no other", async () => {
  const text = await Bun.file(join(root, "docs/operations.md")).text();
  const listed = [...text.matchAll(/^\| `([a-z_]+)` \| (?:counter|gauge|histogram) \|/gm)].map(
    ([, name]) => name,
  );
  const known = [...(await registered())].map((name) => name.slice(PREFIX.length));
  const families = known.flatMap((name) => {
    const base = name.replace(/_(bucket|sum)$/, "").replace(/_seconds_count$/, "_seconds");
    return base === name ? [name] : [base];
  });
  expect(listed.sort()).toEqual([...new Set(families)].sort());
});

test("docs/operations.md says where to look for every alert", async () => {
  const text = await Bun.file(join(root, "docs/operations.md")).text();
  const names = [...(await Bun.file(alerts).text()).matchAll(/- alert: MissionCollaboration(\w+)/g)];
  expect(names.length).toBeGreaterThan(5);
  expect(names.map(([, name = ""]) => name).filter((name) => !text.includes(`${name}\``))).toEqual([]);
});
