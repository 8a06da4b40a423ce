/**
 * `npm run soak:runtime -- [--minutes 10] [--every 15] [--pause 2]`
 *
 * Mixed load on a compiled plugin under the official host, for as long as wanted: HTTP of all sizes, hooks, API calls
 * and their errors, handlers that throw, clients that disconnect in the middle of a request or a response. Prints the
 * memory and files of the plugin's process over time, and fails if they grow. `--pause`: milliseconds that a worker
 * waits between two actions.
 */
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { compileExecutable, ownPlatform } from "../build/executable.ts";
import { parseOptions } from "../build/options.ts";
import { Host, hasGo, makeBundle } from "../e2e/host/host.ts";

/**
 * Allowed growth of the median from the first half of the run to the second; short runs only warm up.
 */
const MAX_GROWTH_MB = 10;
const JUDGED_FROM_MINUTES = 5;

/** The server requires this header for requests that change something. */
const csrf = { "X-Requested-With": "XMLHttpRequest" };

const { values: options } = parseOptions({
  options: {
    minutes: { type: "string", default: "10" },
    every: { type: "string", default: "15" },
    pause: { type: "string", default: "2" },
  },
});
const until = Date.now() + Number(options.minutes) * 60_000;
const pause = Number(options.pause);

if (!hasGo) {
  console.log("Not run: the soak needs Go 1.26 or newer on the PATH, for the official host.");
  process.exit(0);
}

const host = await Host.start({ bundle: await bundle() });
await host.do("world", {
  world: {
    Users: [{ Id: "u", Username: "alice", Email: "alice@example.com" }],
    Sessions: [{ Id: "s", Token: "t", UserId: "u" }],
  },
});
await host.do("activate");
const { pid } = await host.state();
const done: Record<string, number> = {};
let unexpected = 0;
let firstProblem = "";

const things: Record<string, { share: number; run: () => Promise<void> }> = {
  "small JSON": { share: 30, run: () => expectStatus("/json", 200) },
  "upload, up to 300 KB": { share: 12, run: upload },
  "streamed response": { share: 6, run: () => expectSize(`/bytes?size=${below(2_000_000)}`) },
  "handler throws": { share: 6, run: () => expectStatus("/throw", 500) },
  "no route": { share: 3, run: () => expectStatus("/nowhere", 404) },
  "client gone in mid-request": { share: 6, run: () => disconnect("POST /count", 500_000, 0) },
  "client gone in mid-response": { share: 6, run: () => disconnect("GET /bytes?size=5000000&slow=1", 0, 30) },
  "API call": { share: 12, run: () => api("kvGet", ["key"]) },
  "API call with a large answer": { share: 3, run: () => api("getConfig", []) },
  "API call that fails": { share: 3, run: () => api("getUserByEmail", ["nobody@example.com"]) },
  "API call from a broken server": { share: 2, run: faultyApi },
  "hook with a post": { share: 8, run: post },
  "hook with a made-up value": { share: 3, run: madeUpHook },
};

const samples: { rss: number; files: number; host: number }[] = [];
console.log("    time   plugin MB   anon MB   files   threads   host MB       done   unexpected");
await sample();
const workers = Array.from({ length: 8 }, worker);
const drain = setInterval(() => void host.fetch("/called").then((r) => r.arrayBuffer()), 2000);
const watch = setInterval(() => void sample(), Number(options.every) * 1000);
await Promise.all(workers);
clearInterval(drain);
clearInterval(watch);
console.log("at rest:");
await Bun.sleep(13_000);
await sample();
const state = await host.state();
await host.stop();

for (const [name, count] of Object.entries(done)) console.log(`${String(count).padStart(9)}  ${name}`);
const half = samples.length >> 1;
const growth = median(samples.slice(half, -1)) - median(samples.slice(Math.min(1, half), half || 1));
const leftFiles = (samples.at(-1)?.files ?? 0) - (samples[0]?.files ?? 0);
console.log(
  `Second half against first: ${growth >= 0 ? "+" : ""}${growth.toFixed(1)} MB. ` +
    `Open files at rest against start: ${leftFiles >= 0 ? "+" : ""}${leftFiles}. Unexpected: ${unexpected}.`,
);
if (firstProblem) console.log(`The first unexpected result: ${firstProblem}`);
if (state.pid !== pid) console.log("The plugin was restarted.");
const grew = growth > MAX_GROWTH_MB && Number(options.minutes) >= JUDGED_FROM_MINUTES;
process.exit(grew || leftFiles > 0 || unexpected > 0 || state.pid !== pid ? 1 : 0);

async function bundle(): Promise<string> {
  const executable = `server/dist/plugin-${ownPlatform}`;
  const source = join(import.meta.dir, "../e2e/host/plugin");
  const manifest = await Bun.file(join(source, "plugin.json")).json();
  const folder = await makeBundle(join(import.meta.dir, "../dist/soak"), {
    "plugin.json": JSON.stringify({ ...manifest, server: { executables: { [ownPlatform]: executable } } }),
  });
  await compileExecutable(join(source, "main.ts"), join(folder, executable), ownPlatform);
  return folder;
}

async function worker(): Promise<void> {
  const total = Object.values(things).reduce((sum, { share }) => sum + share, 0);
  while (Date.now() < until) {
    let at = below(total);
    for (const [name, { share, run }] of Object.entries(things)) {
      at -= share;
      if (at >= 0) continue;
      try {
        await run();
        done[name] = (done[name] ?? 0) + 1;
      } catch (error) {
        unexpected++;
        firstProblem ||= `${name}: ${error}`;
      }
      break;
    }
    if (pause > 0) await Bun.sleep(pause);
  }
}

async function expectStatus(path: string, status: number): Promise<void> {
  const response = await host.fetch(path);
  await response.arrayBuffer();
  if (response.status !== status) throw new Error(`${response.status}, not ${status}`);
}

async function expectSize(path: string): Promise<void> {
  const received = (await (await host.fetch(path)).arrayBuffer()).byteLength;
  if (received !== Number(path.split("=")[1])) throw new Error(`${received} bytes`);
}

async function upload(): Promise<void> {
  const body = Buffer.alloc(below(300_000), below(256));
  const response = await host.fetch("/count", { method: "POST", body, headers: csrf });
  const sha256 = new Bun.CryptoHasher("sha256").update(body).digest("hex");
  if (((await response.json()) as { sha256: string }).sha256 !== sha256)
    throw new Error("another body arrived");
}

/** A client that promises `promised` bytes of body, sends half, reads for some milliseconds, and disconnects. */
function disconnect(request: string, promised: number, readMs: number): Promise<void> {
  const { hostname, port, pathname } = new URL(host.url);
  const [method, path] = request.split(" ");
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `${method} ${pathname}${path} HTTP/1.1\r\nHost: x\r\nX-Requested-With: XMLHttpRequest\r\n` +
          `Content-Length: ${promised}\r\n\r\n`,
      );
      socket.write(Buffer.alloc(promised >> 1));
      setTimeout(() => socket.destroy(), readMs + below(20));
    });
    socket.on("data", () => {});
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}

async function api(method: string, args: unknown[]): Promise<void> {
  const response = await host.fetch(`/api?method=${method}`, {
    method: "POST",
    body: JSON.stringify(args),
    headers: csrf,
  });
  const answer = (await response.json()) as { result?: unknown; error?: unknown };
  if (!response.ok || !("result" in answer || "error" in answer)) throw new Error(JSON.stringify(answer));
}

async function faultyApi(): Promise<void> {
  await host.do("fault", { method: "KVGet", times: 1, status: 500, message: "database is gone" });
  await api("kvGet", ["key"]);
}

async function post(): Promise<void> {
  await host.hook("MessageHasBeenPosted", {
    Id: "p",
    UserId: "u",
    ChannelId: "c",
    Message: "x".repeat(below(4000)),
  });
}

async function madeUpHook(): Promise<void> {
  await host.do("hook", { name: "UserHasLoggedIn", seed: 1 + below(1000) });
}

async function sample(): Promise<void> {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  const files = readdirSync(`/proc/${pid}/fd`).length;
  const rss = field("VmRSS") / 1024;
  const hostMegabytes = (await host.state()).hostRss / 2 ** 20;
  samples.push({ rss, files, host: hostMegabytes });
  const total = Object.values(done).reduce((sum, count) => sum + count, 0);
  const elapsed = new Date(Number(options.minutes) * 60_000 - (until - Date.now()))
    .toISOString()
    .slice(11, 19);
  const columns: [unknown, number][] = [
    [elapsed, 8],
    [rss.toFixed(1), 12],
    [(field("RssAnon") / 1024).toFixed(1), 10],
    [files, 8],
    [field("Threads"), 10],
    [hostMegabytes.toFixed(1), 10],
    [total, 11],
    [unexpected, 13],
  ];
  console.log(columns.map(([value, width]) => String(value).padStart(width)).join(""));
}

function median(list: { rss: number }[]): number {
  const sorted = list.map(({ rss }) => rss).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}
