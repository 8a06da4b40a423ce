/** Measures how fast one message of a chat reaches its recipients, and how many calls it costs. */

import type { HostMember } from "../../e2e/host/feature-host.ts";
import { quantiles, row } from "./row.ts";
import type { ChatsStage } from "./stage.ts";

interface Series {
  /** Messages, one after the other. */
  readonly count: number;
  /** The figure of the earlier plugin. */
  readonly earlier: string;
  readonly goal: string;
}

export async function latency(
  stage: ChatsStage,
  name: string,
  { count, earlier, goal }: Series,
): Promise<void> {
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const member = stage.members[at % Math.min(stage.members.length, 20)] as HostMember;
    const started = Date.now();
    const [id = ""] = await stage.write([[stage.direct(member), stage.ben]]);
    times.push((await stage.postedAt([member], id)) - started);
  }
  row(name, quantiles(times), earlier, goal);
}

export async function slowGraph(stage: ChatsStage): Promise<void> {
  stage.world.graph.setFaults({ delayMs: 100 });
  await latency(stage, "1:1, Graph takes 100 ms", { count: 100, earlier: "342 / 591", goal: "≤ 150 (p50)" });
  stage.world.graph.healthy();
  stage.world.graph.throttle.enabled = false;
}

export async function lastOf(
  stage: ChatsStage,
  size: number,
  { count, earlier, goal }: Series,
): Promise<void> {
  const group = stage.members.slice(0, size - 1);
  const chat = stage.group(group, `Of ${size}`);
  await stage.write([[chat, stage.ben]]);
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const started = Date.now();
    const [id = ""] = await stage.write([[chat, stage.ben]]);
    times.push((await stage.postedAt(group, id)) - started);
  }
  row(`last of ${size} members, p50 / p99, ms`, quantiles(times), earlier, goal);
}

export async function callsOf(stage: ChatsStage, name: string, group: readonly HostMember[]): Promise<void> {
  const chat = group.length === 1 && group[0] ? stage.direct(group[0]) : stage.group(group, name);
  const [first = ""] = await stage.write([[chat, stage.ben]]);
  await stage.postedAt(group, first);
  await Bun.sleep(300);
  const before = stage.world.graph.requests.length;
  await stage.world.host.do("counts", { reset: true });
  const COUNT = 10;
  for (let at = 0; at < COUNT; at += 1) {
    const [id = ""] = await stage.write([[chat, stage.ben]]);
    await stage.settled(group, id);
  }
  await Bun.sleep(200);
  const counts = await stage.world.host.do<Record<string, number>>("counts", { reset: true });
  const api = Object.values(counts).reduce((sum, count) => sum + count, 0) / COUNT;
  const graph = (stage.world.graph.requests.length - before) / COUNT;
  row(
    `Graph / plugin API calls a message, ${name}`,
    `${graph.toFixed(1)} / ${api.toFixed(0)}`,
    "3 / –",
    "≤ 1 / –",
  );
}
