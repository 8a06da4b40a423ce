/**
 * `npm run bench -- webhook [--burst 5000]`
 *
 * Measures notifications of Microsoft Graph with encrypted contents under the official Go host: answers per second
 * and p99, compared with an empty handler of the same plugin that reads the same bodies. Entra and Graph are the
 * stand-ins of the sandbox: real RS256 tokens, real RSA-OAEP. `ratio` is ours to empty, for p99; `all handled` is the
 * time until the last notification was processed.
 */

import { createCipheriv, createHmac, publicEncrypt, randomBytes, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { root } from "../build/architecture.ts";
import { compileExecutable, ownPlatform } from "../build/executable.ts";
import { parseOptions } from "../build/options.ts";
import { Host, hasGo, makeBundle } from "../e2e/host/host.ts";
import { signJwt } from "../e2e/sandbox/entra/keys.ts";
import { Entra } from "../e2e/sandbox/entra/server.ts";
import type { Subscription } from "../e2e/sandbox/graph/changes.ts";
import { CHANGE_TRACKING_APP_ID } from "../e2e/sandbox/graph/notifications.ts";
import { Graph } from "../e2e/sandbox/graph/server.ts";
import { Tenant } from "../e2e/sandbox/tenant.ts";
import { Authority } from "../e2e/sandbox/tls/authority.ts";
import { TlsServer } from "../e2e/sandbox/tls/server.ts";
import { WireLog } from "../e2e/sandbox/wire-log.ts";

const { values } = parseOptions({ options: { burst: { type: "string", default: "5000" } }, strict: false });
const burst = Number(values.burst);
if (!hasGo) {
  console.log("Not run: the official host needs Go 1.26 or newer on the PATH.");
  process.exit(0);
}

const CHANGES = "/api/v1/graph/changes";
const authority = new Authority("Bench Root");
const tenant = new Tenant("bench.example");
const entra = new Entra(tenant, authority, new WireLog());
const graph = new Graph(tenant, entra, authority);
entra.listen();
graph.listen();
const { app, secret } = tenant.register("Mattermost", "localhost");
tenant.grantRole(app.appId, "Chat.Read.All");

const folder = join(root, "dist/bench/webhook");
const manifest = { id: "bench-webhook", name: "Bench", version: "1.0.0", server: { executable: "plugin" } };
await makeBundle(folder, { "plugin.json": JSON.stringify(manifest) });
await compileExecutable(join(import.meta.dir, "webhook-plugin/main.ts"), join(folder, "plugin"), ownPlatform);
const host = await Host.start({ bundle: folder });
// Only the handshake uses this server, because Graph requires https.
const site = new TlsServer(authority, async (request) => {
  const { pathname, search } = new URL(request.url);
  return fetch(new URL(pathname + search, host.url), { method: request.method });
});
site.listen(0);
await host.do("configure", {
  settings: {
    m365_tenant_id: tenant.id,
    m365_client_id: app.appId,
    m365_client_secret: secret,
    national_cloud: "custom",
    custom_login_url: entra.url,
    custom_graph_url: graph.url,
    custom_teams_url: "https://teams.example.com",
    custom_ca_certificates: authority.certificate,
    notification_url: site.url,
  },
  config: { ServiceSettings: { SiteURL: "https://chat.example.com" } },
});
await host.do("activate");
const [subscription] = await subscribed();
const key = new X509Certificate(Buffer.from(subscription.certificate?.base64 ?? "", "base64")).publicKey;
let serial = 0;

interface Row {
  readonly name: string;
  readonly requests: number;
  readonly perRequest: number;
  readonly atOnce: number;
}

const rows: Row[] = [
  { name: "warm up", requests: 200, perRequest: 1, atOnce: 8 },
  { name: "1 a request, 4 at once", requests: 1_000, perRequest: 1, atOnce: 4 },
  { name: "100 a request, 2 at once", requests: 40, perRequest: 100, atOnce: 2 },
  { name: `burst of ${burst}, 1 a request, 16 at once`, requests: burst, perRequest: 1, atOnce: 16 },
  {
    name: `burst of ${burst}, 100 a request, 4 at once`,
    requests: Math.ceil(burst / 100),
    perRequest: 100,
    atOnce: 4,
  },
];
console.log(`${"".padEnd(44)}  answers/s   p50 ms   p99 ms  empty p99  ratio  all handled`);
for (const row of rows) {
  const bodies = Array.from({ length: row.requests }, () => body(row.perRequest));
  const empty = await send("/empty", bodies, row.atOnce);
  const before = await handled();
  const started = performance.now();
  const ours = await send(CHANGES, bodies, row.atOnce);
  const expected = before + row.requests * row.perRequest;
  while ((await handled()) < expected) {
    if (performance.now() - started > 120_000) throw new Error(`${expected - (await handled())} were lost`);
    await Bun.sleep(20);
  }
  const all = performance.now() - started;
  if (row.name === "warm up") continue;
  console.log(
    [
      row.name.padEnd(44),
      ours.perSecond.toFixed(0).padStart(9),
      ours.p50.toFixed(1).padStart(7),
      ours.p99.toFixed(1).padStart(7),
      empty.p99.toFixed(1).padStart(9),
      (ours.p99 / empty.p99).toFixed(1).padStart(5),
      `${(all / 1000).toFixed(1)} s`.padStart(9),
    ].join("  "),
  );
}
await host.stop();
for (const server of [site, graph, entra]) server.close();

async function subscribed(): Promise<[Subscription]> {
  for (let tries = 0; tries < 400; tries += 1) {
    const [one] = graph.subscriptions.all.values();
    if (one) return [one];
    await Bun.sleep(25);
  }
  throw new Error(`no subscription was made: ${host.logs().join("\n")}`);
}

async function handled(): Promise<number> {
  return ((await (await host.fetch("/handled")).json()) as { handled: number }).handled;
}

function body(entries: number): string {
  const at = Math.floor(Date.now() / 1000);
  const { issuerV1, key: signer, tenantId } = entra.ports();
  const token = signJwt(
    {
      ...{ aud: app.appId, iss: issuerV1, iat: at - 60, nbf: at - 60, exp: at + 3_600 },
      ...{ appid: CHANGE_TRACKING_APP_ID, tid: tenantId, ver: "1.0" },
    },
    signer,
  );
  return JSON.stringify({ value: Array.from({ length: entries }, entry), validationTokens: [token] });
}

/** A message of about 2 KB in one of 200 chats. */
function entry(): object {
  serial += 1;
  const id = String(1_700_000_000_000 + serial);
  const content = { id, etag: id, body: { contentType: "html", content: `<p>${"hello ".repeat(300)}</p>` } };
  const symmetric = randomBytes(32);
  const cipher = createCipheriv("aes-256-cbc", symmetric, symmetric.subarray(0, 16));
  const data = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
  return {
    subscriptionId: subscription.id,
    clientState: subscription.clientState,
    tenantId: tenant.id,
    changeType: "created",
    resource: `chats('19:chat${serial % 200}@thread.v2')/messages('${id}')`,
    resourceData: { id, "@odata.type": "#Microsoft.Graph.chatMessage" },
    encryptedContent: {
      data: data.toString("base64"),
      dataKey: publicEncrypt(key, symmetric).toString("base64"),
      dataSignature: createHmac("sha256", symmetric).update(data).digest("base64"),
      encryptionCertificateId: subscription.certificate?.id,
      encryptionCertificateThumbprint: "",
    },
  };
}

async function send(path: string, bodies: readonly string[], atOnce: number) {
  const times: number[] = [];
  const work = bodies.values();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const content of work) {
        const began = performance.now();
        const response = await host.fetch(path, { method: "POST", body: content });
        if (response.status !== 202) throw new Error(`${path}: ${response.status}`);
        times.push(performance.now() - began);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: bodies.length / seconds, p50: at(0.5), p99: at(0.99) };
}
