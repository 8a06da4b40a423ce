/**
 * `npm run bench -- notifications [--members N]`
 *
 * One post in a channel of 10,000 members, all of them linked, under the official Go host: API calls, Graph
 * requests, memory and time. Graph is a stand-in over TLS that accepts at once; the tenant's rate is lifted, so
 * that the figures are ours and not Microsoft's.
 *
 * The earlier Go plugin was measured in a channel of 1,000: 2,004 API calls one after the other, about 470 ms
 * (5 s cold) before its one request, and nobody beyond the thousandth member.
 */
import { parseOptions } from "../build/options.ts";
import { Host, hasGo } from "../e2e/host/host.ts";
import { ALICE, buildNotifications, Microsoft, pad, quiet, seed, sum } from "./notifications-plugin/stage.ts";

const { values } = parseOptions({
  options: { members: { type: "string", default: "10000" } },
  strict: false,
});
const members = Number(values.members);
if (!hasGo) {
  console.log("Not run: the official host needs Go 1.26 or newer on the PATH.");
  process.exit(0);
}

const PEER = { callsPerMember: 2.004, firstRequestMs: 470, reached: 1000 };
const TOWN = pad("town");

const microsoft = new Microsoft();
microsoft.server.listen(0);
const host = await Host.start({ bundle: await buildNotifications() });
await seed(host, microsoft, members, [{ id: TOWN, members }]);
await host.do("activate");

let posts = 0;
const figures: Figure[] = [];
figures.push(await measure("@channel, just started", "@channel news"));
await idle();
figures.push(await median("@channel", "@channel news"));
figures.push(await median("one @mention", `@user${members - 1} news`));
figures.push(await median("nobody concerned", "just talking"));
const peak = /VmHWM:\s+(\d+)/.exec(await Bun.file(`/proc/${(await host.state()).pid}/status`).text())?.[1];
await host.stop();
microsoft.server.close();
print();

interface Figure {
  readonly name: string;
  readonly calls: Record<string, number>;
  readonly hookMs: number;
  readonly requests: number;
  readonly reached: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly rssMb: number;
}

/** Of three; a renewal of the delivery lock (one call every five seconds) is in the calls when it fell into one. */
async function median(name: string, message: string): Promise<Figure> {
  const three = [await measure(name, message), await measure(name, message), await measure(name, message)];
  const of = (value: (figure: Figure) => number) => three.map(value).sort((a, b) => a - b)[1] ?? 0;
  const [calls = {}] = three.map((figure) => figure.calls).sort((a, b) => sum(a) - sum(b));
  return {
    name,
    calls,
    hookMs: of((figure) => figure.hookMs),
    requests: of((figure) => figure.requests),
    reached: of((figure) => figure.reached),
    firstMs: of((figure) => figure.firstMs),
    lastMs: of((figure) => figure.lastMs),
    rssMb: of((figure) => figure.rssMb),
  };
}

async function measure(name: string, Message: string): Promise<Figure> {
  const post = {
    Id: pad(`p${posts++}`),
    UserId: ALICE,
    ChannelId: TOWN,
    Message,
    CreateAt: Date.now(),
  };
  await host.do("world", { world: { Posts: [post] } });
  await host.do("counts", { reset: true });
  microsoft.requests.length = 0;
  const started = performance.now();
  const hook = await host.do<{ p50: number }>("hook", {
    name: "MessageHasBeenPosted",
    args: [{ RequestId: "r" }, post],
    times: 1,
    parallel: 1,
  });
  await quiet(host);
  const calls = await host.do<Record<string, number>>("counts");
  const { requests } = microsoft;
  return {
    name,
    calls,
    hookMs: hook.p50 / 1000,
    requests: requests.length,
    reached: new Set(requests.flatMap((one) => one.recipients)).size,
    firstMs: (requests[0]?.at ?? started) - started,
    lastMs: (requests.at(-1)?.at ?? started) - started,
    rssMb: (await host.state()).rss / 1e6,
  };
}

/** Until the preferences of all have been read in the background. */
async function idle(): Promise<void> {
  for (;;) {
    const counts = await host.do<Record<string, number>>("counts");
    if ((counts.GetPreferencesForUser ?? 0) >= members) return;
    await Bun.sleep(500);
  }
}

function print(): void {
  const columns = ["calls", "requests", "reached", "hook ms", "first ms", "last ms", "RSS MB"];
  console.log(
    `${members.toLocaleString("en")} members, all linked`.padEnd(26) +
      columns.map((one) => one.padStart(10)).join(""),
  );
  for (const figure of figures) {
    const values = [
      sum(figure.calls),
      figure.requests,
      figure.reached,
      figure.hookMs.toFixed(2),
      figure.requests > 0 ? figure.firstMs.toFixed(1) : "",
      figure.requests > 0 ? figure.lastMs.toFixed(0) : "",
      figure.rssMb.toFixed(0),
    ];
    console.log(figure.name.padEnd(26) + values.map((one) => String(one).padStart(10)).join(""));
  }
  console.log(`\npeak RSS ${Math.round(Number(peak ?? 0) / 1024)} MB`);
  for (const { name, calls } of figures) {
    console.log(
      `${name}: ${
        Object.entries(calls)
          .map(([call, count]) => `${call} ${count}`)
          .join(", ") || "no call"
      }`,
    );
  }
  const warm = figures[1];
  if (!warm) return;
  const peerCalls = PEER.callsPerMember * members;
  console.log(
    `\nThe earlier Go plugin: ${Math.round(peerCalls)} calls for so many, had it looked at them all (it stops at ${PEER.reached}); ${PEER.firstRequestMs} ms to its request at 1,000.` +
      `\nCalls: 1/${Math.round(peerCalls / sum(warm.calls))} of it. First request: ${(PEER.firstRequestMs / warm.firstMs).toFixed(0)} times sooner. Reached: ${warm.reached} of ${members}.`,
  );
}
