/**
 * `npm run bench -- features [--seconds 30] [--rounds 3] [--before <bundle folder>] [--only "all off"]`
 *
 * Measures the cost of switching a feature on while nobody uses it: start, memory, and calls to the server and Graph
 * at rest. Runs each feature in turn under the official Go host, `--rounds` times, and prints medians. `--before` is
 * another bundle, such as that of an earlier commit, with everything off. Linux only, after `npm run build`.
 */

import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { root } from "../build/architecture.ts";
import { parseOptions } from "../build/options.ts";
import { hasGo } from "../e2e/host/host.ts";
import { Stage } from "./everything/stage.ts";
import { sampleOf } from "./process.ts";

const { values } = parseOptions({
  options: {
    seconds: { type: "string", default: "30" },
    rounds: { type: "string", default: "3" },
    before: { type: "string" },
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
  },
  strict: false,
});
const bundle = join(root, "dist/mission-collaboration");
if (!hasGo || !existsSync(bundle) || process.platform !== "linux") {
  console.log("Not run: this needs Linux, Go 1.26 or newer on the PATH, and `npm run build` before.");
  process.exit(0);
}
const seconds = values.quick ? 5 : Number(values.seconds);
const rounds = values.quick ? 1 : Number(values.rounds);
const off = { chats_enabled: false, chats_reply: false, channels_enabled: false, calendar_enabled: false };
const all = { chats_enabled: true, chats_reply: true, channels_enabled: true, calendar_enabled: true };

interface Variant {
  readonly name: string;
  readonly bundle: string;
  readonly settings: Record<string, unknown>;
}
const known: Variant[] = [
  ...(typeof values.before === "string"
    ? [{ name: "before, all off", bundle: values.before, settings: off }]
    : []),
  { name: "all off", bundle, settings: off },
  { name: "no activity feed", bundle, settings: { ...off, disable_user_activity_notifications: true } },
  { name: "chats", bundle, settings: { ...off, chats_enabled: true, chats_reply: true } },
  { name: "linked channels", bundle, settings: { ...off, channels_enabled: true } },
  { name: "calendar", bundle, settings: { ...off, calendar_enabled: true } },
  { name: "all on", bundle, settings: all },
];

interface Figures {
  readonly activeMs: number;
  readonly processorMs: number;
  readonly resident: number;
  readonly anonymous: number;
  readonly restPercent: number;
  readonly calls: number;
  readonly graph: number;
}
const variants = known.filter(({ name }) => name.includes(String(values.only)));
const measured = new Map<string, Figures[]>(variants.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round += 1)
  for (const one of round % 2 === 0 ? variants : [...variants].reverse())
    measured.get(one.name)?.push(await measure(one));

console.log(`medians of ${rounds}, ${seconds} s at rest; load of the machine ${loadavg()[0]?.toFixed(0)}\n`);
const head = [
  "",
  "active ms",
  "processor s",
  "resident MB",
  "anonymous MB",
  "at rest %",
  "calls/min",
  "Graph/min",
];
print(head);
for (const [name, figures] of measured) {
  const of = (pick: (one: Figures) => number, digits = 0) => median(figures.map(pick)).toFixed(digits);
  print([
    name,
    of((one) => one.activeMs),
    of((one) => one.processorMs / 1_000, 2),
    of((one) => one.resident),
    of((one) => one.anonymous),
    of((one) => one.restPercent, 2),
    of((one) => one.calls),
    of((one) => one.graph),
  ]);
}
process.exit(0);

async function measure({ bundle: folder, settings }: Variant): Promise<Figures> {
  const stage = await Stage.start(folder, { people: 0, links: 0, calendars: 0 });
  await stage.configure({ ...stage.settings(), ...settings });
  const started = performance.now();
  await stage.host.do("activate");
  const activeMs = performance.now() - started;
  const { pid } = await stage.host.state();
  // Background work after the start belongs to the start.
  await Bun.sleep(12_000);
  const ready = sampleOf(pid);
  await stage.host.do("counts", { reset: true });
  stage.graph.requests.length = 0;
  await Bun.sleep(seconds * 1_000);
  const rested = sampleOf(pid);
  const counts = await stage.host.do<Record<string, number>>("counts");
  const calls = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const graph = stage.graph.requests.length;
  await stage.stop();
  return {
    ...{
      activeMs,
      processorMs: ready.processor * 1_000,
      resident: rested.resident,
      anonymous: rested.anonymous,
    },
    restPercent: ((rested.processor - ready.processor) / seconds) * 100,
    ...{ calls: (calls / seconds) * 60, graph: (graph / seconds) * 60 },
  };
}

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, at) => (at === 0 ? cell.padEnd(20) : cell.padStart(13))).join(""));
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
}
