/**
 * Tests connecting with two processes of the built executable on two nodes: the key is generated once, a flow that
 * begins on one node may complete on the other, and many people connect at once. Runs in `npm test` after the bundle is
 * built.
 */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { builtBundle } from "../built-bundle.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { until } from "../until.ts";
import { connectingIsPossible } from "./connecting-is-possible.ts";

const bundlePath = builtBundle();

// Longer than each `until` in a test, so that `until` fails first and names what was missing.
setDefaultTimeout(600_000);

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
  const member = (name: string, Roles = "system_user") => {
    const address = `${name}@harbor.example`;
    const person = started.tenant.addPerson({ displayName: name, userPrincipalName: address });
    const user = started.world.addUser({ Username: name, Email: address, Roles });
    const { cookies } = login(started.world, user, new Request(started.siteUrl));
    const Cookie = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
    const csrf = /MMCSRF=([^;]+)/.exec(Cookie)?.[1] ?? "";
    const get = (path: string, method = "GET") =>
      fetch(`${base}${path}`, {
        method,
        redirect: "manual",
        headers: { Cookie, "X-CSRF-Token": csrf, "X-Requested-With": "XMLHttpRequest" },
      });
    const connect = async (query = "") => {
      const begun = await get(`/oauth2/connect${query}`);
      if (begun.status !== 302) return begun;
      const back = started.entra.signIn(begun.headers.get("Location") ?? "", person);
      return get(back.slice(base.length));
    };
    return { person, user, get, connect };
  };
  return { sandbox: started, stored, member };
}

describe("two nodes", () => {
  test("generate one encryption key, connect a person, and register the command under both names", async () => {
    const { member, sandbox, stored } = await start();
    await until(
      () => typeof stored().encryption_key === "string" && stored().encryption_key !== "",
      "an encryption key exists",
    );
    const key = stored().encryption_key;
    expect(Buffer.from(String(key), "base64")).toHaveLength(32);
    const ana = member("ana");
    await connectingIsPossible(() => ana.get("/oauth2/connect"));
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

  test("connect thirty people at once, each with their own connection", async () => {
    const { member, sandbox, stored } = await start();
    await until(() => Boolean(stored().encryption_key), "an encryption key exists");
    const people = Array.from({ length: 30 }, (_, index) => member(`p${index}`));
    const first = member("first");
    await connectingIsPossible(() => first.get("/oauth2/connect"));
    const answers = await Promise.all(people.map(({ connect }) => connect()));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    const keys = sandbox.world.kv(sandbox.bundle.id).keys();
    expect(keys.filter((key) => key.startsWith("connection."))).toHaveLength(30);
    expect(keys.filter((key) => key.startsWith("link."))).toHaveLength(30);
  });

  test("ask people to connect at login, connect the bot account, and show both in the console and in the metrics", async () => {
    const { member, sandbox, stored } = await start({
      chats_enabled: true,
      channels_enabled: true,
      enforce_connected_accounts: true,
    });
    sandbox.tenant.grantScopes(
      sandbox.registration?.app.appId ?? "",
      "User.Read Chat.Read ChatMessage.Read Files.Read.All Files.ReadWrite.All Sites.ReadWrite.All " +
        "ChannelMessage.Read.All ChannelMessage.Send ChannelMessage.ReadWrite Team.ReadBasic.All Channel.ReadBasic.All",
    );
    await until(() => Boolean(stored().encryption_key), "an encryption key exists");
    const [ana, boss] = [member("ana"), member("boss", "system_user system_admin")];
    await connectingIsPossible(() => ana.get("/oauth2/connect"));
    const asked = async () =>
      (await (await ana.get("/api/v1/connection")).json()) as { mustConnect: boolean };
    // Entra must answer within three seconds before anybody is asked: on a busy machine it may not.
    await until(async () => (await asked()).mustConnect, "Ana is asked");
    // A node that has no keys yet when Entra fails tries again only after five seconds.
    await until(() => sandbox.entra.fetched.keys >= 2, "both nodes have the keys of Entra");
    sandbox.entra.setFaults({ unreachable: true });
    // Each node remembers for two seconds that Entra has answered.
    await until(async () => !(await asked()).mustConnect, "Ana is not asked while Entra is away");
    sandbox.entra.healthy();

    expect((await ana.get("/oauth2/connect?account=bot")).status).toBe(403);
    const page = await boss.connect("?account=bot");
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("bot_connected")]);
    expect((await ana.connect()).status).toBe(200);
    expect((await asked()).mustConnect).toBe(false);
    expect(await (await boss.get("/api/v1/admin/connections/bot")).json()).toMatchObject({ connected: true });
    expect(await (await boss.get("/api/v1/admin/connections/stats")).json()).toMatchObject({ connected: 1 });
    let figures = "";
    await until(async () => {
      figures = await (await sandbox.mattermost.metrics()).text();
      return figures.includes("msteams_connect_app_connected_users ");
    }, "the figures are counted");
    expect(figures).not.toContain(ana.user.Id);

    expect((await boss.get("/api/v1/admin/connections/bot", "DELETE")).status).toBe(204);
    expect((await ana.get("/api/v1/connection", "DELETE")).status).toBe(204);
    // Unfinished flows expire by themselves.
    const left = sandbox.world.kv(sandbox.bundle.id).keys();
    expect(left.filter((key) => /^(connection|link)/.test(key)).map((key) => key.replace(/.$/, "#"))).toEqual(
      ["connections.once.#"],
    );
  });

  test("with every feature off there is no key, no second command and no request for permissions", async () => {
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
