import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import type { User } from "../../../runtime/mattermost/index.ts";
import { connectionCommands } from "../command.ts";
import { backPath, ConnectionsWorld } from "../testing/connections-world.ts";
import { Microsoft } from "../testing/microsoft.ts";
import { outcomeOf } from "../testing/outcome.ts";

const microsoft = new Microsoft();
// An admin of the organisation has consented to what people cannot consent to themselves.
microsoft.tenant.grantScopes(
  microsoft.registered.app.appId,
  "User.Read Chat.Read ChatMessage.Read Files.Read.All ChannelMessage.Read.All ChannelMessage.Send Team.ReadBasic.All Channel.ReadBasic.All",
);
afterAll(() => microsoft.close());
beforeEach(() => {
  microsoft.entra.healthy();
  microsoft.graph.healthy();
});

const HOUR = 3_600_000;

function world() {
  const w = new ConnectionsWorld({ microsoft });
  w.config.save({ channels_enabled: true });
  const boss = w.user("boss", { Roles: "system_user system_admin" });
  const robot = microsoft.person(`robot${Math.random().toString(36).slice(2)}`);
  const begin = (by: User) => w.request("/oauth2/connect?account=bot", by);
  const signIn = async (by: User, person: Person) =>
    backPath(microsoft.entra.signIn((await begin(by)).headers.get("Location") ?? "", person));
  const connectBot = async (by: User, person: Person) => w.request(await signIn(by, person), by);
  const shown = async () =>
    (await (await w.request("/api/v1/admin/connections/bot", boss)).json()) as Record<string, unknown>;
  const run = (name: string) =>
    connectionCommands(w.connections)
      .find((one) => one.name === name)
      ?.run([], { userId: boss.Id, channelId: "c", teamId: "t", rootId: "", triggerId: "", language: "en" });
  return { w, boss, robot, begin, signIn, connectBot, shown, run };
}

describe("the bot account", () => {
  test("is connected by an admin with an account of its own, and used by features", async () => {
    const { w, boss, robot, connectBot, shown } = world();
    expect(await shown()).toEqual({ needed: true, connected: false });
    const response = await connectBot(boss, robot);
    expect([response.status, await outcomeOf(response)]).toEqual([200, "bot_connected"]);
    expect(await w.connections.botCredential().token(5)).toBeString();
    expect(await w.connections.bot()).toMatchObject({
      objectId: robot.objectId,
      account: robot.userPrincipalName,
      lost: false,
    });
    expect(await shown()).toMatchObject({ connected: true, account: robot.userPrincipalName, missing: [] });
    expect(w.events).toEqual([
      { event: "bot_connected", userId: "bot", by: boss.Id, reason: "", requestId: "request-1" },
    ]);
  });

  test("belongs to nobody: no link, no seat, no list entry, no message to the admin", async () => {
    const { w, boss, robot, connectBot } = world();
    await connectBot(boss, robot);
    await w.settle();
    expect([...w.stored().keys()]).toEqual(["connection.bot"]);
    expect((await w.state(boss)).connected).toBe(false);
    expect(w.messages(boss)).toEqual([]);
  });

  test("is refused when the ID token names another person than the access token", async () => {
    const { w, boss, robot, connectBot, shown } = world();
    const other = microsoft.person(`other${Math.random().toString(36).slice(2)}`);
    microsoft.entra.idClaims = (all) => ({ ...all, oid: other.objectId });
    const response = await connectBot(boss, robot);
    expect([response.status, await outcomeOf(response)]).toEqual([502, "token_invalid"]);
    expect(await shown()).toEqual({ needed: true, connected: false });
    expect([...w.stored().keys()]).toEqual([]);
  });

  test("requests only the permissions of linked channels, without a hint of whose it is", async () => {
    const { w, boss, begin } = world();
    w.config.save({ calendar_enabled: true });
    const query = new URL((await begin(boss)).headers.get("Location") ?? "").searchParams;
    expect(query.get("scope")).toContain("/ChannelMessage.Send");
    expect(query.get("scope")).not.toMatch(/Calendars|Chat\.Read/);
    expect(query.get("login_hint")).toBeNull();
  });

  test("has its own sealed refresh token", async () => {
    const { w, boss, robot, connectBot } = world();
    await connectBot(boss, robot);
    const record = w.stored().get("connection.bot") ?? "";
    for (const secret of microsoft.entra.delegated.issued) expect(record).not.toContain(secret);
    w.mattermost.kv("mission-collaboration").set(`connection.${boss.Id}`, Buffer.from(record, "latin1"));
    w.pass(2 * HOUR);
    await expect(w.connections.credential(boss.Id).token(5)).rejects.toMatchObject({
      code: "connection_lost",
    });
    expect(await w.connections.botCredential().token(5)).toBeString();
    await w.settle();
  });

  test("stays connected while nobody uses it, and is encrypted with a new key", async () => {
    const { w, boss, robot, connectBot } = world();
    await connectBot(boss, robot);
    for (let week = 0; week < 20; week += 1) {
      w.pass(7 * 24 * HOUR);
      await w.keepUp();
    }
    expect(await w.connections.botCredential().token(5)).toBeString();
  });

  test("when lost, causes one message to every system admin, and can be connected again", async () => {
    const { w, boss, robot, connectBot, shown, run } = world();
    const second = w.user("second", { Roles: "system_user system_admin", Locale: "de" });
    const ana = w.user("ana");
    await connectBot(boss, robot);
    w.pass(2 * HOUR);
    microsoft.entra.delegated.revoke(robot.objectId);
    for (const _ of [1, 2])
      await expect(w.connections.botCredential().token(5)).rejects.toMatchObject({ code: "connection_lost" });
    await w.settle();
    await w.keepUp();
    expect(w.messages(boss)).toHaveLength(1);
    expect(w.messages(boss)[0]).toContain("/oauth2/connect?account=bot)");
    expect(w.messages(second)[0]).toStartWith("Das Bot-Konto ");
    expect(w.messages(ana)).toEqual([]);
    expect(await shown()).toMatchObject({ connected: false, lost: true });
    expect(await run("connect-bot")).toContain("/oauth2/connect?account=bot)");
    expect((await connectBot(boss, robot)).status).toBe(200);
    expect(await w.connections.botCredential().token(5)).toBeString();
  });

  test("when disconnected by command or console, leaves nothing, and no node has its token", async () => {
    for (const how of ["command", "console"]) {
      const { w, boss, robot, connectBot, run } = world();
      const other = new ConnectionsWorld({ microsoft, beside: w });
      other.config.save({ channels_enabled: true });
      await connectBot(boss, robot);
      await other.connections.botCredential().token(5);
      if (how === "command") expect(await run("disconnect-bot")).toContain("is disconnected");
      else
        expect((await w.request("/api/v1/admin/connections/bot", boss, { method: "DELETE" })).status).toBe(
          204,
        );
      await w.settle();
      expect([...w.stored().keys()]).toEqual([]);
      await expect(other.connections.botCredential().token(5)).rejects.toMatchObject({
        code: "not_connected",
      });
      expect(await run("disconnect-bot")).toContain("No bot account");
      expect((await w.request("/api/v1/admin/connections/bot", boss, { method: "DELETE" })).status).toBe(404);
      expect(w.events.at(-1)).toMatchObject({ event: "bot_disconnected", by: boss.Id });
    }
  });

  test("the commands return a link, then what is connected", async () => {
    const { boss, robot, connectBot, run } = world();
    expect(await run("connect-bot")).toContain("/oauth2/connect?account=bot)");
    await connectBot(boss, robot);
    expect(await run("connect-bot")).toContain("Disconnect it first");
  });
});

describe("is refused", () => {
  test("to anybody but a system admin, at the beginning and at the end", async () => {
    const { w, boss, robot, begin, signIn } = world();
    const response = await begin(w.user("ana"));
    expect([response.status, await outcomeOf(response)]).toEqual([403, "admins_only"]);
    expect([...w.stored().keys()]).toEqual([]);
    const path = await signIn(boss, robot);
    w.mattermost.putUser({ ...boss, Roles: "system_user" });
    const late = await w.request(path, boss);
    expect([late.status, await outcomeOf(late)]).toEqual([403, "admins_only"]);
    expect(await w.connections.bot()).toBeNull();
  });

  test("when another account is connected", async () => {
    const { w, boss, robot, connectBot, signIn, begin } = world();
    const path = await signIn(boss, microsoft.person("other"));
    await connectBot(boss, robot);
    expect(await outcomeOf(await begin(boss))).toBe("bot_exists");
    expect(await outcomeOf(await w.request(path, boss))).toBe("bot_exists");
    expect((await w.connections.bot())?.objectId).toBe(robot.objectId);
  });

  test("for an account that is somebody's connection", async () => {
    const { w, boss, connectBot } = world();
    const there = microsoft.person("ana");
    await w.connect(w.user("ana"), there);
    const response = await connectBot(boss, there);
    expect([response.status, await outcomeOf(response)]).toEqual([403, "account_taken"]);
    expect(await response.text()).toContain("the Mattermost account @ana.");
    expect(w.stored().has("connection.bot")).toBe(false);
  });

  test("for a guest of the organisation", async () => {
    const { w, boss, connectBot } = world();
    const response = await connectBot(boss, microsoft.person("guest", { guest: true }));
    expect([response.status, await outcomeOf(response)]).toEqual([403, "microsoft_guest"]);
    expect(w.stored().has("connection.bot")).toBe(false);
  });

  test("as a person's connection when the account is the bot", async () => {
    const { w, boss, connectBot } = world();
    const there = microsoft.person("ben");
    await connectBot(boss, there);
    const ben = w.user("ben");
    const response = await w.connect(ben, there);
    expect([response.status, await outcomeOf(response)]).toEqual([403, "account_is_bot"]);
    expect((await w.state(ben)).connected).toBe(false);
    expect(await w.links.store.byAccount(ben.Id)).toBeNull();
    expect(await w.connections.countOnce()).toBe(0);
  });

  test("with a page that leads the admin back to connecting the bot account", async () => {
    const { w, boss, robot, begin } = world();
    const back = microsoft.entra.signIn((await begin(boss)).headers.get("Location") ?? "", robot, "cancel");
    const response = await w.request(backPath(back), boss);
    expect(await outcomeOf(response)).toBe("cancelled");
    expect(await response.text()).toContain("/oauth2/connect?account=bot");
  });

  test("while no feature needs a bot account", async () => {
    const { w, boss, begin } = world();
    w.config.save({ channels_enabled: false });
    expect(await outcomeOf(await begin(boss))).toBe("not_configured");
  });

  test("when a state of a person's flow is used for the bot, or the reverse", async () => {
    const { w, boss, robot, signIn } = world();
    const own = await w.signIn(boss, microsoft.person("boss"));
    const bot = await signIn(boss, robot);
    expect(await outcomeOf(await w.request(`${own}&account=bot`, boss))).toBe("connected");
    expect(await w.connections.bot()).toBeNull();
    expect(await outcomeOf(await w.request(bot, boss))).toBe("bot_connected");
  });

  test("when a person connects the account just before the bot's record is written", async () => {
    const { w, boss, robot, signIn } = world();
    const user = w.user(robot.userPrincipalName.split("@")[0] ?? "");
    const path = await signIn(boss, robot);
    w.fault = async (method, args) => {
      if (method !== "kvCompareAndSet" || args[0] !== "connection.bot") return;
      w.fault = undefined;
      expect((await w.connect(user, robot)).status).toBe(200);
    };
    expect(await outcomeOf(await w.request(path, boss))).toBe("account_taken");
    expect(w.fault).toBeUndefined();
    expect(await w.connections.bot()).toBeNull();
    expect([...w.stored().keys()]).not.toContain("connection.bot");
    expect((await w.state(user)).connected).toBe(true);
  });

  test("at most one of a bot and a person who connect one account at the same moment gets it", async () => {
    for (let round = 0; round < 10; round += 1) {
      const { w, boss, signIn } = world();
      const there = microsoft.person(`x${round}`);
      const user = w.user(`x${round}`);
      const [as, own] = [await signIn(boss, there), await w.signIn(user, there)];
      await Promise.all([w.request(as, boss), w.request(own, user)]);
      const [bot, { connected }] = [await w.connections.bot(), await w.state(user)];
      expect([bot !== null, connected].filter(Boolean).length).toBeLessThanOrEqual(1);
      await w.settle();
    }
  });
});

test("a member who starts again and again does not fill the store, and can finish the last flow", async () => {
  const { w } = world();
  const [ana, there] = [w.user("ana"), microsoft.person("ana")];
  for (let count = 0; count < 50; count += 1) await w.signIn(ana, there);
  expect([...w.stored().keys()].filter((key) => key.startsWith("flow."))).toHaveLength(20);
  expect((await w.connect(ana, there)).status).toBe(200);
});
