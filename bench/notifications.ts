/**
 * `npm run bench -- notifications [--members N]`
 *
 * Measures one post in a channel of 10,000 members, all of them linked, under the official Go host: API calls, Graph
 * requests, memory and time. Graph is a stand-in over TLS that accepts at once; the tenant's rate limit is lifted, so
 * that the figures are ours and not Microsoft's.
 *
 * The earlier Go plugin was measured in a channel of 1,000: 2,004 sequential API calls, about 470 ms (5 s cold)
 * before its only request, and nobody beyond the thousandth member.
 */
import { parseOptions } from "../build/options.ts";
import { Host, hasGo } from "../e2e/host/host.ts";
import {
  ALICE,
  buildNotifications,
  Microsoft,
  pad,
  quiet,
  seed,
  sum,
  userId,
} from "./notifications-plugin/stage.ts";

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
figures.push(await median("mentions nobody", "just talking"));
await pushes();
const last = members - 1;
figures.push(await median("@mention, pushed too", `@user${last} news`, { pushed: [userId(last)] }));
const root = await seedRoot();
figures.push(await median("reply, no push", "answer", { root }));
figures.push(
  await median("reply, 3 pushes", "answer", { root, pushed: [1, 2, 3].map((n) => userId(members - n)) }),
);
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

/** The median of three. A renewal of the delivery lock (one call every five seconds) may add to the calls. */
async function median(name: string, message: string, how: How = {}): Promise<Figure> {
  const three: Figure[] = [];
  for (let round = 0; round < 3; round += 1) three.push(await measure(name, message, how));
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

/**
 * From now on the server sends pushes to phones, so that the plugin gets the push hooks, and threads are collapsed.
 */
async function pushes(): Promise<void> {
  await host.do("configure", {
    config: {
      EmailSettings: { SendPushNotifications: true, PushNotificationContents: "full" },
      ServiceSettings: { CollapsedThreads: "always_on", ThreadAutoFollow: true },
    },
  });
}

/** A thread that the last member started, who by our rules follows it. */
async function seedRoot(): Promise<string> {
  const Id = pad("root");
  const post = { Id, UserId: userId(members - 1), ChannelId: TOWN, Message: "root", CreateAt: Date.now() };
  await host.do("world", { world: { Posts: [post] } });
  await measure("reply, thread unknown", "first answer", { root: Id });
  return Id;
}

interface How {
  /** The post is a reply to it. */
  readonly root?: string;
  /** The people to whom the server sends a push. */
  readonly pushed?: readonly string[];
}

async function measure(name: string, Message: string, { root = "", pushed = [] }: How = {}): Promise<Figure> {
  const post = {
    Id: pad(`p${posts++}`),
    UserId: ALICE,
    ChannelId: TOWN,
    Message,
    RootId: root,
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
  for (const person of pushed) {
    const push = { Type: "message", PostId: post.Id, ChannelId: TOWN, RootId: root };
    const answer = await host.hook("NotificationWillBePushed", push, person);
    if (answer.some((one) => one !== null && one !== "")) throw new Error("the push was changed");
  }
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

/** Waits until the preferences of all members have been read in the background. */
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
