import { describe, expect, test } from "bun:test";
import { pluginApi, watched } from "./plugin-api.ts";
import { type HookSink, World } from "./world.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function town() {
  let now = 1_700_000_000_000;
  const world = new World({ now: () => now });
  const ana = world.addUser({ Username: "ana" });
  const ben = world.addUser({ Username: "ben" });
  const team = world.addTeam({ Name: "alpha" });
  for (const user of [ana, ben]) world.joinTeam(user.Id, team.Id);
  const square = world.channelByName(team.Id, "town-square");
  if (!square) throw new Error("no town square");
  return { world, api: pluginApi(world), ana, ben, team, square, wait: (ms: number) => (now += ms) };
}

describe("key-value store", () => {
  const cases: {
    name: string;
    was: string | null;
    expected: string | null;
    done: boolean;
    holds: string | null;
  }[] = [
    { name: "a new key where none is expected", was: null, expected: null, done: true, holds: "next" },
    { name: "a known key where none is expected", was: "old", expected: null, done: false, holds: "old" },
    { name: "the expected value", was: "old", expected: "old", done: true, holds: "next" },
    { name: "another value than expected", was: "old", expected: "other", done: false, holds: "old" },
    { name: "a missing key where a value is expected", was: null, expected: "old", done: false, holds: null },
  ];
  for (const each of cases) {
    test(`compare and set: ${each.name}`, async () => {
      const { api } = town();
      if (each.was) await api.kvSet("key", bytes(each.was));
      const expected = each.expected === null ? null : bytes(each.expected);
      expect(await api.kvCompareAndSet("key", expected, bytes("next"))).toBe(each.done);
      const held = await api.kvGet("key");
      expect(held.length === 0 ? null : new TextDecoder().decode(held)).toBe(each.holds);
    });
  }

  test("a value lives until it expires, and then its key is free", async () => {
    const { api, wait } = town();
    await api.kvSetWithExpiry("lease", bytes("a"), 10);
    wait(9_999);
    expect(await api.kvCompareAndSet("lease", null, bytes("b"))).toBe(false);
    wait(1);
    expect(await api.kvList(0, 10)).toEqual([]);
    expect(await api.kvCompareAndSet("lease", null, bytes("b"))).toBe(true);
  });

  test("setting an empty value deletes the key", async () => {
    const { api } = town();
    await api.kvSet("key", bytes("x"));
    await api.kvSet("key", null);
    expect(await api.kvList(0, 10)).toEqual([]);
  });

  test("refuses keys of 151 characters and an old value without atomic", async () => {
    const { api } = town();
    await api.kvSet("k".repeat(150), bytes("fits"));
    await expect(api.kvSet("k".repeat(151), bytes("x"))).rejects.toMatchObject({ statusCode: 400 });
    await expect(
      api.kvSetWithOptions("key", bytes("x"), { Atomic: false, OldValue: bytes("y"), ExpireInSeconds: 0 }),
    ).rejects.toMatchObject({ id: "model.plugin_kvset_options.is_valid.old_value.app_error" });
  });

  test("changing a value that a caller holds does not change the store", async () => {
    const { api } = town();
    const value = bytes("abc");
    await api.kvSet("key", value);
    value[0] = 0;
    (await api.kvGet("key"))[1] = 0;
    expect(new TextDecoder().decode(await api.kvGet("key"))).toBe("abc");
  });
});

describe("people", () => {
  test("an unknown one is a 404; in bulk it is left out", async () => {
    const { api, ana } = town();
    await expect(api.getUser("nobody")).rejects.toMatchObject({
      statusCode: 404,
      id: "app.user.missing_account.const",
    });
    expect((await api.getUsersByIds([ana.Id, "nobody"])).map((user) => user?.Username)).toEqual(["ana"]);
  });

  test("an email is found whatever its case, and is unique", async () => {
    const { api, ana } = town();
    expect((await api.getUserByEmail("ANA@Example.com"))?.Id).toBe(ana.Id);
    await expect(
      api.createUser({ Username: "ana2", Email: "Ana@example.com", Password: "long enough" }),
    ).rejects.toMatchObject({ id: "app.user.save.email_exists.app_error" });
  });

  test("an update changes neither roles nor the sign-in service", async () => {
    const { api, ana } = town();
    await api.updateUser({ ...ana, Roles: "system_admin", AuthService: "saml", Nickname: "An" });
    expect(await api.getUser(ana.Id)).toMatchObject({
      Roles: "system_user",
      AuthService: "",
      Nickname: "An",
    });
  });

  test("an account created by a plugin is an ordinary member's, created now", async () => {
    const { api, world } = town();
    const made = await api.createUser({
      Username: "Cleo",
      Email: "Cleo@Example.com",
      Password: "long enough",
    });
    expect(made).toMatchObject({
      Username: "cleo",
      Email: "cleo@example.com",
      Roles: "system_user",
      CreateAt: world.now(),
      EmailVerified: false,
    });
    expect(made?.NotifyProps.push).toBe("mention");
  });

  test("deactivation ends their sessions", async () => {
    const { api, world, ana } = town();
    const session = await api.createSession({ UserId: ana.Id, ExpiresAt: 0 });
    await api.updateUserActive(ana.Id, false);
    expect(world.sessionByToken(session?.Token ?? "")).toBeUndefined();
    await expect(api.getSession(session?.Id ?? "")).rejects.toMatchObject({ statusCode: 400 });
  });

  test("a session cannot be created with an id or token of the caller's choice", async () => {
    const { api, ana } = town();
    const session = await api.createSession({
      UserId: ana.Id,
      Id: "mine",
      Token: "mine",
      Props: { csrf: "c" },
    });
    expect(session).toMatchObject({ UserId: ana.Id, Props: { csrf: "c" } });
    expect(session?.Id).not.toBe("mine");
    expect(session?.Token).not.toBe("mine");
  });
});

describe("posts and hooks", () => {
  const sink = (answers: Record<string, (...args: unknown[]) => unknown>): HookSink & { seen: string[] } => {
    const seen: string[] = [];
    return {
      node: "node-1",
      seen,
      has: (hook) => hook in answers,
      async call(hook, ...args) {
        seen.push(hook);
        return answers[hook]?.(...args);
      },
    };
  };

  test("a plugin gets a hook for a post, and marks its own posts", async () => {
    const { api, world, ana, square } = town();
    const plugin = sink({ messageHasBeenPosted: () => undefined });
    world.hookSinks.add(plugin);
    const post = await api.createPost({ UserId: ana.Id, ChannelId: square.Id, Message: "hello" });
    await world.settled();
    expect(plugin.seen).toEqual(["messageHasBeenPosted"]);
    expect(post?.Props).toMatchObject({ from_plugin: "true" });
  });

  test("a refused post is not stored", async () => {
    const { api, world, ana, square } = town();
    world.hookSinks.add(sink({ messageWillBePosted: () => [null, "no shouting"] }));
    await expect(
      api.createPost({ UserId: ana.Id, ChannelId: square.Id, Message: "HEY" }),
    ).rejects.toMatchObject({
      detailedError: "no shouting",
    });
    expect(world.postsIn(square.Id)).toEqual([]);
  });

  test("a reply must be in the root's channel", async () => {
    const { api, world, ana, team, square } = town();
    const other = world.channelByName(team.Id, "off-topic");
    const root = await api.createPost({ UserId: ana.Id, ChannelId: square.Id, Message: "root" });
    await expect(
      api.createPost({
        UserId: ana.Id,
        ChannelId: other?.Id ?? "",
        RootId: root?.Id ?? "",
        Message: "reply",
      }),
    ).rejects.toMatchObject({ statusCode: 400 });
  });

  test("a person who is mentioned in a thread follows it", async () => {
    const { api, world, ana, ben, square } = town();
    const root = await api.createPost({ UserId: ana.Id, ChannelId: square.Id, Message: "root" });
    await api.createPost({
      UserId: ana.Id,
      ChannelId: square.Id,
      RootId: root?.Id ?? "",
      Message: "see @ben",
    });
    expect(world.followers(root?.Id ?? "").sort()).toEqual([ana.Id, ben.Id].sort());
  });
});

describe("configuration", () => {
  test("settings have the manifest's defaults and lower-case keys", async () => {
    const world = new World();
    const api = pluginApi(world, { manifest: { settings: [{ key: "app_version", default: "1.0.0" }] } });
    world.config.PluginSettings.Plugins["mission-collaboration"] = { M365_Tenant_Id: "t" };
    expect(await api.loadPluginConfiguration()).toEqual({ app_version: "1.0.0", m365_tenant_id: "t" });
  });

  test("a plugin sees no secret in GetConfig", async () => {
    const { api } = town();
    expect((await api.getConfig())?.SqlSettings?.DataSource).toMatch(/^\*+$/);
    expect((await api.getUnsanitizedConfig())?.SqlSettings?.DataSource).toStartWith("postgres:");
  });

  test("a setting held by the environment survives a save", async () => {
    const { api, world } = town();
    world.lockedSettings.add("ServiceSettings.FrameAncestors");
    await api.saveConfig({
      ServiceSettings: { FrameAncestors: "https://a.example", SiteURL: "https://b.example" },
    });
    expect(world.config.ServiceSettings).toMatchObject({ FrameAncestors: "", SiteURL: "https://b.example" });
  });

  test("every node gets a change; a sender does not get its own cluster event", async () => {
    const { world } = town();
    const calls: string[] = [];
    for (const node of ["node-1", "node-2", "node-3"]) {
      world.hookSinks.add({
        node,
        has: () => true,
        call: async (hook) => void calls.push(`${node} ${hook}`),
      });
    }
    await pluginApi(world, { node: "node-2" }).savePluginConfig({ a: 1 });
    await pluginApi(world, { node: "node-2" }).publishPluginClusterEvent(
      { Id: "x", Data: bytes("y") },
      { SendType: "reliable", TargetId: "" },
    );
    await world.settled();
    expect(calls).toEqual([
      "node-1 onConfigurationChange",
      "node-2 onConfigurationChange",
      "node-3 onConfigurationChange",
      "node-1 onPluginClusterEvent",
      "node-3 onPluginClusterEvent",
    ]);
  });
});

describe("permissions", () => {
  const cases: [string, string, string, boolean][] = [
    ["a member may post", "ben", "create_post", true],
    ["a member may not manage the system", "ben", "manage_system", false],
    ["somebody of the team may read an open channel", "cleo", "read_channel_content", true],
    ["but not post there", "cleo", "create_post", false],
    ["a stranger may not read", "dora", "read_channel_content", false],
    ["an administrator may do anything", "root", "create_post", true],
  ];
  for (const [name, who, permission, may] of cases) {
    test(name, async () => {
      const { world, api, team, square } = town();
      const cleo = world.addUser({ Username: "cleo" });
      world.putTeamMember({ ...(await api.createTeamMember(team.Id, cleo.Id))!, UserId: cleo.Id });
      world.leave(cleo.Id, square.Id);
      world.addUser({ Username: "dora" });
      world.addUser({ Username: "root", Roles: "system_admin system_user" });
      const user = world.userByUsername(who);
      expect(await api.hasPermissionToChannel(user?.Id ?? "", square.Id, { Id: permission })).toBe(may);
    });
  }
});

test("a watched API counts calls and fails on demand", async () => {
  const { api, ana } = town();
  const seen: string[] = [];
  const failing = watched(
    api,
    (method) => seen.push(method),
    (method) => (method === "kvGet" ? new Error("database is down") : undefined),
  );
  expect((await failing.getUser(ana.Id))?.Id).toBe(ana.Id);
  await expect(failing.kvGet("key")).rejects.toThrow("database is down");
  expect(seen).toEqual(["getUser", "kvGet"]);
});
