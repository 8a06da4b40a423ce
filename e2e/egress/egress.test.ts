/**
 * What does the plugin really contact? The product runs under strace, which writes down every connection and every
 * datagram of the process; it signs a person in, sends an activity, runs the checks and makes the app package.
 * Needs the bundle (`npm run build`) and strace (Linux).
 */

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownPlatform } from "../../build/executable.ts";
import { publish } from "../sandbox/mattermost/publish.ts";
import { Sandbox } from "../sandbox/sandbox.ts";

// Processes start and end, on a busy machine.
setDefaultTimeout(60_000);

const bundlePath = join(import.meta.dir, "../../dist/mission-collaboration");
const strace = "/usr/bin/strace";
if (!existsSync(strace) && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
  Bun.spawnSync(["sh", "-c", "apt-get update -q && apt-get install -y -q strace"]);
}

/** Addresses the process sent anything to, as `ip:port`; sockets of the machine itself left out. */
function contacted(trace: string): Set<string> {
  const targets = new Set<string>();
  for (const [, port = "", ip = ""] of trace.matchAll(
    /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)/g,
  )) {
    targets.add(`${ip}:${port}`);
  }
  for (const [, port = "", ip = ""] of trace.matchAll(
    /sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"/g,
  )) {
    targets.add(`[${ip}]:${port}`);
  }
  return targets;
}

test("the reader of traces is not blind", () => {
  const line =
    'connect(9, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("203.0.113.7")}, 16) = 0';
  const six =
    'connect(9, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::7", &sin6_addr), sin6_scope_id=0}, 28) = -1';
  expect([...contacted(`${line}\n${six}`)]).toEqual(["203.0.113.7:443", "[2001:db8::7]:443"]);
});

if (existsSync(strace)) {
  test("nothing but the configured Entra, Graph and the site itself is contacted", recorded, 120_000);
} else {
  console.log("The connections were not recorded: strace is missing (Linux: apt-get install strace).");
}

async function recorded() {
  const folder = mkdtempSync(join(tmpdir(), "egress-"));
  const file = join(folder, "trace");
  const executable = join(bundlePath, "server/dist", `plugin-${ownPlatform}`);
  // Under strace the start takes longer than the server allows; --seccomp-bpf stops the process at these calls only.
  const traced = [
    strace,
    "-f",
    "--seccomp-bpf",
    "-e",
    "trace=connect,sendto,sendmsg,sendmmsg",
    "-o",
    file,
    executable,
  ];
  const sandbox = await Sandbox.start({ bundlePath, installed: true, command: traced });
  try {
    const plugin = `${sandbox.siteUrl}/plugins/${sandbox.bundle.id}`;
    const app = sandbox.tenant.byClientId(sandbox.registration?.app.appId ?? "");
    if (!app) throw new Error("no registration");

    expect((await fetch(`${plugin}/tab`)).status).toBe(200);
    const signedIn = await fetch(`${plugin}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest" },
      body: JSON.stringify({ token: sandbox.entra.tabToken(app, sandbox.scene.alex.person) }),
    });
    expect(signedIn.status).toBe(200);

    const { sam, operations } = sandbox.scene;
    await publish(sandbox.world, { UserId: sam.user.Id, ChannelId: operations, Message: "@alex look" });
    for (let wait = 0; wait < 200 && sandbox.tenant.activities.length === 0; wait += 1) await Bun.sleep(100);
    expect(sandbox.tenant.activities.length).toBe(1);

    const entered = await fetch(`${sandbox.siteUrl}/sandbox/enter?as=sam`, { redirect: "manual" });
    const cookies = entered.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    const csrf = cookies.find((cookie) => cookie.startsWith("MMCSRF="))?.slice("MMCSRF=".length) ?? "";
    const admin = { Cookie: cookies.join("; "), "X-CSRF-Token": csrf };
    const asAdmin = (path: string, method = "GET") =>
      fetch(`${plugin}/api/v1${path}`, {
        method,
        headers: { ...admin, "X-Requested-With": "XMLHttpRequest" },
      });
    expect((await asAdmin("/app-package")).status).toBe(200);
    expect((await asAdmin("/checks", "POST")).status).toBeLessThan(300);

    const known = [sandbox.entra.url, sandbox.graph.url, sandbox.siteUrl, sandbox.teams.url].map(
      (url) => new URL(url).port,
    );
    const trace = readFileSync(file, "utf8");
    const seen = [...contacted(trace)];
    expect(seen.length).toBeGreaterThan(0);
    const foreign = seen.filter((address) => {
      const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
      const loopback = host.startsWith("127.") || host === "::1" || host === "::ffff:127.0.0.1";
      // Port 0 and 443 on loopback: the resolver asks the kernel which of several addresses it would use.
      return !(loopback && (known.includes(port) || port === "0" || port === "443"));
    });
    expect(foreign).toEqual([]);
  } finally {
    sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
