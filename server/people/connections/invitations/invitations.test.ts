import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { User } from "../../../runtime/mattermost/index.ts";
import { ConnectionsWorld } from "../testing/connections-world.ts";
import { Microsoft } from "../testing/microsoft.ts";
import { isWeekend } from "./invitations.ts";

const microsoft = new Microsoft();
afterAll(() => microsoft.close());
beforeEach(() => microsoft.entra.healthy());

const HOUR = 3_600_000;
const zone = (name: string) => ({
  Timezone: { useAutomaticTimezone: "false", manualTimezone: name, automaticTimezone: "" },
});
/** Moves the clock to a time in the next week. */
function at(w: ConnectionsWorld, weekday: number, hour: number): void {
  const now = Temporal.Instant.fromEpochMilliseconds(w.now).toZonedDateTimeISO("UTC");
  const days = 7 + ((weekday - now.dayOfWeek + 7) % 7);
  w.pass(now.add({ days }).with({ hour, minute: 0 }).epochMilliseconds - w.now);
}

function world(settings: Record<string, unknown> = {}) {
  const w = new ConnectionsWorld({ microsoft });
  w.config.save({ pending_invitations_limit: 10, ...settings });
  at(w, 3, 12);
  const see = (user: User, node = w) => node.request("/api/v1/connection/seen", user, { method: "POST" });
  const stats = async () => {
    const boss = w.user(`boss${w.mattermost.users.size}`, { Roles: "system_user system_admin" });
    return (await (await w.request("/api/v1/admin/connections/stats", boss)).json()) as {
      pendingInvitations: number;
    };
  };
  return { w, see, stats };
}

describe("an invitation", () => {
  test("is one message with a link to connect, in the person's language", async () => {
    const { w, see, stats } = world();
    const ana = w.user("ana", { FirstName: "Ana", Locale: "de" });
    expect((await see(ana)).status).toBe(204);
    expect(w.messages(ana)).toHaveLength(1);
    expect(w.messages(ana)[0]).toStartWith("Hallo Ana, ");
    expect(w.messages(ana)[0]).toContain(
      "(https://chat.example.com/mattermost/plugins/mission-collaboration/oauth2/connect?return=dm)",
    );
    expect((await stats()).pendingInvitations).toBe(1);
  });

  test("is sent once: not again within the hour, later, on another node, or after a disconnect", async () => {
    const { w, see } = world();
    const [ana, there] = [w.user("ana"), microsoft.person("ana")];
    const other = new ConnectionsWorld({ microsoft, beside: w });
    other.config.save({ pending_invitations_limit: 10 });
    await Promise.all([see(ana), see(ana), see(ana, other)]);
    w.pass(2 * HOUR);
    await see(ana);
    expect(w.messages(ana)).toHaveLength(1);
    await w.connect(ana, there);
    await w.connections.disconnect(ana.Id, { userId: ana.Id, requestId: "" });
    await w.settle();
    const before = w.messages(ana).length;
    w.pass(2 * HOUR);
    await see(ana);
    expect(w.messages(ana)).toHaveLength(before);
  });

  test("is answered by connecting: the message says so, and its place is free", async () => {
    const { w, see, stats } = world();
    const ana = w.user("ana");
    await see(ana);
    await w.connect(ana, microsoft.person("ana"));
    await w.settle();
    expect(w.messages(ana).filter((text) => text.includes("invites you"))).toEqual([]);
    expect(w.messages(ana)[0]).toBe("Your Microsoft 365 account ana@example.com is connected.");
    expect((await stats()).pendingInvitations).toBe(0);
    expect([...w.stored().keys()].filter((key) => key.includes("invited"))).toEqual([]);
  });

  test("contains nobody else's name and no formatting", async () => {
    const { w, see } = world();
    const ana = w.user("ana", { FirstName: "[x](http://evil.example) @all #tag **b**" });
    await see(ana);
    expect(w.messages(ana)[0]).toStartWith("Hello xhttpevilexample all tag b, ");
  });
});

describe("no invitation goes to", () => {
  const cases: Record<string, [Partial<User>, Record<string, unknown>?]> = {
    "a guest": [{ Roles: "system_guest" }],
    "a bot": [{ IsBot: true }],
    "an account of another server": [{ RemoteId: "other" }],
    "a deactivated account": [{ DeleteAt: 1 }],
    "anybody while the pool has no places": [{}, { pending_invitations_limit: 0 }],
    "anybody while no seat is free": [{}, { connected_accounts_limit: 0 }],
    "a member who is not on the list": [{}, { connected_accounts_restricted: true }],
    "anybody while no feature needs an account": [{}, { chats_enabled: false }],
    "anybody while the registration is incomplete": [{}, { m365_client_id: "" }],
  };
  for (const [name, [part, settings = {}]] of Object.entries(cases))
    test(name, async () => {
      const { w, see } = world(settings);
      const ana = w.user("ana", part);
      expect((await see(ana)).status).toBe(204);
      expect(w.messages(ana)).toEqual([]);
      expect(w.stored().has("connections.invited")).toBe(false);
    });

  test("a connected member", async () => {
    const { w, see } = world();
    const ana = w.user("ana");
    await w.connect(ana, microsoft.person("ana"));
    await w.settle();
    const before = w.messages(ana).length;
    await see(ana);
    expect(w.messages(ana)).toHaveLength(before);
  });

  test("anybody while Microsoft cannot be reached; it is sent as soon as it can be", async () => {
    const { w, see } = world();
    const ana = w.user("ana");
    microsoft.entra.setFaults({ unreachable: true });
    await see(ana);
    expect(w.messages(ana)).toEqual([]);
    microsoft.entra.healthy();
    // The answer of Entra is kept for two seconds.
    w.pass(2_000);
    await see(ana);
    expect(w.messages(ana)).toHaveLength(1);
  });

  test("anybody at the weekend of their time zone", async () => {
    const { w, see } = world();
    at(w, 5, 23);
    // Friday 23:00 UTC is Saturday in Tokyo and Friday in Los Angeles.
    const [tokyo, angeles] = [w.user("t", zone("Asia/Tokyo")), w.user("l", zone("America/Los_Angeles"))];
    await see(tokyo);
    await see(angeles);
    expect([w.messages(tokyo).length, w.messages(angeles).length]).toEqual([0, 1]);
  });

  test("a zone that nobody knows is not a failure", () => {
    const sunday = Date.UTC(2026, 10, 29, 12);
    expect(isWeekend(sunday, "Moon/Sea")).toBe(true);
    expect(isWeekend(sunday, "")).toBe(true);
    expect(isWeekend(sunday + 86_400_000, "Moon/Sea")).toBe(false);
  });
});

describe("the pool of invitations", () => {
  test("is limited, even when everybody comes at once on three nodes", async () => {
    const { w, see, stats } = world({ pending_invitations_limit: 4 });
    const nodes = [w, ...[1, 2].map(() => new ConnectionsWorld({ microsoft, beside: w }))];
    for (const node of nodes) node.config.save({ pending_invitations_limit: 4 });
    const people = Array.from({ length: 12 }, (_, index) => w.user(`p${index}`));
    await Promise.all(people.map((user, index) => see(user, nodes[index % 3])));
    expect(people.filter((user) => w.messages(user).length === 1)).toHaveLength(4);
    expect((await stats()).pendingInvitations).toBe(4);
  });

  test("never exceeds the free seats", async () => {
    const { w, see } = world({ connected_accounts_limit: 2 });
    await w.connect(w.user("ana"), microsoft.person("ana"));
    const [ben, cy] = [w.user("ben"), w.user("cy")];
    await see(ben);
    await see(cy);
    expect([w.messages(ben).length, w.messages(cy).length]).toEqual([1, 0]);
  });

  test("keeps a seat for each invited person, and for nobody else", async () => {
    const { w, see } = world({ connected_accounts_limit: 1 });
    const [ana, ben] = [w.user("ana"), w.user("ben")];
    await see(ana);
    expect((await w.state(ben)).mayConnect).toBe(false);
    expect((await w.state(ana)).mayConnect).toBe(true);
    expect((await w.connect(ana, microsoft.person("ana"))).status).toBe(200);
  });

  test("an increased limit reaches people at once, without an hour of waiting", async () => {
    const { w, see } = world({ connected_accounts_limit: 0 });
    const ana = w.user("ana");
    await see(ana);
    w.config.save({ connected_accounts_limit: 5 });
    await see(ana);
    expect(w.messages(ana)).toHaveLength(1);
  });

  test("a person is considered at most once an hour", async () => {
    const { w, see } = world({ connected_accounts_restricted: true });
    const ana = w.user("ana");
    await see(ana);
    let reads = 0;
    w.fault = () => {
      reads += 1;
      return undefined;
    };
    await see(ana);
    expect(reads).toBe(0);
    w.pass(HOUR);
    await see(ana);
    expect(reads).toBeGreaterThan(0);
  });

  test("frees the place and the seat of an invitation after thirty days without an answer", async () => {
    const { w, see, stats } = world({ pending_invitations_limit: 1, connected_accounts_limit: 1 });
    const [ana, ben] = [w.user("ana"), w.user("ben")];
    await see(ana);
    w.pass(28 * 24 * HOUR);
    await see(ben);
    expect([w.messages(ben).length, (await stats()).pendingInvitations]).toEqual([0, 1]);
    expect((await w.state(ben)).mayConnect).toBe(false);
    w.pass(7 * 24 * HOUR);
    expect((await stats()).pendingInvitations).toBe(0);
    await see(ana);
    expect(w.messages(ana)).toHaveLength(1);
    expect((await w.state(ana)).mayConnect).toBe(true);
    await see(ben);
    expect([w.messages(ben).length, (await stats()).pendingInvitations]).toEqual([1, 1]);
    expect((await w.state(ana)).mayConnect).toBe(false);
    expect((await w.connect(ben, microsoft.person("ben"))).status).toBe(200);
  });

  test("drops deactivated people", async () => {
    const { w, see, stats } = world();
    const ana = w.user("ana");
    await see(ana);
    await w.connections.deactivated(ana.Id);
    expect((await stats()).pendingInvitations).toBe(0);
  });
});

describe("when a node stops", () => {
  const crash = (w: ConnectionsWorld, when: (method: string, args: readonly unknown[]) => boolean) => {
    let dead = false;
    w.fault = (method, args) => {
      dead ||= when(method, args);
      return dead ? new Error("killed") : undefined;
    };
  };

  test("before the message: another one sends it, once", async () => {
    const { w, see } = world();
    const ana = w.user("ana");
    crash(w, (method) => method === "createPost");
    await see(ana);
    w.fault = undefined;
    const other = new ConnectionsWorld({ microsoft, beside: w });
    other.config.save({ pending_invitations_limit: 10 });
    at(w, 3, 12);
    at(other, 3, 13);
    await see(ana, other);
    expect(w.messages(ana)).toHaveLength(1);
  });

  test("after the message, before its id is stored: it is found, not sent again", async () => {
    const { w, see } = world();
    const ana = w.user("ana");
    let posted = false;
    crash(w, (method) => {
      const now = posted;
      posted ||= method === "createPost";
      return now;
    });
    await see(ana);
    expect(w.messages(ana)).toHaveLength(1);
    w.fault = undefined;
    w.pass(2 * HOUR);
    await see(ana);
    expect(w.messages(ana)).toHaveLength(1);
    expect(w.stored().get("connections.invited")).toContain('"post":');
  });
});
