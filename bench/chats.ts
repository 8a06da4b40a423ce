/**
 * `npm run bench -- chats [--members 200] [--burst 2000] [--long] [--only burst]`
 *
 * Teams chats in the compiled product under the official Go host; Entra and Graph are the stand-ins of the sandbox, in
 * this process: real tokens, contents encrypted for each notification. The earlier plugin's figures are those of
 * msteams v2.3.2 in a real Mattermost 11.6 server, quoted from issue 16, and not measured here. `--long` adds the
 * outages of Graph, which take four minutes.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../build/architecture.ts";
import { parseOptions } from "../build/options.ts";
import { hasGo } from "../e2e/host/host.ts";
import { burst, killed, outage } from "./chats/bursts.ts";
import { file, largeFiles } from "./chats/files.ts";
import { badAmongGood, refused, threeTimes } from "./chats/odd-notifications.ts";
import { callsOf, lastOf, latency, slowGraph } from "./chats/speed.ts";
import { ChatsStage } from "./chats/stage.ts";

const { values } = parseOptions({
  options: {
    members: { type: "string", default: "200" },
    burst: { type: "string", default: "2000" },
    long: { type: "boolean", default: false },
    only: { type: "string" },
  },
  strict: false,
});
const product = join(root, "dist/mission-collaboration");
if (!hasGo || !existsSync(product)) {
  console.log(
    "Not run: the official host needs Go 1.26 or newer on the PATH, and a built product (npm run build).",
  );
  process.exit(0);
}

const stage = await ChatsStage.start(product, Number(values.members));
const { members } = stage;

console.log(`${members.length} connected members, ${(await stage.rss()).toFixed(0)} MB after the start\n`);
console.log(
  `${"".padEnd(46)} ${"ours".padStart(22)} ${"earlier plugin".padStart(22)} ${"goal".padStart(20)}`,
);

const rows: Readonly<Record<string, () => Promise<void>>> = {
  latency: () => latency(stage, "1:1, p50 / p99, ms", { count: 300, earlier: "27 / 70", goal: "≤ 20 / 60" }),
  slow: () => slowGraph(stage),
  groups: async () => {
    await lastOf(stage, 10, { count: 30, earlier: "137", goal: "≤ 80" });
    await lastOf(stage, 50, { count: 15, earlier: "671", goal: "≤ 350" });
  },
  calls: async () => {
    await callsOf(stage, "1:1", members.slice(0, 1));
    await callsOf(stage, "10 members", members.slice(0, 9));
    await callsOf(stage, "50 members", members.slice(0, 49));
  },
  burst: async () => {
    for (let time = 1; time <= 3; time += 1) await burst(stage, time, Number(values.burst));
  },
  repeated: async () => {
    await threeTimes(stage);
    await badAmongGood(stage);
  },
  file: () => file(stage),
  large: () => largeFiles(stage),
  refused: () => refused(stage),
  outage: async () => {
    if (!values.long) return;
    await outage(stage, "Graph 429 for 30 s, 300 messages: lost", {
      status: 429,
      seconds: 30,
      count: 300,
      earlier: "50",
    });
    await outage(stage, "Graph 503 for 90 s, 270 messages: lost", {
      status: 503,
      seconds: 90,
      count: 270,
      earlier: "86",
    });
  },
  kill: () => killed(stage, Number(values.burst)),
};
await stage.warm();
for (const [name, run] of Object.entries(rows))
  if (values.only === undefined || values.only === name) await run();
await stage.world.stop();
process.exit(0);
