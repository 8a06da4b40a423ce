/**
 * `npm run bench -- channels [--links 1000] [--runs 25]`
 *
 * Measures linked channels between the stand-ins of Mattermost and Graph, in one process in real time: the delay of a
 * message, the throughput on 100 links within Microsoft's limits, the requests to Graph, the memory of 1,000 links,
 * and how many messages are lost or duplicated when processes die.
 */

import { parseOptions } from "../build/options.ts";
import type { SentChange } from "../e2e/sandbox/graph/changes.ts";
import type { TeamsChannel } from "../e2e/sandbox/graph/teams.ts";
import { publish } from "../e2e/sandbox/mattermost/publish.ts";
import { makeLink } from "../server/features/channels/links/linking.ts";
import { type ChannelsNode, ChannelsWorld } from "../server/features/channels/testing/channels-world.ts";
import { twoSided } from "../server/features/channels/testing/two-sided.ts";
import { systemClock } from "../server/platform/work/pace.ts";
import type { Channel } from "../server/runtime/mattermost/index.ts";

const { values } = parseOptions({
  options: { links: { type: "string", default: "1000" }, runs: { type: "string", default: "25" } },
  strict: false,
});

interface Pair {
  readonly here: Channel;
  readonly there: TeamsChannel;
}

class Stage {
  readonly w = new ChannelsWorld();
  readonly node: ChannelsNode;
  readonly pairs: Pair[] = [];
  readonly #waiting = new Map<string, () => void>();

  constructor() {
    this.node = this.w.node("node-1", { clock: systemClock });
    // The stand-ins use the test's clock; here it follows the real one.
    this.tick();
    this.w.deliver = (change) => void this.#reported(change);
    this.w.mattermost.watch(({ event, data }) => {
      if (event === "posted") this.#seen(String((data.post as { Message?: string }).Message));
    });
  }

  tick(): void {
    this.w.clock.jumpTo(Date.now());
  }

  async #reported(change: SentChange): Promise<void> {
    this.#seen(String((change.data.body as { content?: string }).content));
    await this.w.report(change, this.node);
  }

  #seen(text: string): void {
    const token = /number\d+x/.exec(text)?.[0];
    // The first sighting is the original message itself.
    if (token && this.#sights.get(token) === 1) this.#waiting.get(token)?.();
    if (token) this.#sights.set(token, (this.#sights.get(token) ?? 0) + 1);
  }
  readonly #sights = new Map<string, number>();

  /** Resolves when the text has arrived on the other side. */
  arrival(token: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(token, resolve));
  }

  async links(count: number): Promise<void> {
    const { w } = this;
    for (let number = this.pairs.length; number < count; number += 1) {
      const here = w.mattermost.addChannel({ TeamId: w.team.Id, Name: `channel-${number}`, Type: "O" });
      w.mattermost.join(w.admin.user.Id, here.Id, { Roles: "channel_user channel_admin", SchemeAdmin: true });
      const team = w.channels.addTeam(`Team ${number}`, [w.botPerson, w.admin.person]);
      const there = w.channels.addChannel(team, "Channel");
      const request = {
        userId: w.admin.user.Id,
        channelId: here.Id,
        teamId: team.id,
        teamsChannelId: there.id,
      };
      const made = await makeLink(this.node.engine.room, request);
      if (!made.ok) throw new Error(made.refusal);
      this.pairs.push({ here, there });
    }
  }
}

let tokens = 0;
const token = () => {
  tokens += 1;
  return `number${tokens}x`;
};
const at = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
const figure = (value: number, unit: string) => `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
const row = (name: string, ...cells: string[]) =>
  console.log(name.padEnd(44), ...cells.map((cell) => cell.padStart(14)));
const megabytes = () => {
  Bun.gc(true);
  return process.memoryUsage().rss / 2 ** 20;
};

async function latency(stage: Stage, direction: "to Teams" | "to Mattermost"): Promise<void> {
  const { w, pairs } = stage;
  const times: number[] = [];
  w.calls.length = 0;
  for (const { here, there } of pairs.slice(0, 100)) {
    stage.tick();
    const text = token();
    const arrived = stage.arrival(text);
    const started = performance.now();
    if (direction === "to Teams")
      await publish(w.mattermost, { UserId: w.admin.user.Id, ChannelId: here.Id, Message: text });
    else
      w.channels.say(there, w.botPerson, {
        html: `<p>${text}</p>`,
        from: { user: { id: "somebody", displayName: "Ben" } },
      });
    await arrived;
    times.push(performance.now() - started);
  }
  times.sort((one, other) => one - other);
  const calls = w.calls.filter((call) => !call.includes("/members")).length / times.length;
  row(
    `one message ${direction}: p50, p99, calls of Graph`,
    figure(at(times, 0.5), "ms"),
    figure(at(times, 0.99), "ms"),
    calls.toFixed(2),
  );
}

async function throughput(stage: Stage): Promise<void> {
  const { w, pairs } = stage;
  const EACH = 4;
  const started = performance.now();
  const arrivals: Promise<void>[] = [];
  for (let number = 0; number < EACH; number += 1)
    for (const { here } of pairs.slice(0, 100)) {
      stage.tick();
      const text = token();
      arrivals.push(stage.arrival(text));
      await publish(w.mattermost, { UserId: w.admin.user.Id, ChannelId: here.Id, Message: text });
    }
  await Promise.all(arrivals);
  const seconds = (performance.now() - started) / 1000;
  row("a burst on 100 links, sent", figure((EACH * 100) / seconds, "messages/s"), `of ${EACH * 100}`);
}

const stage = new Stage();
await stage.links(100);
await latency(stage, "to Teams");
await latency(stage, "to Mattermost");
await throughput(stage);
const before = megabytes();
await stage.links(Number(values.links));
row(`memory of ${values.links} links, stand-ins included`, figure(megabytes() - before, "MB more"));
const stopped = stage.node.engine.stop();
await stopped;

let lost = 0;
let doubled = 0;
let messages = 0;
let kills = 0;
for (let seed = 1; seed <= Number(values.runs); seed += 1) {
  const report = await twoSided(seed);
  messages += report.messages;
  kills += report.kills;
  lost += report.differences.filter((one) => one.startsWith("not in")).length;
  doubled += report.differences.filter((one) => one.startsWith("twice")).length;
}
row(`${messages} messages while ${kills} processes died`, `${lost} lost`, `${doubled} doubled`);
process.exit(0);
