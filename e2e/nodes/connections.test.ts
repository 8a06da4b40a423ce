/**
 * Connecting with two processes of the built executable on two nodes: the key is made once, a flow that begins on one
 * node may end on the other, and a burst of people connects. Runs in `npm test` after the bundle is made.
 */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../build/architecture.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { Sandbox } from "../sandbox/sandbox.ts";

const bundlePath = join(root, "dist/mission-collaboration");
if (!existsSync(join(bundlePath, "server/dist"))) throw new Error("Build the bundle first: npm run build");

// Two processes start for every test.
setDefaultTimeout(120_000);

let sandbox: Sandbox | null = null;
afterEach(() => {
  sandbox?.close();
  sandbox = null;
});

async function start(settings: Record<string, unknown> = { chats_enabled: true }) {
  const started = await Sandbox.start({ bundlePath, nodes: 2, settings });
  sandbox = started;
  const base = `${started.siteUrl}/plugins/${started.bundle.id}`;
  const stored = () => started.world.config.PluginSettings.Plugins[started.bundle.id] ?? {};
  const member = (name: string) => {
    const address = `${name}@harbor.example`;
    const person = started.tenant.addPerson({ displayName: name, userPrincipalName: address });
    const user = started.world.addUser({ Username: name, Email: address });
    const { cookies } = login(started.world, user, new Request(started.siteUrl));
    const Cookie = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
    const get = (path: string) => fetch(`${base}${path}`, { redirect: "manual", headers: { Cookie } });
    const connect = async () => {
      const begun = await get("/oauth2/connect");
      if (begun.status !== 302) return begun;
      const back = started.entra.signIn(begun.headers.get("Location") ?? "", person);
      return get(back.slice(base.length));
    };
    return { person, user, get, connect };
  };
  return { sandbox: started, stored, member };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    if (await isSo()) return;
    await Bun.sleep(50);
  }
  throw new Error("it did not happen");
}

/** Each node has heard of the key: they take turns with requests, and the one that did not make it hears later. */
const untilBothBegin = ({ get }: { get(path: string): Promise<Response> }) =>
  until(async () => {
    for (let turn = 0; turn < 4; turn += 1) if ((await get("/oauth2/connect")).status !== 302) return false;
    return true;
  });

describe("two nodes", () => {
  test("make one encryption key, connect a person, and register the command under both names", async () => {
    const { member, sandbox, stored } = await start();
    await until(() => typeof stored().encryption_key === "string" && stored().encryption_key !== "");
    const key = stored().encryption_key;
    expect(Buffer.from(String(key), "base64")).toHaveLength(32);
    const ana = member("ana");
    await untilBothBegin(ana);
    const page = await ana.connect();
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining('data-outcome="connected"'),
    ]);
    expect(page.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(await (await ana.get("/api/v1/connection")).json()).toMatchObject({
      connected: true,
      account: "ana@harbor.example",
      missing: [],
    });
    expect(stored().encryption_key).toBe(key);
    const commands = JSON.stringify([...sandbox.world.commands.values()]);
    for (const trigger of ["teams", "msteams"]) expect(commands).toContain(`"${trigger}"`);
  });

  test("connect thirty people at once, each with a connection of their own", async () => {
    const { member, sandbox, stored } = await start();
    await until(() => Boolean(stored().encryption_key));
    const people = Array.from({ length: 30 }, (_, index) => member(`p${index}`));
    await untilBothBegin(member("first"));
    const answers = await Promise.all(people.map(({ connect }) => connect()));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    const keys = sandbox.world.kv(sandbox.bundle.id).keys();
    expect(keys.filter((key) => key.startsWith("connection."))).toHaveLength(30);
    expect(keys.filter((key) => key.startsWith("link."))).toHaveLength(30);
  });

  test("with every feature off there is no key, no second command and no permission asked", async () => {
    const { member, sandbox, stored } = await start({});
    const ana = member("ana");
    expect((await ana.get("/oauth2/connect")).status).toBe(503);
    expect(await (await ana.get("/api/v1/connection")).json()).toMatchObject({
      connected: false,
      mayConnect: false,
    });
    expect(stored().encryption_key ?? "").toBe("");
    expect(JSON.stringify([...sandbox.world.commands.values()])).not.toContain('"msteams"');
    expect(
      sandbox.world
        .kv(sandbox.bundle.id)
        .keys()
        .filter((key) => /^(connection|flow)/.test(key)),
    ).toEqual([]);
  });
});
