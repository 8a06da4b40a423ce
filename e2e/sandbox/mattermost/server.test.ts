/**
 * Tests the stand-in server around a real plugin process: the requests and hooks that a plugin gets, the answers that a
 * client gets, and a crash.
 */

import { describe, expect, test } from "bun:test";
import { until } from "../../until.ts";
import { login } from "./sessions.ts";
import { echoServer } from "./testing/echo-server.ts";

const { world, wires, server, ana, team, square, session, cookie, csrf, url, echo } = echoServer();

describe("the request that a plugin gets", () => {
  test("has no session cookie and no Referer, a sorted query, and the plugin's own path", async () => {
    const seen = await echo("/a/b?z=1&access_token=&a=2", {
      headers: { cookie, Referer: "http://x.example/" },
    });
    expect(seen).toMatchObject({ pathname: "/a/b", search: "?a=2&z=1", context: { IPAddress: "127.0.0.1" } });
    expect(seen.headers.cookie).toBe("other=1");
    expect(seen.headers.referer).toBeUndefined();
  });
  test("may have a body of 3 MB, and so may its answer", async () => {
    const body = new Uint8Array(3 * 1024 * 1024);
    expect(await (await fetch(url("/plugins/echo/size"), { method: "POST", body })).json()).toEqual({
      bytes: body.length,
    });
    const streamed = await (await fetch(url("/plugins/echo/stream"))).bytes();
    expect(streamed.length).toBe(40 * 64 * 1024);
    expect(streamed.at(-1)).toBe(39);
  });
  test("is answered with the plugin's status and headers; other plugins do not exist", async () => {
    const response = await fetch(url("/plugins/echo/teapot"));
    expect([response.status, response.headers.get("set-cookie")]).toEqual([418, "a=1"]);
    expect((await fetch(url("/plugins/other/"))).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/plugins/echo/`)).status).toBe(404);
  });
  test("does not concern public files: the server serves these itself, and no others", async () => {
    const response = await fetch(url("/plugins/echo/public/file.txt"));
    expect(await response.text()).toBe("a public file\n");
    const since = { "If-Modified-Since": response.headers.get("last-modified") ?? "" };
    expect((await fetch(url("/plugins/echo/public/file.txt"), { headers: since })).status).toBe(304);
    expect((await fetch(url("/plugins/echo/public/..%2fplugin.json"))).status).toBe(404);
    expect((await fetch(url("/plugins/echo/public/"))).status).toBe(404);
  });
});

describe("hooks over the wire", () => {
  const write = (message: string) =>
    fetch(url("/api/v4/posts"), {
      method: "POST",
      headers: { cookie, "X-CSRF-Token": csrf },
      body: JSON.stringify({ channel_id: square?.Id, message }),
    });
  test("a post is changed before it is stored, and its other fields stay", async () => {
    expect(await (await write("hello")).json()).toMatchObject({ message: "HELLO", user_id: ana.Id });
  });
  test("a post is refused with the plugin's text", async () => {
    const response = await write("secret");
    expect([response.status, ((await response.json()) as { message: string }).message]).toEqual([
      400,
      "no secrets",
    ]);
  });
  test("a command's AppError keeps its status", async () => {
    const run = (command: string) =>
      fetch(url("/api/v4/commands/execute"), {
        method: "POST",
        headers: { cookie, "X-CSRF-Token": csrf },
        body: JSON.stringify({ command, channel_id: square?.Id, team_id: team.Id }),
      });
    expect(await (await run("/echo this")).json()).toMatchObject({ text: "/echo this" });
    expect((await run("/echo fail")).status).toBe(418);
    expect((await run("/nothing")).status).toBe(404);
  });
});

describe("settings", () => {
  const patch = (value: object) =>
    fetch(url("/api/v4/config/patch"), {
      method: "PUT",
      headers: { cookie, "X-CSRF-Token": csrf },
      body: JSON.stringify({ PluginSettings: { Plugins: { echo: value } } }),
    });
  test("are for system admins; secrets are shown as stars, and saving stars changes nothing", async () => {
    expect((await patch({ password: "x" })).status).toBe(403);
    world.putUser({ ...ana, Roles: "system_admin system_user" });
    await patch({ password: "hunter2", greeting: "hi" });
    const shown = (await (await patch({ password: "*".repeat(32) })).json()) as typeof world.config;
    expect(shown.PluginSettings.Plugins.echo).toEqual({ password: "*".repeat(32), greeting: "hi" });
    expect(world.config.PluginSettings.Plugins.echo).toEqual({ password: "hunter2", greeting: "hi" });
  });
});

describe("answers of a real server", () => {
  test("every page has X-Frame-Options beside the policy that browsers follow", async () => {
    world.config.ServiceSettings.FrameAncestors = "https://teams.microsoft.com";
    const { headers } = await fetch(url("/alpha/channels/town-square"));
    expect(headers.get("X-Frame-Options")).toBe("SAMEORIGIN");
    expect(headers.get("Content-Security-Policy")).toContain(
      "frame-ancestors 'self' https://teams.microsoft.com",
    );
    world.config.ServiceSettings.FrameAncestors = "";
  });

  const signUp = (name: string, more: object = {}, as?: RequestInit["headers"]) =>
    fetch(url("/api/v4/users"), {
      method: "POST",
      ...(as ? { headers: as } : {}),
      body: JSON.stringify({ username: name, email: `${name}@example.com`, ...more }),
    });

  test("nobody can sign up at a closed server", async () => {
    world.config.TeamSettings.EnableOpenServer = false;
    expect((await signUp("dan")).status).toBe(403);
  });

  test("a new account by sign-up has an unverified address, whatever the request says", async () => {
    world.config.TeamSettings.EnableOpenServer = true;
    expect((await signUp("eve", { email_verified: true })).status).toBe(201);
    expect(world.userByUsername("eve")?.EmailVerified).toBe(false);
    expect((await signUp("eve")).status).toBe(400);
    world.config.TeamSettings.EnableOpenServer = false;
  });

  test("so has an account created by an admin, unless the admin says otherwise", async () => {
    const boss = world.addUser({ Username: "boss", Roles: "system_user system_admin" });
    const { session: own } = login(world, boss, new Request("http://localhost"));
    const as = { cookie: `MMAUTHTOKEN=${own.Token}`, "X-CSRF-Token": own.Props.csrf ?? "" };
    expect((await signUp("fay", {}, as)).status).toBe(201);
    expect(world.userByUsername("fay")?.EmailVerified).toBe(false);
    expect((await signUp("gus", { email_verified: true }, as)).status).toBe(201);
    expect(world.userByUsername("gus")?.EmailVerified).toBe(true);
  });

  test("a changed profile calls no hook", async () => {
    const calls: string[] = [];
    const sink = { node: "spy", has: () => true, call: async (hook: string) => void calls.push(hook) };
    const others = [...world.hookSinks];
    world.hookSinks.clear();
    world.hookSinks.add(sink);
    const headers = { cookie, "X-CSRF-Token": csrf };
    const patch = { method: "PUT", headers, body: JSON.stringify({ notify_props: { push: "none" } }) };
    expect((await fetch(url("/api/v4/users/me/patch"), patch)).status).toBe(200);
    await world.settled();
    expect(world.users.get(ana.Id)?.NotifyProps.push).toBe("none");
    expect(calls).toEqual([]);
    world.hookSinks.clear();
    for (const each of others) world.hookSinks.add(each);
  });
});

describe("the process", () => {
  test("restarts after a crash, and requests in flight fail with a 500", async () => {
    const pid = server.process("node-1")?.pid;
    expect((await fetch(url("/plugins/echo/exit"))).status).toBe(500);
    // Until the server notices: no hook is called, none is repeated later, and requests fail.
    await until(() => server.process("node-1") === undefined, "the process has ended");
    expect((await fetch(url("/plugins/echo/"))).status).toBe(500);
    expect([...world.hookSinks]).toEqual([]);
    await until(
      () => server.process("node-1") !== undefined && server.process("node-1")?.pid !== pid,
      "another process runs",
    );
    expect((await fetch(url("/plugins/echo/"))).status).toBe(200);
  });
  test("does not run if the plugin refuses to activate, and the server gives the reason", async () => {
    world.config.PluginSettings.Plugins.echo = { greeting: "refuse" };
    await expect(server.restartPlugin()).rejects.toThrow("I will not");
    expect((await fetch(url("/plugins/echo/"))).status).toBe(404);
    const ended = wires.since(0).filter((each) => each.what.startsWith("plugin ended"));
    expect(ended).toHaveLength(1); // the crash above; a refusal is not one
    world.config.PluginSettings.Plugins.echo = {};
    await server.startPlugin();
    await server.process("node-1")?.ping();
  });
});

describe("the address of a button, on a server with a sub-path", () => {
  const site = "http://localhost/chat";
  const cases: [string, string, number][] = [
    ["the plugin's own path", "/plugins/echo/cards", 200],
    ["the same without the first slash", "plugins/echo/cards", 200],
    ["with a way around", "/x/../plugins/echo/cards", 200],
    ["the sub-path before it: an address without a host", "/chat/plugins/echo/cards", 400],
    ["complete, with the sub-path", `${site}/plugins/echo/cards`, 200],
    ["complete, without the sub-path", "http://localhost/plugins/echo/cards", 400],
    ["of another plugin", "/plugins/other/cards", 400],
    ["of another host", "http://elsewhere/chat/plugins/echo/cards", 400],
  ];
  for (const [name, address, status] of cases)
    test(`${name}: ${status}`, async () => {
      const post = world.putPost({
        UserId: ana.Id,
        ChannelId: square?.Id ?? "",
        Props: { attachments: [{ actions: [{ id: "go", integration: { url: address } }] }] },
      });
      const headers = { Authorization: `Bearer ${session.Token}`, "Content-Type": "application/json" };
      const response = await fetch(url(`/api/v4/posts/${post.Id}/actions/go`), {
        ...{ method: "POST", headers, body: "{}" },
      });
      expect(response.status).toBe(status);
    });
});
