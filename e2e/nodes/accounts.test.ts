/**
 * Tests connected accounts of the built executable from outside: what a browser, an admin's script and a member see.
 * Runs in `npm test` after the bundle is built.
 */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../until.ts";
import { type AccountsStage, outcomeOf } from "./accounts-stage.ts";
import { stageOfEachTest } from "./stage-of-each-test.ts";

// Longer than each `until` in a test, so that `until` fails first and names what was missing.
setDefaultTimeout(600_000);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const start = stageOfEachTest();

/** Moves the clock to that hour of a weekday (1 to 7) of the next week. */
async function moveTo({ now, pass }: AccountsStage, weekday: number, hour: number): Promise<void> {
  const here = Temporal.Instant.fromEpochMilliseconds(now()).toZonedDateTimeISO("UTC");
  const days = 7 + ((weekday - here.dayOfWeek + 7) % 7);
  await pass(here.add({ days }).with({ hour, minute: 0 }).epochMilliseconds - now());
}

describe("connecting", () => {
  test("works from start to end on a site with a sub-path", async () => {
    const { base, entra, member, tenant } = await start({ subpath: "/chat" });
    const ana = member("ana");
    const begun = await ana.ask(
      "/oauth2/connect?return=settings&prompt=consent&redirect_uri=https://evil.example",
    );
    const url = new URL(begun.headers.get("Location") ?? "");
    expect(begun.status).toBe(302);
    expect(url.origin + url.pathname).toBe(`${entra.url}/${tenant.id}/oauth2/v2.0/authorize`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: "code",
      response_mode: "query",
      redirect_uri: `${base}/oauth2/complete`,
      code_challenge_method: "S256",
      prompt: "select_account",
      login_hint: "ana@harbor.example",
    });
    expect(base).toEndWith("/chat/plugins/mission-collaboration");
    for (const name of ["state", "nonce", "code_challenge"])
      expect(url.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    const back = entra.signIn(url.href, ana.person);
    const page = await ana.ask(back.slice(base.length));
    expect([page.status, await outcomeOf(page)]).toEqual([200, "connected"]);
    expect(await ana.state()).toMatchObject({ connected: true, account: "ana@harbor.example", missing: [] });
    expect((await ana.ask("/oauth2/connect")).status).toBe(200);
    await until(() => ana.messages().length === 1, "the welcome");
  });

  test("refuses with the status codes of the contract, and stores nothing", async () => {
    const { entra, graph, keys, member } = await start();
    const [ana, ben] = [member("ana"), member("ben")];
    const kept = () => keys().filter((key) => /^(connection|link)/.test(key));
    const ends: [string, number, string][] = [];
    const come = async (name: string, path: string, by = ana) => {
      const response = await by.ask(path);
      ends.push([name, response.status, await outcomeOf(response)]);
      entra.healthy();
      graph.healthy();
    };
    await come("no state", "/oauth2/complete?code=x");
    await come("unknown", `/oauth2/complete?code=x&state=${"A".repeat(43)}`);
    const foreign = await ana.signIn();
    await come("foreign", foreign, ben);
    await come("cancelled", await ana.signIn("cancel"));
    await come("of another person", await ana.signIn("agree", ben.person));
    entra.idClaims = (claims) => ({ ...claims, nonce: "x".repeat(43) });
    await come("another nonce", await ana.signIn());
    entra.idClaims = (claims) => claims;
    const later = await ana.signIn();
    entra.setFaults({ tokens: "error" });
    await come("Entra 5xx", later);
    await come("its state again", later);
    const last = await ana.signIn();
    graph.setFaults({ status: 503 });
    await come("Graph 5xx", last);
    expect(ends).toEqual([
      ["no state", 400, "state"],
      ["unknown", 400, "state"],
      ["foreign", 400, "state"],
      ["cancelled", 403, "cancelled"],
      ["of another person", 403, "other_address"],
      ["another nonce", 502, "token_invalid"],
      ["Entra 5xx", 503, "unreachable"],
      ["its state again", 400, "state"],
      ["Graph 5xx", 503, "unreachable"],
    ]);
    expect(kept()).toEqual([]);
    expect((await ana.connect()).status).toBe(200);
  });

  test("refuses every route without a login, and every admin's route to a member", async () => {
    const { base, member } = await start();
    const ana = member("ana");
    const own: [string, string][] = [
      ["GET", "/oauth2/connect"],
      ["GET", "/oauth2/complete?code=x&state=y"],
      ["GET", "/api/v1/connection"],
      ["DELETE", "/api/v1/connection"],
      ["POST", "/api/v1/connection/seen"],
      ["POST", "/api/v1/connection/from-tab"],
    ];
    const admins: [string, string][] = [
      ["GET", "/api/v1/admin/connections"],
      ["GET", "/api/v1/admin/connections.csv"],
      ["GET", "/api/v1/admin/connections/stats"],
      ["GET", "/api/v1/admin/connections/allowed.csv"],
      ["PUT", "/api/v1/admin/connections/allowed.csv"],
      ["DELETE", `/api/v1/admin/connections/${ana.user.Id}`],
    ];
    const headers = { "X-Requested-With": "XMLHttpRequest" };
    for (const [method, path] of [...own, ...admins]) {
      const response = await fetch(base + path, { method, headers, redirect: "manual" });
      expect([method, path, response.status]).toEqual([method, path, 401]);
    }
    for (const [method, path] of admins)
      expect([path, (await ana.ask(path, { method })).status]).toEqual([path, 403]);
  });

  test("the commands answer only the caller, with a link or with the reason why not", async () => {
    const { member, save } = await start();
    const ana = member("ana");
    const { response_type, text = "" } = await ana.type("/msteams connect");
    expect(response_type ?? "ephemeral").toBe("ephemeral");
    expect(text.match(/oauth2\/connect/g)).toHaveLength(1);
    await ana.connect();
    expect((await ana.type("/msteams connect")).text).toContain("ana@harbor.example");
    expect((await ana.type("/teams status")).text).toContain("ana@harbor.example");
    expect((await ana.type("/msteams disconnect")).text).toContain("disconnected");
    expect(await ana.state()).toMatchObject({ connected: false });
    await save({ connected_accounts_limit: 0 });
    const ben = member("ben");
    await until(async () => (await ben.ask("/oauth2/connect")).status === 403, "the new limit");
    expect((await ben.type("/msteams connect")).text).toContain("No more accounts");
    // A person who was connected before keeps the right.
    expect((await ana.connect()).status).toBe(200);
  });
});

describe("a token", () => {
  test("is renewed while its owner is away, and its loss causes one message", async () => {
    const { entra, mattermost, member, pass, ready } = await start();
    const ana = member("ana");
    // The hourly job waits with timers, which no clock moves.
    const later = async (ms: number) => {
      await mattermost.stopPlugin();
      await pass(ms);
      await mattermost.startPlugin();
      await ready();
    };
    await ana.connect();
    await until(() => ana.messages().length === 1, "the welcome");
    const before = entra.delegated.issued.length;
    await later(7 * DAY);
    await until(() => entra.delegated.issued.length > before, "the renewal");
    await until(async () => (await ana.state()).connected === true, "a connection still");
    entra.delegated.revoke(ana.person.objectId);
    await later(7 * DAY);
    await until(async () => (await ana.state()).lost === true, "the loss");
    expect(await ana.state()).toMatchObject({ connected: false, lost: true, mayConnect: true });
    await until(() => ana.messages().length === 2, "the message");
    const [, notice] = ana.messages().sort((a, b) => a.CreateAt - b.CreateAt);
    expect(JSON.stringify(notice?.Props)).toContain('"id":"connect"');
    await later(2 * HOUR);
    await Bun.sleep(300);
    expect(ana.messages()).toHaveLength(2);
    expect((await ana.connect()).status).toBe(200);
    expect(await ana.state()).toMatchObject({ connected: true });
  });
});

describe("invitations", () => {
  test("come once, on a working day in the person's time zone, and reserve a seat for thirty days", async () => {
    const started = await start({
      settings: { pending_invitations_limit: 1, connected_accounts_limit: 1 },
    });
    const { member, pass } = started;
    const zone = (manualTimezone: string) => ({
      Timezone: { useAutomaticTimezone: "false", automaticTimezone: "", manualTimezone },
    });
    const ana = member("ana", zone("Pacific/Auckland"));
    const ben = member("ben", zone("America/Los_Angeles"));
    const guest = member("guest", { Roles: "system_guest" });
    const see = (one: typeof ana) => one.ask("/api/v1/connection/seen", { method: "POST" });
    // Friday noon in London is Saturday in Auckland.
    await moveTo(started, 5, 12);
    expect((await see(ana)).status).toBe(204);
    expect((await see(guest)).status).toBe(204);
    await Bun.sleep(200);
    expect([ana.messages().length, guest.messages().length]).toEqual([0, 0]);
    // Sunday at 23 in London is Monday in Auckland, and still Sunday in Los Angeles.
    await pass(2 * DAY + 11 * HOUR);
    await see(ben);
    // Entra must answer within three seconds before anybody is invited: on a busy machine it may not.
    const isInvited = async (one: typeof ana) => {
      await see(one);
      return one.messages().length === 1;
    };
    await until(() => isInvited(ana), "the invitation");
    expect(ben.messages()).toHaveLength(0);
    await pass(2 * HOUR);
    await see(ana);
    expect((await ben.state()).mayConnect).toBe(false);
    await pass(2 * DAY);
    await see(ben);
    await Bun.sleep(200);
    expect([ana.messages().length, ben.messages().length]).toEqual([1, 0]);
    await pass(28 * DAY);
    await until(() => isInvited(ben), "the place of an invitation without an answer");
    await see(ana);
    expect(ana.messages()).toHaveLength(1);
    expect((await ben.connect()).status).toBe(200);
  });
});
