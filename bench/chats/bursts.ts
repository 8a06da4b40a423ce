/** Measures bursts of messages: how long they take, and what is lost when Graph fails or the process is killed. */

import { row } from "./row.ts";
import { type ChatsStage, until } from "./stage.ts";

export async function burst(stage: ChatsStage, time: number, count: number): Promise<void> {
  const before = await stage.total();
  let peak = 0;
  const cpu = await stage.cpuSeconds();
  const started = performance.now();
  const sending = stage.write(
    Array.from({ length: count }, (_, at) => [stage.direct(stage.pick(at)), stage.ben] as const),
  );
  for (;;) {
    peak = Math.max(peak, await stage.rss());
    if ((await stage.total()) - before >= count) break;
    if (performance.now() - started > 180_000) break;
    await Bun.sleep(100);
  }
  const seconds = (performance.now() - started) / 1000;
  await sending;
  const got = (await stage.total()) - before;
  const used = (await stage.cpuSeconds()) - cpu;
  const lost = got < count ? `, ${count - got} lost` : got > count ? `, ${got - count} twice` : "";
  row(
    `burst of ${count}, ${time}. time: s, peak MB`,
    `${seconds.toFixed(1)} s (CPU ${used.toFixed(1)}), ${peak.toFixed(0)} MB${lost}`,
    time === 3 ? "26.6 s, 459 MB" : "26.6 s",
    "≤ 15 s, ≤ 200 MB",
  );
}

interface Outage {
  /** The status of Graph's answers during the outage. */
  readonly status: number;
  readonly seconds: number;
  /** Messages that people write during the outage. */
  readonly count: number;
  /** The messages that the earlier plugin lost. */
  readonly earlier: string;
}

export async function outage(
  stage: ChatsStage,
  name: string,
  { status, seconds, count, earlier }: Outage,
): Promise<void> {
  const before = await stage.total();
  // The cached presence expires during the outage, so that the plugin asks Graph.
  stage.world.graph.setFaults({ status, retryAfter: status === 429 ? 5 : null });
  for (let at = 0; at < count; at += 1) {
    void stage.write([[stage.direct(stage.pick(at)), stage.ben]]);
    await Bun.sleep((seconds * 1000) / count);
  }
  stage.world.graph.healthy();
  stage.world.graph.throttle.enabled = false;
  await until(async () => (await stage.total()) - before >= count, 60);
  row(name, String(count - ((await stage.total()) - before)), earlier, "0");
}

export async function killed(stage: ChatsStage, count: number): Promise<void> {
  const before = await stage.total();
  const sending = stage.write(
    Array.from({ length: count }, (_, at) => [stage.direct(stage.pick(at)), stage.ben] as const),
  );
  await until(async () => (await stage.total()) - before > count / 4, 60);
  await stage.world.host.do("kill", { signal: 9 });
  await until(async () => (await stage.world.host.state()).pid === 0, 10);
  const died = performance.now();
  await stage.world.host.do("check");
  await until(async () => (await stage.total()) - before >= count, 120);
  const seconds = (performance.now() - died) / 1000;
  const ids = await sending;
  await Bun.sleep(2_000);
  const got = new Map<string, number>();
  for (const member of stage.members)
    for (const { Props } of await stage.world.posts(member)) {
      const id = `${Props.teams_message_id}`;
      got.set(id, (got.get(id) ?? 0) + 1);
    }
  const lost = ids.filter((id) => !got.has(id)).length;
  const twice = ids.filter((id) => (got.get(id) ?? 0) > 1).length;
  row(
    "kill -9 in the burst: lost, twice, all there",
    `${lost}, ${twice}, ${seconds.toFixed(0)} s`,
    "86–89 % lost",
    "0, ≤ 50",
  );
}
