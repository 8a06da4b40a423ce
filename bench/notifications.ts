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
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../build/architecture.ts";
import { compileExecutable, ownPlatform } from "../build/executable.ts";
import { Host, hasGo, makeBundle } from "../e2e/host/host.ts";
import { Authority } from "../e2e/sandbox/tls/authority.ts";
import { TlsServer } from "../e2e/sandbox/tls/server.ts";
import { accountsKey } from "../server/identity/link.ts";

const { values } = parseArgs({ options: { members: { type: "string", default: "10000" } }, strict: false });
const members = Number(values.members);
if (!hasGo) {
  console.log("Not run: the official host needs Go 1.26 or newer on the PATH.");
  process.exit(0);
}

const PEER = { callsPerMember: 2.004, firstRequestMs: 470, reached: 1000 };
const TENANT = "11111111-2222-4333-8444-555555555555";
const pad = (text: string) => text.padEnd(26, "x");
const TOWN = pad("town");
const ALICE = pad("alice");
const userId = (index: number) => pad(`u${index}y`);
const objectId = (index: number) => `aaaaaaaa-bbbb-4ccc-8ddd-${String(index).padStart(12, "0")}`;

interface Request {
  readonly at: number;
  readonly recipients: readonly string[];
}

/** Entra and Graph in one: what they answer here is always the same. */
class Microsoft {
  readonly requests: Request[] = [];
  readonly authority = new Authority("Bench Root");
  readonly server = new TlsServer(this.authority, (request) => this.#answer(request));

  async #answer(request: globalThis.Request): Promise<Response> {
    const { pathname, origin } = new URL(request.url);
    const login = `${origin}/${TENANT}`;
    if (pathname.endsWith("/openid-configuration")) {
      return Response.json({
        issuer: `${login}/v2.0`,
        token_endpoint: `${login}/oauth2/v2.0/token`,
        authorization_endpoint: `${login}/oauth2/v2.0/authorize`,
        jwks_uri: `${login}/discovery/v2.0/keys`,
      });
    }
    if (pathname.endsWith("/token"))
      return Response.json({ token_type: "Bearer", expires_in: 3600, access_token: "token" });
    if (pathname === "/v1.0/appCatalogs/teamsApps")
      return Response.json({ value: [{ id: "catalog-1", externalId: TENANT, displayName: "Chat" }] });
    const body = (await request.json()) as { recipients: { userId: string }[] };
    this.requests.push({ at: performance.now(), recipients: body.recipients.map((one) => one.userId) });
    return new Response(null, { status: 202 });
  }
}

const microsoft = new Microsoft();
microsoft.server.listen(0);
const bundle = await build();
const host = await Host.start({ bundle });
await seed();
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

async function build(): Promise<string> {
  const folder = join(root, "dist/bench/notifications");
  const manifest = {
    id: "bench-notifications",
    name: "Bench",
    version: "1.0.0",
    server: { executable: "plugin" },
  };
  await makeBundle(folder, { "plugin.json": JSON.stringify(manifest) });
  const entry = join(import.meta.dir, "notifications-plugin/main.ts");
  await compileExecutable(entry, join(folder, "plugin"), ownPlatform);
  return folder;
}

async function seed(): Promise<void> {
  const notify = {
    push: "mention",
    channel: "true",
    push_status: "online",
    push_threads: "all",
    comments: "never",
  };
  const channelNotify = {
    push: "default",
    mark_unread: "all",
    desktop: "default",
    ignore_channel_mentions: "default",
  };
  const indexes = Array.from({ length: members }, (_, index) => index);
  const user = (Id: string, Username: string) => ({
    Id,
    Username,
    Email: `${Username}@example.com`,
    Roles: "system_user",
    Locale: "en",
    NotifyProps: notify,
    Timezone: { useAutomaticTimezone: "true", automaticTimezone: "Europe/Berlin", manualTimezone: "" },
  });
  const member = (UserId: string) => ({
    ChannelId: TOWN,
    UserId,
    Roles: "channel_user",
    SchemeUser: true,
    NotifyProps: channelNotify,
  });
  await host.do("world", {
    world: {
      Users: [user(ALICE, "alice"), ...indexes.map((index) => user(userId(index), `user${index}`))],
      Channels: [{ Id: TOWN, Type: "O", Name: "town", DisplayName: "Town Square", TeamId: pad("team") }],
      ChannelMembers: [member(ALICE), ...indexes.map((index) => member(userId(index)))],
      Statuses: indexes.map((index) => ({ UserId: userId(index), Status: "offline" })),
    },
  });
  const shards = new Map<string, Record<string, object>>();
  for (const index of indexes) {
    const id = userId(index);
    const shard = shards.get(accountsKey(id)) ?? {};
    shard[id] = { tenantId: TENANT, objectId: objectId(index), linkedAt: 0, basis: "token" };
    shards.set(accountsKey(id), shard);
  }
  for (const [key, shard] of shards) {
    await host.api("KVSet", key, { $bytes: Buffer.from(JSON.stringify(shard)).toString("hex") });
  }
  const { url } = microsoft.server;
  await host.do("configure", {
    settings: {
      m365_tenant_id: TENANT,
      m365_client_id: TENANT,
      m365_client_secret: "secret",
      app_id: TENANT,
      national_cloud: "custom",
      custom_login_url: url,
      custom_graph_url: url,
      custom_teams_url: "https://teams.example.com",
      custom_ca_certificates: microsoft.authority.certificate,
    },
    config: {
      ServiceSettings: { SiteURL: "https://chat.example.com" },
      TeamSettings: { MaxNotificationsPerChannel: 2 * members },
    },
  });
}

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
  await quiet();
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

/** Until nothing waits in the outbox any more. */
async function quiet(): Promise<void> {
  for (let calm = 0; calm < 3; ) {
    await Bun.sleep(150);
    const state = (await (await host.fetch("/")).json()) as { waitingPosts: number; delivering: boolean };
    calm = state.delivering && state.waitingPosts === 0 ? calm + 1 : 0;
  }
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

function sum(calls: Record<string, number>): number {
  return Object.values(calls).reduce((total, count) => total + count, 0);
}
