/**
 * `node build/bun.mjs bench/memory.ts [--seconds 15] [--rest 60]`
 *
 * Measures the memory of the product's process after a load, second by second. The load is a start under the official
 * host, pages, refused sign-ins, the whole configuration, and posts of 2,000 people; then nothing. Prints the
 * resident memory, its anonymous part, and the pages of the executable (/proc/<pid>/smaps_rollup; Linux only).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../build/architecture.ts";
import { Host, hasGo } from "../e2e/host/host.ts";

const { values: options } = parseArgs({
  options: { seconds: { type: "string", default: "15" }, rest: { type: "string", default: "60" } },
});
const bundle = join(root, "dist/mission-collaboration");
if (!hasGo || !existsSync(join(bundle, "server/dist")) || process.platform !== "linux") {
  console.log("Not run: it needs Linux, Go on the PATH, and the product (npm run build).");
  process.exit(0);
}

const people = Array.from({ length: 2000 }, (_, i) => `user${String(i).padStart(22, "0")}`);
const host = await Host.start({ bundle });
await host.do("world", {
  world: {
    Users: people.map((Id, i) => ({
      Id,
      Username: `user${i}`,
      Email: `user${i}@example.org`,
      Roles: i === 0 ? "system_admin system_user" : "system_user",
    })),
    Teams: [{ Id: "t", Name: "team" }],
    Channels: [{ Id: "c", Name: "town-square", TeamId: "t", Type: "O" }],
    ChannelMembers: people.map((UserId) => ({ ChannelId: "c", UserId })),
    Sessions: [{ Id: "s", Token: "token", UserId: people[0], Props: { csrf: "csrf" } }],
  },
});
await host.do("configure", {
  settings: {
    m365_tenant_id: "11111111-2222-4333-8444-555555555555",
    m365_client_id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    m365_client_secret: "a-secret-of-this-bench",
    app_id: "99999999-8888-4777-8666-555555555555",
    // Nothing listens there, so every call to Microsoft fails at once.
    national_cloud: "custom",
    custom_login_url: "https://127.0.0.1:9",
    custom_graph_url: "https://127.0.0.1:9",
    custom_teams_url: "https://127.0.0.1:9",
  },
  config: { ServiceSettings: { SiteURL: "https://chat.example.org" } },
});
await host.do("activate");
await Bun.sleep(2_000);
const { pid } = await host.state();
console.log("            resident MB   anonymous MB   executable MB");
report("started");

const seconds = Number(options.seconds);
const asAdmin = { Cookie: "MMAUTHTOKEN=token", "X-CSRF-Token": "csrf", "X-Requested-With": "XMLHttpRequest" };
const json = { ...asAdmin, "Content-Type": "application/json" };
const load = (Path: string, more: object = {}) =>
  host.do<{ count: number }>("load", { load: { Path, Connections: 4, Seconds: seconds, ...more } });
const until = performance.now() + seconds * 1000;
const posts = async () => {
  for (let i = 0; performance.now() < until; i++)
    await host.do("hook", {
      name: "MessageHasBeenPosted",
      args: [{ Id: `p${i}`.padEnd(26, "0"), UserId: people[1], ChannelId: "c", Message: `@user${i} @all` }],
      times: 50,
      parallel: 10,
    });
};
const checks = async () => {
  while (performance.now() < until)
    await (await host.fetch("/api/v1/checks", { method: "POST", headers: json, body: "{}" })).arrayBuffer();
};
const counts = await Promise.all([
  load("/tab"),
  load("/api/v1/session", {
    Method: "POST",
    Headers: { "Content-Type": "application/json" },
    BodyBytes: 1500,
  }),
  load("/api/v1/app-package", { Headers: asAdmin, Connections: 1 }),
  posts(),
  checks(),
]);
report("loaded");
console.log(`            (${counts.flatMap((each) => (each ? [each.count] : [])).join(" + ")} requests)`);
const rest = Number(options.rest);
for (const at of [2, 5, 15, 30, 45, 60, 90, 120, 180].filter((second) => second <= rest)) {
  await Bun.sleep((at - elapsed()) * 1000);
  report(`${at} s`);
}
await host.stop();

function elapsed(): number {
  return (performance.now() - until) / 1000;
}

function report(when: string): void {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}: *(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
  const [rss, anonymous] = [kilobytes("Rss"), kilobytes("Anonymous")];
  const shown = [rss, anonymous, rss - anonymous].map((each) => (each / 1024).toFixed(1).padStart(14));
  console.log(when.padEnd(9) + shown.join(""));
}
