import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { User } from "../../../runtime/mattermost/index.ts";
import { ConnectionsWorld } from "../testing/connections-world.ts";
import { Microsoft } from "../testing/microsoft.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());

function world(settings: Record<string, unknown> = {}) {
  const w = new ConnectionsWorld({ microsoft });
  w.config.save({ enforce_connected_accounts: true, ...settings });
  const asked = async (user: User) => {
    const { mustConnect, maySkip } = (await (await w.request("/api/v1/connection", user)).json()) as {
      mustConnect: boolean;
      maySkip: boolean;
    };
    return [mustConnect, maySkip];
  };
  return { w, asked };
}

describe("prompts at login", () => {
  test("everybody is asked, without a way to skip", async () => {
    const { w, asked } = world();
    expect(await asked(w.user("ana"))).toEqual([true, false]);
  });

  test("an admin can allow skipping", async () => {
    const { w, asked } = world({ allow_skip_connecting: true });
    expect(await asked(w.user("ana"))).toEqual([true, true]);
  });

  test("a connected member is not asked, and is asked again after a loss and after a disconnect", async () => {
    const { w, asked } = world();
    const [ana, there] = [w.user("ana"), microsoft.person("ana")];
    await w.connect(ana, there);
    expect(await asked(ana)).toEqual([false, false]);
    w.pass(2 * 3_600_000);
    microsoft.entra.delegated.revoke(there.objectId);
    await w.connections
      .credential(ana.Id)
      .token(5)
      .catch(() => {});
    expect(await asked(ana)).toEqual([true, false]);
    await w.connections.disconnect(ana.Id, { userId: ana.Id, requestId: "" });
    expect(await asked(ana)).toEqual([true, false]);
    await w.settle();
  });

  const spared: [string, (w: ConnectionsWorld) => User, Record<string, unknown>][] = [
    ["a guest", (w) => w.user("guest", { Roles: "system_guest" }), {}],
    ["a bot", (w) => w.user("bot", { IsBot: true }), {}],
    ["somebody of another server", (w) => w.user("far", { RemoteId: "other" }), {}],
    ["everybody while the switch is off", (w) => w.user("ana"), { enforce_connected_accounts: false }],
    ["everybody while no feature needs an account", (w) => w.user("ana"), { chats_enabled: false }],
    ["somebody without a free seat", (w) => w.user("ana"), { connected_accounts_limit: 0 }],
    ["somebody who is not on the list", (w) => w.user("ana"), { connected_accounts_restricted: true }],
    ["everybody without a tenant", (w) => w.user("ana"), { m365_tenant_id: "" }],
    ["everybody without a credential", (w) => w.user("ana"), { m365_client_secret: "" }],
    ["everybody without an encryption key", (w) => w.user("ana"), { encryption_key: "" }],
    ["somebody without the chosen team", (w) => w.user("ana"), { enforce_teams: "sales" }],
  ];
  for (const [name, user, settings] of spared)
    test(`${name} is exempt, even when skipping is allowed`, async () => {
      const { w, asked } = world({ allow_skip_connecting: true, ...settings });
      expect(await asked(user(w))).toEqual([false, false]);
    });

  test("members of the chosen teams are asked: names in any case, archived teams excluded", async () => {
    const { w, asked } = world({ enforce_teams: "Sales, support" });
    const [sales, other] = ["sales", "other"].map((Name) => w.mattermost.addTeam({ Name }));
    const old = w.mattermost.addTeam({ Name: "support", DeleteAt: 1 });
    const in_ = (name: string, ...teams: ({ Id: string } | undefined)[]) => {
      const user = w.user(name);
      for (const team of teams) w.mattermost.joinTeam(user.Id, team?.Id ?? "");
      return user;
    };
    expect(await asked(in_("ana", other, sales))).toEqual([true, false]);
    expect(await asked(in_("ben", other))).toEqual([false, false]);
    expect(await asked(in_("cy", old))).toEqual([false, false]);
  });
});

describe("an outage of Microsoft locks nobody out", () => {
  for (const [name, faults] of Object.entries({
    "no connection": { unreachable: true },
    "errors in place of the metadata": { metadata: "error" as const },
  }))
    test(name, async () => {
      const { w, asked } = world();
      const ana = w.user("ana");
      microsoft.entra.setFaults(faults);
      expect(await asked(ana)).toEqual([false, false]);
      microsoft.entra.healthy();
      w.pass(3_000);
      expect(await asked(ana)).toEqual([true, false]);
    });

  test("after a failed attempt nobody is asked for a minute", async () => {
    const { w, asked } = world();
    const [ana, ben] = [w.user("ana"), w.user("ben")];
    microsoft.entra.setFaults({ tokens: "error" });
    expect((await w.connect(ana, microsoft.person("ana"))).status).toBe(503);
    microsoft.entra.healthy();
    expect(await asked(ben)).toEqual([false, false]);
    w.pass(61_000);
    expect(await asked(ben)).toEqual([true, false]);
  });

  test("after a failed attempt everybody is asked again once an admin corrects the settings", async () => {
    const { w, asked } = world();
    microsoft.entra.setFaults({ tokens: "error" });
    expect((await w.connect(w.user("ana"), microsoft.person("ana"))).status).toBe(503);
    microsoft.entra.healthy();
    w.config.save({ connected_accounts_limit: 7 });
    expect(await asked(w.user("ben"))).toEqual([true, false]);
  });

  // The query comes from the person's browser, so anybody can write it: it must not switch the prompt off for others.
  for (const error of ["server_error", "temporarily_unavailable"])
    test(`${error} in the query that a browser brings is an answer to that person only`, async () => {
      const { w, asked } = world();
      const [ana, ben] = [w.user("ana"), w.user("ben")];
      const url = new URL(`http://plugin${await w.signIn(ana, microsoft.person("ana"))}`);
      url.searchParams.delete("code");
      url.searchParams.set("error", error);
      expect((await w.request(url.pathname + url.search, ana)).status).toBe(503);
      expect([await asked(ana), await asked(ben)]).toEqual([
        [true, false],
        [true, false],
      ]);
    });

  test("a query does not end an outage that our own requests found", async () => {
    const { w, asked } = world();
    const ana = w.user("ana");
    microsoft.entra.setFaults({ tokens: "error" });
    expect((await w.connect(ana, microsoft.person("ana"))).status).toBe(503);
    microsoft.entra.healthy();
    const url = new URL(`http://plugin${await w.signIn(ana, microsoft.person("ana"))}`);
    url.searchParams.set("error", "access_denied");
    expect((await w.request(url.pathname + url.search, ana)).status).toBe(403);
    expect(await asked(w.user("ben"))).toEqual([false, false]);
  });

  test("a hundred people at nine cause one request to Entra", async () => {
    const { w, asked } = world();
    const before = microsoft.entra.fetched.metadata;
    const people = Array.from({ length: 100 }, (_, index) => w.user(`p${index}`));
    const answers = await Promise.all(people.map(asked));
    expect(answers.every(([must]) => must)).toBe(true);
    expect(microsoft.entra.fetched.metadata - before).toBe(1);
  });

  test("many people at once cause one count of the seats, which is refreshed when a seat is taken", async () => {
    const { w, asked } = world({ connected_accounts_limit: 1 });
    const people = Array.from({ length: 20 }, (_, index) => w.user(`q${index}`));
    let reads = 0;
    w.fault = (method, args) => {
      if (method === "kvGet" && String(args[0]).startsWith("connections.once.")) reads += 1;
      return undefined;
    };
    await Promise.all(people.map(asked));
    // One shard each to see whether they were connected before, and 16 for the count.
    expect(reads).toBeLessThanOrEqual(20 + 16);
    const [first, second] = people as [User, User];
    await w.connect(first, microsoft.person("q0"));
    expect(await asked(second)).toEqual([false, false]);
    expect((await w.state(second)).mayConnect).toBe(false);
  });
});
