/**
 * `npm run bench -- everything [--people 10000] [--links 500] [--calendars 10000] [--rest 60] [--no-morning]`
 *
 * Measures one node of the built product under the official Go host with every feature on. The store is filled as the
 * product fills it: connected people, linked channels, calendars with their subscriptions. The bench measures a
 * start, a minute at rest, and a morning. Entra and Graph are the stand-ins of the sandbox in this process; the
 * output compares the requests with Microsoft's limits. Linux only, after `npm run build`.
 */

import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { root } from "../build/architecture.ts";
import { parseOptions } from "../build/options.ts";
import { hasGo } from "../e2e/host/host.ts";
import { fill } from "./everything/fill.ts";
import { Morning } from "./everything/morning.ts";
import { asked, countOf } from "./everything/requests.ts";
import { Stage } from "./everything/stage.ts";
import { quantiles, sampleOf, watchPeak } from "./process.ts";

const { values } = parseOptions({
  options: {
    people: { type: "string", default: "10000" },
    links: { type: "string", default: "500" },
    calendars: { type: "string", default: "10000" },
    rest: { type: "string", default: "60" },
    "no-morning": { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
  strict: false,
});
const bundle = join(root, "dist/mission-collaboration");
if (!hasGo || !existsSync(bundle) || process.platform !== "linux") {
  console.log("Not run: this needs Linux, Go 1.26 or newer on the PATH, and `npm run build` before.");
  process.exit(0);
}
const people = values.quick ? 200 : Number(values.people);
const sizes = {
  people,
  links: values.quick ? 20 : Number(values.links),
  calendars: Math.min(people, Number(values.calendars)),
};
const number = (value: number) => Math.round(value).toLocaleString("en");
const row = (name: string, value: string) => console.log(`${name.padEnd(64)} ${value}`);
const MINUTE = 60_000;

const stage = await Stage.start(bundle, sizes);
const { graph, host } = stage;
const inMeeting = Math.ceil(sizes.calendars / 2);
const summaries = Math.ceil(sizes.calendars / 5);
let meetingAt = 0;
const records = await fill(stage, () => {
  // The first start creates the subscriptions of the links, eight per second.
  const prepared = 3 * MINUTE + sizes.links * 450 + people * 8 + Number(values.rest) * 1_000;
  meetingAt = Math.ceil((Date.now() + prepared) / MINUTE) * MINUTE;
  return {
    ...{ meetingAt, inMeeting, summaries, renewals: Math.ceil(sizes.calendars / 50) },
    summaryAt: new Date(meetingAt + MINUTE).toISOString().slice(11, 16),
  };
});
console.log(
  `${number(sizes.people)} connected people, ${number(sizes.links)} links, ${number(sizes.calendars)} calendars: ` +
    `${number(records)} records; load of the machine ${loadavg()[0]?.toFixed(1)}\n`,
);
await stage.configure();

let mark = performance.now();
await host.do("activate");
const wanted = sizes.calendars + sizes.links + 1;
await until(() => graph.subscriptions.all.size >= wanted, 600);
await planned();
row(
  `first start: subscriptions of links and chats made (${sizes.links + 1})`,
  `${((performance.now() - mark) / 1_000).toFixed(0)} s`,
);
await host.do("deactivate");

graph.requests.length = 0;
await host.do("counts", { reset: true });
mark = performance.now();
await host.do("activate");
row("start: until active", `${number(performance.now() - mark)} ms`);
const { pid } = await host.state();
await planned();
row(
  "start: until every calendar is read and all is quiet",
  `${((performance.now() - mark) / 1_000).toFixed(1)} s`,
);
const ready = sampleOf(pid);
row("start: processor time; resident; anonymous", figures(ready));
printCalls("start: calls of the server", await host.do("counts", { reset: true }));
printAsked("start", Number.NaN);

graph.requests.length = 0;
stage.entra.fetched.tokens = 0;
const rest = Number(values.rest);
const before = sampleOf(pid);
await Bun.sleep(rest * 1_000);
const after = sampleOf(pid);
console.log("");
row(`at rest, ${rest} s: processor`, `${(((after.processor - before.processor) / rest) * 100).toFixed(2)} %`);
row(
  "at rest: resident; anonymous; files",
  `${number(after.resident)} MB; ${number(after.anonymous)} MB; ${after.files}`,
);
printCalls("at rest: calls of the server", await host.do("counts", { reset: true }));
printAsked("at rest", rest);

if (!values["no-morning"]) await morning();
await stage.stop();
process.exit(0);

async function morning(): Promise<void> {
  const seconds = 90;
  const load = new Morning(stage, {
    ...{
      signIns: Math.min(2_000, people),
      chats: Math.min(2_000, people * 2),
      linked: Math.min(1_000, people * 2),
    },
    ...{ mentions: 200, seconds },
  });
  await load.prepare();
  await Bun.sleep(Math.max(0, meetingAt - Date.now() - seconds * 1_000));
  graph.requests.length = 0;
  stage.entra.fetched.tokens = 0;
  await host.do("counts", { reset: true });
  const start = sampleOf(pid);
  const began = performance.now();
  const peakOf = watchPeak(pid);
  const statuses = statusTimes();
  const rows = await load.run();
  await Bun.sleep(Math.max(0, meetingAt + 2 * MINUTE - Date.now()));
  const times = await statuses();
  const took = (performance.now() - began) / 1_000;
  const end = sampleOf(pid);
  const posts = await host.do<{ CreateAt?: number; Props?: Record<string, unknown> }[]>("posts", {
    times: 0,
  });
  const steps = posts.filter(({ Props }) => Props?.calendar_step !== undefined);
  const late = (from: number) =>
    steps.map(({ CreateAt = 0 }) => CreateAt - from).filter((ms) => ms > -1_000 && ms < MINUTE);
  console.log("");
  for (const { name, value } of [...rows, load.activities(), load.answered()]) row(name, value);
  row(`reminders at one moment (${number(inMeeting)}): p50 / p99; made`, made(late(meetingAt - MINUTE)));
  row(`meetings at one moment (${number(inMeeting)}): status p50 / p99; set`, made(times));
  row(
    `daily summaries at one moment (${number(summaries)}): p50 / p99; made`,
    made(late(meetingAt + MINUTE)),
  );
  row(
    `morning, ${took.toFixed(0)} s: processor`,
    `${(((end.processor - start.processor) / took) * 100).toFixed(0)} %`,
  );
  row(
    "morning: largest resident; at the end; files",
    `${number(peakOf())} MB; ${number(end.resident)} MB; ${end.files}`,
  );
  row("morning: tokens of Entra", number(stage.entra.fetched.tokens));
  printCalls("morning: calls of the server", await host.do("counts", { reset: true }));
  printAsked("morning", took);
  row(
    "load of the machine",
    loadavg()
      .map((one) => one.toFixed(1))
      .join(" "),
  );
}

/** When each status was set, sampled four times a second; milliseconds from the start of the meeting. */
function statusTimes(): () => Promise<number[]> {
  const times: number[] = [];
  let known = 0;
  const look = async () => {
    const counts = await host.do<Record<string, number>>("counts");
    const now = (counts.SetUserStatusTimedDND ?? 0) + (counts.UpdateUserStatus ?? 0);
    for (; known < now; known += 1) times.push(Date.now() - meetingAt);
  };
  const timer = setInterval(() => void look(), 250);
  return async () => {
    clearInterval(timer);
    await look();
    return times;
  };
}

/** Waits until every calendar was read and the server got few requests for two seconds. */
async function planned(): Promise<void> {
  await until(() => countOf(graph.requests, "calendar views") >= sizes.calendars, 300);
  for (let calm = 0, last = await calls(); calm < 4; ) {
    await Bun.sleep(500);
    const now = await calls();
    calm = now - last < 40 ? calm + 1 : 0;
    last = now;
  }
}

async function calls(): Promise<number> {
  const counts = await host.do<Record<string, number>>("counts");
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}

async function until(isSo: () => boolean, seconds: number): Promise<void> {
  for (const end = performance.now() + seconds * 1_000; !isSo(); await Bun.sleep(100))
    if (performance.now() > end) return row("not reached within", `${seconds} s`);
}

function figures({ anonymous, processor, resident }: ReturnType<typeof sampleOf>): string {
  return `${processor.toFixed(1)} s; ${number(resident)} MB; ${number(anonymous)} MB`;
}

function made(times: readonly number[]): string {
  return `${quantiles(times)}; ${number(times.length)}`;
}

function printCalls(name: string, counts: Record<string, number>): void {
  const all = Object.entries(counts).sort(([, one], [, other]) => other - one);
  const sum = all.reduce((total, [, count]) => total + count, 0);
  row(
    name,
    `${number(sum)}: ${all
      .slice(0, 6)
      .map(([call, count]) => `${call} ${number(count)}`)
      .join(", ")}`,
  );
}

/** With NaN seconds, prints no rate. */
function printAsked(when: string, seconds: number): void {
  for (const { count, limit, minute, name, refused, second } of asked(graph.requests)) {
    const rate = Number.isNaN(seconds) ? "" : `, ${number((count / seconds) * 3_600)} an hour`;
    const failed = refused > 0 ? `, ${refused} refused` : "";
    row(
      `${when}: Graph, ${name}`,
      `${number(count)}${rate}, most ${number(second)} a second, ${number(minute)} a minute${failed}  [${limit}]`,
    );
  }
}
