/**
 * `npm run bench -- calendar [--members N]`
 *
 * Measures the calendar's engine with stand-ins of Outlook and Mattermost in one process, by the real clock. Graph
 * and the server answer at once, so the figures are ours alone. The earlier plugin (mscalendar v1.7) was measured
 * with a real server and the same Graph; the output shows its figures beside ours where both measure the same thing.
 */

import { parseOptions } from "../build/options.ts";
import { until } from "../e2e/until.ts";
import { DayWorld, type Member } from "../server/features/calendar/testing/day-world.ts";
import { systemClock } from "../server/platform/work/pace.ts";

const { values } = parseOptions({
  options: { members: { type: "string", default: "1000" } },
  strict: false,
});
const MEMBERS = Number(values.members);
const lines: [string, string, string][] = [];

await statusRun();
await oneMeeting(5 * MEMBERS);
await summaries();
await memory(10 * MEMBERS);

const widths = [0, 1, 2].map((at) => Math.max(...lines.map((line) => (line[at] ?? "").length)));
for (const line of [["", "ours", "earlier plugin"], ...lines])
  console.log(line.map((cell, at) => (cell ?? "").padEnd(widths[at] ?? 0)).join("   "));
process.exit(0);

function worldOf(count: number, settings: Parameters<DayWorld["member"]>[1]) {
  const world = new DayWorld(systemClock);
  const members = Array.from({ length: count }, (_, index) => world.member(`member${index}`, settings));
  return { world, members };
}

function meet(world: DayWorld, { person }: Member, from: number, to: number): void {
  world.graph.calendars.add(person.objectId, from, to, { subject: "Meeting" });
}

/** Whole seconds, as Outlook stores no fractions. */
function inSeconds(seconds: number): number {
  return Math.ceil(Date.now() / 1_000 + seconds) * 1_000;
}

/** 1,000 members, of whom 300 have a meeting that starts and ends in the same second. */
async function statusRun(): Promise<void> {
  const { members, world } = worldOf(MEMBERS, { status: "away" });
  const started = performance.now();
  const from = inSeconds(8);
  const to = from + 6_000;
  const starting = members.slice(0, Math.ceil(MEMBERS * 0.3));
  for (const one of starting) meet(world, one, from, to);
  const node = await world.start();
  await until(() => world.requests("/$batch").length >= MEMBERS / 20, "everybody's day was read", 600);
  lines.push([
    `${MEMBERS} members read at the start`,
    `${world.requests("/$batch").length} batches, ${(performance.now() - started).toFixed(0)} ms`,
    "",
  ]);
  const isAway = ({ user }: Member) => world.mattermost.statuses.get(user.Id)?.Status === "away";
  await Bun.sleep(from - Date.now() - 200);
  const [writes, calls] = [world.store.calls, world.calls.length];
  await until(() => starting.every(isAway), "everybody is away", 600);
  const at = statusTimes(world).map((time) => time - from);
  lines.push(["status after the start of a meeting, p50 / p99", quantiles(at), "1–9 min early, or never"]);
  lines.push([
    `${starting.length} starts: last one; calls of the server; of the store`,
    `${(Math.max(...at) / 1_000).toFixed(2)} s; ${world.calls.length - calls}; ${world.store.calls - writes}`,
    "1.63 s; 3,405 SQL statements",
  ]);
  const before = statusTimes(world).length;
  await until(() => !starting.some(isAway), "nobody is away", 600);
  const ends = statusTimes(world)
    .slice(before)
    .map((time) => time - to);
  lines.push(["status after the end of a meeting, p50 / p99", quantiles(ends), "up to 5 min late"]);
  await node.part.stop();
}

async function oneMeeting(count: number): Promise<void> {
  const { members, world } = worldOf(count, { status: "dnd" });
  const from = inSeconds(75);
  for (const one of members) meet(world, one, from, from + 3_600_000);
  const node = await world.start();
  await Bun.sleep(from - Date.now() - 1_000);
  const turns = longestTurns();
  await until(() => statusTimes(world).length >= count, "every status is set", 600);
  const { cpu, wall } = turns.end();
  const at = statusTimes(world).map((time) => time - from);
  lines.push([
    `${count} members, one meeting: p50 / p99 / last`,
    `${quantiles(at)} / ${(Math.max(...at) / 1_000).toFixed(2)} s`,
    "",
  ]);
  lines.push([
    `${count} members, one meeting: longest turn of the event loop, processor time; by the clock`,
    `${cpu.toFixed(0)} ms; ${wall.toFixed(0)} ms`,
    "",
  ]);
  lines.push([
    `${count} members, one meeting: batches before it`,
    String(world.requests("/$batch").length - Math.ceil(count / 20)),
    "",
  ]);
  await node.part.stop();
}

/** Sends everybody's summary in the same minute. */
async function summaries(): Promise<void> {
  const at = new Date(Math.ceil(Date.now() / 60_000 + 0.2) * 60_000);
  const postTime = at.toISOString().slice(11, 16);
  const summary = { enabled: true, postTime, weekdays: [1, 2, 3, 4, 5, 6, 7] };
  const { members, world } = worldOf(MEMBERS, { zone: "UTC", summary });
  for (const one of members) meet(world, one, at.getTime() + 600_000, at.getTime() + 1_200_000);
  const node = await world.start();
  const made = () => world.calls.filter(({ method }) => method === "createPost").length;
  await Bun.sleep(at.getTime() - Date.now() - 500);
  const calls = world.calls.length + world.store.calls;
  await until(() => made() >= MEMBERS, "everybody has a summary", 600);
  const perPost = (world.calls.length + world.store.calls - calls) / MEMBERS;
  lines.push([
    `summary of ${MEMBERS} members: last one; calls for each`,
    `${((Date.now() - at.getTime()) / 1_000).toFixed(1)} s; ${perPost.toFixed(1)}`,
    "32.6 s; 27 SQL statements",
  ]);
  await node.part.stop();
}

/** Memory of the driver with 10,000 members who have eight meetings each. */
async function memory(count: number): Promise<void> {
  const { members, world } = worldOf(count, { status: "dnd", reminders: true });
  for (const one of members)
    for (let hour = 0; hour < 8; hour += 1)
      meet(world, one, inSeconds(3_600 * (hour + 2)), inSeconds(3_600 * (hour + 3)));
  Bun.gc(true);
  const before = process.memoryUsage();
  const node = await world.start();
  await until(() => world.requests("/$batch").length >= count / 20, "everybody's day was read", 600);
  await Bun.sleep(2_000);
  world.graph.requests.length = 0;
  world.calls.length = 0;
  Bun.gc(true);
  const after = process.memoryUsage();
  const mb = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
  lines.push([
    `memory for ${count} members with 8 meetings: heap; RSS`,
    `${mb(after.heapUsed - before.heapUsed)}; ${mb(after.rss - before.rss)}`,
    "",
  ]);
  await node.part.stop();
}

/**
 * Measures the longest turns of the event loop. On a busy machine the clock includes the time of other work.
 */
function longestTurns(): { end(): { readonly cpu: number; readonly wall: number } } {
  const spent = () => {
    const { system, user } = process.cpuUsage();
    return (system + user) / 1_000;
  };
  let [cpu, wall, running] = [0, 0, true];
  let [lastCpu, lastWall] = [spent(), performance.now()];
  const turn = () => {
    const [nowCpu, nowWall] = [spent(), performance.now()];
    [cpu, wall] = [Math.max(cpu, nowCpu - lastCpu), Math.max(wall, nowWall - lastWall)];
    [lastCpu, lastWall] = [nowCpu, nowWall];
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    end() {
      running = false;
      return { cpu, wall };
    },
  };
}

function statusTimes(world: DayWorld): number[] {
  return world.calls
    .filter(({ method }) => /^(updateUserStatus|setUserStatusTimedDND)$/.test(method))
    .map(({ at }) => at);
}

function quantiles(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const of = (part: number) => ((sorted[Math.floor((sorted.length - 1) * part)] ?? 0) / 1_000).toFixed(2);
  return `${of(0.5)} / ${of(0.99)} s`;
}
