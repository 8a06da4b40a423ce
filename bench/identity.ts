/**
 * `npm run bench -- identity [--rounds N] [--people N] [--quick]`
 *
 * Measures sign-ins per second with warm keys: the built product, alternating with a minimal Go plugin
 * (bench/identity) that verifies the same tokens with golang-jwt and calls the same methods of the plugin API, under
 * the same official host. A ratio above 1 means that we are faster.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseOptions } from "../build/options.ts";
import { type Figures, Host, hasGo, makeBundle } from "../e2e/host/host.ts";
import { Authority } from "../e2e/sandbox/tls/authority.ts";
import { CLIENT, firstKey, sign, TENANT, v2Claims } from "../server/microsoft/entra/testing/authority.ts";
import { median } from "./median.ts";
import { sampleOf } from "./process.ts";

const { values: options } = parseOptions({
  options: {
    rounds: { type: "string" },
    people: { type: "string" },
    quick: { type: "boolean", default: false },
    save: { type: "boolean" },
    only: { type: "string" },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const people = Number(options.people ?? (options.quick ? 300 : 2000));
/**
 * Sign-ins of each person before and during the measurement; together with the first one, fewer than the rate limit.
 */
const WARM_UP = 4;
const EACH = 6;
const CONNECTIONS = 16;

const product = join(import.meta.dir, "../dist/mission-collaboration");
if (!hasGo) {
  console.log("Not run: the comparison with a Go plugin needs Go 1.26 or newer on the PATH.");
  process.exit(0);
}
if (!existsSync(join(product, "server/dist"))) {
  console.error("Build the product first: npm run build");
  process.exit(1);
}

const authority = new Authority("Bench Root");
const entra = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  tls: authority.issue(["127.0.0.1"]),
  fetch: (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/keys")) return Response.json({ keys: [firstKey.jwk] });
    return Response.json({ issuer: issuer(), jwks_uri: `${login()}/${TENANT}/discovery/v2.0/keys` });
  },
});
const now = Math.floor(Date.now() / 1000);
const everybody = Array.from({ length: people }, (_, index) => {
  const name = `person${index}`;
  const oid = `33333333-3333-4333-8333-${String(index).padStart(12, "0")}`;
  const token = sign({ ...v2Claims(now), iss: issuer(), oid, preferred_username: `${name}@example.com` });
  return { name, body: JSON.stringify({ token }) };
});

interface Measured {
  readonly first: Figures;
  readonly again: Figures;
  /** Seconds of processor time of the plugin's process per later sign-in. */
  readonly cpu: number;
  readonly rss: number;
}

/** Calls of the plugin API in the last round, by bundle. */
const calls: Record<string, Record<string, number>> = {};
const plugins = { ours: product, go: await buildPeer() };
const results: Record<keyof typeof plugins, Measured[]> = {
  ours: [],
  go: [],
};
for (let round = 0; round < rounds; round++) {
  const order = Object.keys(plugins) as (keyof typeof plugins)[];
  if (round % 2) order.reverse();
  for (const name of order) results[name].push(await measure(plugins[name]));
}
await entra.stop(true);
print();

function login(): string {
  return `https://127.0.0.1:${entra.port}`;
}

function issuer(): string {
  return `${login()}/${TENANT}/v2.0`;
}

async function buildPeer(): Promise<string> {
  const bundle = join(import.meta.dir, "../dist/bench/identity-go");
  await makeBundle(bundle, {
    "plugin.json": JSON.stringify({
      id: "bench-identity",
      name: "Sign-in in Go",
      version: "1.0.0",
      server: { executable: "server/plugin" },
    }),
  });
  const build = Bun.spawn(["go", "build", "-o", join(bundle, "server/plugin"), "./identity"], {
    cwd: import.meta.dir,
    env: { ...process.env, GOFLAGS: `${process.env.GOFLAGS ?? ""} -buildvcs=false` },
  });
  if ((await build.exited) !== 0) throw new Error("go build failed");
  return bundle;
}

/** Starts a fresh server and plugin, signs everybody in once, warms up, and measures. */
async function measure(bundle: string): Promise<Measured> {
  const host = await Host.start({ bundle });
  try {
    await host.do("world", {
      world: {
        Users: everybody.map(({ name }) => ({
          Id: name.padStart(26, "u"),
          Username: name,
          Email: `${name}@example.com`,
          Roles: "system_user",
          EmailVerified: true,
        })),
      },
    });
    await host.do("configure", {
      settings: {
        m365_tenant_id: TENANT,
        m365_client_id: CLIENT,
        national_cloud: "custom",
        custom_login_url: login(),
        custom_graph_url: login(),
        custom_teams_url: login(),
        custom_ca_certificates: authority.certificate,
        tenant: TENANT,
        client: CLIENT,
        issuer: issuer(),
        kid: firstKey.kid,
        modulus: firstKey.jwk.n,
      },
      config: {
        ServiceSettings: { SiteURL: "https://chat.example.com", TrustedProxyIPHeader: ["X-Bench-Address"] },
      },
    });
    await host.do("activate");
    const load = (Requests: number) =>
      host.do<Figures>("load", {
        load: {
          Path: "/api/v1/session",
          Method: "POST",
          Headers: {
            Origin: "https://chat.example.com",
            "Content-Type": "application/json",
            "X-Requested-With": "XMLHttpRequest",
            "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0",
          },
          Bodies: everybody.map(({ body }) => body),
          AddressHeader: "X-Bench-Address",
          Connections: CONNECTIONS,
          Requests,
        },
      });
    const first = await load(people);
    // Both get the same warm-up, in which a JavaScript engine compiles what is used.
    await load(people * WARM_UP);
    await host.do("counts", { reset: true });
    const { pid } = await host.state();
    const before = cpuSeconds(pid);
    const again = await load(people * EACH);
    const cpu = (cpuSeconds(pid) - before) / again.count;
    for (const figures of [first, again]) {
      if (figures.statuses?.["200"] !== figures.count)
        throw new Error(
          `not everybody was let in: ${JSON.stringify(figures.statuses)} ${host.logs().at(-1)}`,
        );
    }
    calls[bundle] = await host.do<Record<string, number>>("counts");
    return { first, again, cpu, rss: (await host.state()).rss };
  } finally {
    await host.stop();
  }
}

/** User and system time of a process (proc(5), fields 14 and 15, in hundredths); 0 without /proc. */
function cpuSeconds(pid: number): number {
  if (!existsSync(`/proc/${pid}/stat`)) return 0;
  return sampleOf(pid).processor;
}

function print(): void {
  const rows: [string, (result: (typeof results)["ours"][number]) => number][] = [
    ["sign-ins/s, known people", ({ again }) => again.perSecond],
    ["  p50 ms", ({ again }) => again.p50 / 1000],
    ["  p99 ms", ({ again }) => again.p99 / 1000],
    ["first sign-ins/s", ({ first }) => first.perSecond],
    ["CPU µs per sign-in", ({ cpu }) => cpu * 1e6],
    ["RSS afterwards MB", ({ rss }) => rss / 1e6],
  ];
  console.log(`${"".padEnd(28)}${"ours".padStart(10)}${"go".padStart(10)}${"ours/go".padStart(10)}`);
  for (const [label, figure] of rows) {
    const [ours, go] = [median(results.ours.map(figure)), median(results.go.map(figure))];
    const cells = [ours.toFixed(1), go.toFixed(1), (ours / go).toFixed(2)];
    console.log(label.padEnd(28) + cells.map((cell) => cell.padStart(10)).join(""));
  }
  for (const [name, bundle] of Object.entries(plugins)) {
    const perSignIn = Object.entries(calls[bundle] ?? {})
      .map(([method, count]) => `${method} ${(count / (people * EACH)).toFixed(2)}`)
      .join(", ");
    console.log(`calls per sign-in, ${name}: ${perSignIn}`);
  }
  console.log(`(medians of ${rounds} alternating rounds, ${people} people, ${CONNECTIONS} connections)`);
}
