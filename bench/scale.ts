/**
 * `npm run bench -- scale [--members N]`
 *
 * Measures 100,000 linked members under the official Go host: how long and how many calls it takes to read all of
 * them, the memory, and the cost of an @channel to 10,000 and to all of them. The tenant's rate limit is lifted for
 * the measurement; the output adds the time that it would take (Microsoft: 2 requests a second, 100 people each).
 */
import { parseOptions } from "../build/options.ts";
import { Host, hasGo } from "../e2e/host/host.ts";
import { MAX_RECIPIENTS } from "../server/microsoft/graph/index.ts";
import { TENANT_INTERVAL_MS } from "../server/platform/work/pace.ts";
import {
  ALICE,
  buildNotifications,
  Microsoft,
  pad,
  quiet,
  seed,
  stateOf,
  sum,
} from "./notifications-plugin/stage.ts";

const { values } = parseOptions({
  options: { members: { type: "string", default: "100000" } },
  strict: false,
});
const members = Number(values.members);
if (!hasGo) {
  console.log("Not run: the official host needs Go 1.26 or newer on the PATH.");
  process.exit(0);
}

const channels = [
  { id: pad("few"), members: Math.min(100, members) },
  { id: pad("large"), members: Math.min(10_000, members) },
  { id: pad("all"), members },
] as const;
const number = (value: number) => Math.round(value).toLocaleString("en");
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

const microsoft = new Microsoft();
microsoft.server.listen(0);
const host = await Host.start({ bundle: await buildNotifications() });
await seed(host, microsoft, members, channels);

const asked = performance.now();
await host.api("GetChannelMembers", channels[2].id, 50, 1000);
const page = performance.now() - asked;
console.log(
  `the stand-in server itself took ${number(page)} ms for a page of 1,000 members of the largest channel, which a ` +
    "database finds by index: most of the wait for the first request there is its own",
);

await host.do("counts", { reset: true });
const started = performance.now();
await host.do("activate");
const active = performance.now() - started;
const empty = (await host.state()).rss;
let state = await stateOf(host);
while (!state.indexComplete) {
  await Bun.sleep(50);
  state = await stateOf(host);
}
const complete = performance.now() - started;
const calls = await host.do<Record<string, number>>("counts");
const full = (await host.state()).rss;
console.log(`${number(members)} linked members`);
console.log(`active after ${number(active)} ms, all members known after ${seconds(complete)}`);
console.log(`calls until then: ${number(sum(calls))} (${list(calls)})`);
console.log(
  `RSS ${number(empty / 1e6)} MB at activation, ${number(full / 1e6)} MB then: ` +
    `${number((full - empty) / state.linkedMembers)} bytes a member, garbage included`,
);

for (const [index, channel] of channels.entries()) {
  const post = { Id: pad(`p${index}`), UserId: ALICE, ChannelId: channel.id, Message: "@channel news" };
  await host.do("world", { world: { Posts: [{ ...post, CreateAt: Date.now() }] } });
  await host.do("counts", { reset: true });
  microsoft.requests.length = 0;
  const from = performance.now();
  await host.do("hook", {
    name: "MessageHasBeenPosted",
    args: [{ RequestId: "r" }, { ...post, CreateAt: Date.now() }],
    times: 1,
    parallel: 1,
  });
  await quiet(host);
  const { requests } = microsoft;
  const reached = new Set(requests.flatMap(({ recipients }) => recipients)).size;
  const last = (requests.at(-1)?.at ?? from) - from;
  const fewest = Math.ceil(channel.members / MAX_RECIPIENTS);
  console.log(
    `\n@channel to ${number(channel.members)}: ${number(reached)} notified in ${requests.length} requests ` +
      `(${fewest} would be the fewest), ${number((requests[0]?.at ?? from) - from)} ms to the first, ` +
      `${seconds(last)} to the last without Microsoft's limit`,
  );
  console.log(
    `at Microsoft's 2 requests a second: ${seconds(Math.max(0, requests.length - 1) * TENANT_INTERVAL_MS)}`,
  );
  const during = await host.do<Record<string, number>>("counts");
  console.log(
    `calls: ${number(sum(during))} (${list(during)}), RSS ${number((await host.state()).rss / 1e6)} MB`,
  );
}
const peak = /VmHWM:\s+(\d+)/.exec(await Bun.file(`/proc/${(await host.state()).pid}/status`).text())?.[1];
console.log(`\npeak RSS ${number(Number(peak ?? 0) / 1024)} MB`);
await host.stop();
microsoft.server.close();

function list(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([call, count]) => `${call} ${number(count)}`)
    .join(", ");
}
