/**
 * `npm run bench -- protocol [--quick] [--rounds N] [--only json,echo,…] [--save]`
 *
 * Compares the plugin of bench/plugin (TypeScript, compiled) with the one of bench/peer (Go, the official library)
 * under the same official host (bench/host), alternating in one run. Prints medians and the ratio ours/Go, and marks
 * a ratio that is more than 10 % worse than in bench/baseline.json. --save makes this run the baseline.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { compileExecutable, ownPlatform } from "../build/executable.ts";
import { parseOptions } from "../build/options.ts";
import { median } from "./median.ts";

/** `goal`: the ratio to the Go plugin, or the figure of ours, that we want to reach. */
interface Row {
  name: string;
  better: "more" | "less";
  goal?: { ratio: number } | { ours: number };
}

/** The goals come from a prototype of a thousand lines, and from the delays that users notice. */
const rows: Row[] = [
  { name: "small JSON req/s", better: "more", goal: { ratio: 1.6 } },
  { name: "small JSON req/s, warming up", better: "more" },
  { name: "small JSON p50 ms", better: "less" },
  { name: "small JSON p99 ms", better: "less", goal: { ratio: 0.75 } },
  { name: "small JSON plugin CPU µs", better: "less" },
  { name: "small JSON CPU µs", better: "less" },
  { name: "200 KB echo req/s", better: "more", goal: { ratio: 1.8 } },
  { name: "200 KB echo plugin CPU µs", better: "less" },
  { name: "200 KB echo CPU µs", better: "less" },
  { name: "1 MB response req/s", better: "more", goal: { ratio: 1.2 } },
  { name: "1 MB response plugin CPU µs", better: "less" },
  { name: "1 MB response CPU µs", better: "less" },
  { name: "KVGet µs", better: "less", goal: { ratio: 0.6 } },
  { name: "GetConfig µs", better: "less", goal: { ratio: 0.8 } },
  { name: "MessageHasBeenPosted µs", better: "less", goal: { ratio: 0.7 } },
  { name: "ExecuteCommand µs", better: "less" },
  { name: "start to active ms", better: "less", goal: { ours: 50 } },
  { name: "activate ms", better: "less" },
  { name: "CPU s", better: "less" },
  { name: "RSS after start MB", better: "less", goal: { ratio: 2.3 } },
  { name: "RSS after load MB", better: "less", goal: { ours: 60 } },
  { name: "anonymous RSS after load MB", better: "less" },
  { name: "peak RSS MB", better: "less" },
  { name: "executable MB", better: "less" },
];

/** A ratio that moved less than this is noise. */
const TOLERANCE = 0.1;

const { values: options } = parseOptions({
  options: {
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    save: { type: "boolean", default: false },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
const warmUpSeconds = options.quick ? 0.2 : 2;
const seconds = options.quick ? 0.5 : 4;
const restSeconds = options.quick ? 3 : 18;
const calls = options.quick ? 1500 : 8000;

const go = Bun.which("go");
if (!go) {
  console.log("Not run: the comparison with a Go plugin needs Go 1.26 or newer on the PATH.");
  process.exit(0);
}
const folder = join(import.meta.dir, "../dist/bench");
const executables = { ours: executable("ours"), go: executable("go") };
await build(go);

const measured = await measure();
measured.set("executable MB", {
  ours: [statSync(executables.ours).size / 1e6],
  go: [statSync(executables.go).size / 1e6],
});
await print(measured);

type Figures = Map<string, Record<string, number[]>>;

function executable(name: string): string {
  return join(folder, `plugins/bench-${name}/server/plugin`);
}

async function build(goCommand: string): Promise<void> {
  for (const name of ["ours", "go"]) {
    const home = join(folder, `plugins/bench-${name}`);
    mkdirSync(join(home, "server"), { recursive: true });
    const manifest = { id: `bench-${name}`, name, version: "1.0.0", server: { executable: "server/plugin" } };
    await Bun.write(join(home, "plugin.json"), JSON.stringify(manifest));
  }
  for (const [program, output] of [
    ["./host", join(folder, "host")],
    ["./peer", executables.go],
  ] as const) {
    const built = Bun.spawnSync([goCommand, "build", "-o", output, program], { cwd: import.meta.dir });
    if (!built.success) throw new Error(`go build ${program}: ${built.stderr}`);
  }
  await compileExecutable(join(import.meta.dir, "plugin/main.ts"), executables.ours, ownPlatform);
}

async function measure(): Promise<Figures> {
  const figures: Figures = new Map();
  const flags = [
    `-rounds=${rounds}`,
    `-warm-up=${warmUpSeconds}`,
    `-seconds=${seconds}`,
    `-rest=${restSeconds}`,
    `-calls=${calls}`,
    `-only=${options.only}`,
  ];
  const host = Bun.spawn([join(folder, "host"), ...flags, join(folder, "plugins"), "ours", "go"], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of host.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { round, plugin, name, value } = JSON.parse(line);
      const row = figures.get(name) ?? {};
      figures.set(name, row);
      row[plugin] = [...(row[plugin] ?? []), value];
      if (process.stdout.isTTY)
        process.stdout.write(`\r\x1b[Kround ${round + 1} of ${rounds}: ${plugin}, ${name}`);
    }
  }
  if (process.stdout.isTTY) process.stdout.write("\r\x1b[K");
  if ((await host.exited) !== 0) throw new Error("the host failed");
  return figures;
}

async function print(figures: Figures): Promise<void> {
  const file = Bun.file(join(import.meta.dir, "baseline.json"));
  const baseline: Record<string, Record<string, number>> = (await file.exists()) ? await file.json() : {};
  const before = baseline.protocol ?? {};
  const now: Record<string, number> = {};
  console.log(
    `${"".padEnd(30)}${"ours".padStart(10)}${"go".padStart(10)}${"ours/go".padStart(10)}${"goal".padStart(12)}`,
  );
  for (const { name, better, goal } of rows) {
    const row = figures.get(name);
    if (!row?.ours || !row.go) continue;
    const [ours, peer] = [median(row.ours), median(row.go)];
    const ratio = ours / peer;
    now[name] = Number(ratio.toFixed(3));
    const aim = !goal ? "" : "ratio" in goal ? goal.ratio.toFixed(2) : `${goal.ours} abs.`;
    const figure = goal && "ours" in goal ? ours : ratio;
    const wanted = !goal ? null : "ratio" in goal ? goal.ratio : goal.ours;
    const missed = wanted !== null && (better === "more" ? figure < wanted : figure > wanted);
    const old = before[name];
    const change = old === undefined ? 0 : better === "more" ? ratio / old - 1 : old / ratio - 1;
    const notes = [
      missed ? "goal missed" : "",
      change < -TOLERANCE ? `LOST ${(-change * 100).toFixed(0)} % (baseline ${old?.toFixed(2)})` : "",
      change > TOLERANCE ? `won ${(change * 100).toFixed(0)} %` : "",
    ];
    console.log(
      name.padEnd(30) +
        short(ours).padStart(10) +
        short(peer).padStart(10) +
        ratio.toFixed(2).padStart(10) +
        aim.padStart(12) +
        `  ${notes.filter(Boolean).join("; ")}`.trimEnd(),
    );
  }
  const spread = rounds === 1 ? "one round" : `medians of ${rounds} alternating rounds`;
  console.log(
    `${spread}, ${seconds} s per HTTP load with 16 connections after ${warmUpSeconds} s to warm up, ${calls} calls per series, memory after ${restSeconds} s of rest`,
  );
  if (!options.save) return;
  await Bun.write(file, `${JSON.stringify({ ...baseline, protocol: { ...before, ...now } }, null, 2)}\n`);
  console.log("Saved as bench/baseline.json.");
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en").replaceAll(",", " ") : value.toPrecision(3);
}
