/**
 * Tests sign-in with two processes of the built executable on two nodes and one Mattermost: simultaneous sign-ins, a
 * killed node, and the resulting session. Runs in `npm test` after the bundle is built.
 */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { builtBundle } from "../built-bundle.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import type { Person } from "../sandbox/tenant.ts";
import { until } from "../until.ts";

const bundlePath = builtBundle();

// Longer than each `until` in a test, so that `until` fails first and names what was missing.
setDefaultTimeout(600_000);

let sandbox: Sandbox | null = null;
afterEach(() => {
  sandbox?.close();
  sandbox = null;
});

async function start() {
  const started = await Sandbox.start({ bundlePath, nodes: 2 });
  sandbox = started;
  const app = started.registration?.app;
  if (!app) throw new Error("no registration");
  const path = `${started.siteUrl}/plugins/${started.bundle.id}/api/v1/session`;
  const signIn = (person: Person, headers: Record<string, string> = {}) =>
    fetch(path, {
      method: "POST",
      headers: {
        Origin: new URL(started.siteUrl).origin,
        "Content-Type": "application/json",
        "X-Requested-With": "XMLHttpRequest",
        ...headers,
      },
      body: JSON.stringify({ token: started.entra.tabToken(app, person) }),
    });
  /** A person and an account with the same address. */
  const member = (name: string, mail = `${name}@harbor.example`) => ({
    person: started.tenant.addPerson({
      displayName: name,
      userPrincipalName: `${name}@harbor.example`,
      mail,
    }),
    user: started.world.userByEmail(mail) ?? started.world.addUser({ Username: name, Email: mail }),
  });
  return { world: started.world, sandbox: started, signIn, member };
}

const statuses = (answers: readonly Response[]) => answers.map(({ status }) => status).sort();

/** Every link record must have its claim and vice versa, and every session of the tab its link. */
function consistent({ world, bundle }: Sandbox): void {
  const store = world.kv(bundle.id);
  const json = (key: string) => JSON.parse(new TextDecoder().decode(store.get(key) ?? new Uint8Array()));
  const links = store.keys().filter((key) => key.startsWith("link."));
  const claims = store.keys().filter((key) => key.startsWith("accounts."));
  const claimed = claims.flatMap((key) =>
    Object.entries(json(key) as Record<string, { tenantId: string; objectId: string }>).map(
      ([userId, { tenantId, objectId }]) => `${userId} link.${tenantId}.${objectId}`,
    ),
  );
  expect(claimed.sort()).toEqual(links.map((key) => `${json(key).userId} ${key}`).sort());
  const noted = links.flatMap((key) => (json(key).sessions as { id: string }[]).map(({ id }) => id));
  const tabs = [...world.sessions.values()].filter(({ Props }) => Props.mission_collaboration === "tab");
  expect(tabs.map(({ Id }) => Id).filter((id) => !noted.includes(id))).toEqual([]);
}

describe("two nodes", () => {
  test("create one link for 24 simultaneous first sign-ins of one person", async () => {
    const { member, sandbox, signIn } = await start();
    const { person } = member("ana");
    const answers = await Promise.all(Array.from({ length: 24 }, () => signIn(person)));
    expect(statuses(answers)).toEqual(Array(24).fill(200));
    consistent(sandbox);
    const claims = sandbox.world
      .kv(sandbox.bundle.id)
      .keys()
      .filter((key) => key.startsWith("link."));
    expect(claims).toHaveLength(1);
  });

  test("create 50 links for 50 people at once, and one for 50 who claim one account", async () => {
    const { member, sandbox, signIn, world } = await start();
    const people = Array.from({ length: 50 }, (_, index) => member(`p${index}`));
    const answers = await Promise.all(people.map(({ person }) => signIn(person)));
    expect(statuses(answers)).toEqual(Array(50).fill(200));

    const shared = Array.from({ length: 50 }, (_, index) => member(`s${index}`, "shared@harbor.example"));
    const claims = await Promise.all(shared.map(({ person }) => signIn(person)));
    expect(statuses(claims)).toEqual([200, ...Array(49).fill(403)]);
    const owner = shared[0]?.user.Id;
    expect([...world.sessions.values()].filter(({ UserId }) => UserId === owner)).toHaveLength(1);
    consistent(sandbox);
  });

  test("let everybody in on a retry after one node is killed in the middle, and leave nothing behind", async () => {
    const { member, sandbox, signIn } = await start();
    const people = Array.from({ length: 40 }, (_, index) => member(`k${index}`));
    const first = Promise.all(people.map(({ person }) => signIn(person).catch(() => null)));
    await Bun.sleep(30);
    sandbox.mattermost.crash("node-1");
    await first;
    // The other node answers alone until the killed one is back.
    await until(async () => {
      const again = await Promise.all(people.map(({ person }) => signIn(person).catch(() => null)));
      if (again.every((answer) => answer?.status === 200 || answer?.status === 429)) return true;
      await Bun.sleep(250);
      return false;
    }, "everybody is in");
    const links = sandbox.world
      .kv(sandbox.bundle.id)
      .keys()
      .filter((key) => key.startsWith("link."));
    expect(links).toHaveLength(40);
    // A killed process may have created a session without a record; nobody has its token.
    for (const session of sandbox.world.sessions.values()) expect(session.Token).not.toBe("");
  });

  test("a change of the rules ends the sessions of both nodes", async () => {
    const { member, sandbox, signIn, world } = await start();
    await Promise.all(["u1", "u2", "u3", "u4"].map((name) => signIn(member(name).person)));
    const tabs = () =>
      [...world.sessions.values()].filter(({ Props }) => Props.mission_collaboration === "tab").length;
    expect(tabs()).toBe(4);
    const plugin = world.config.PluginSettings.Plugins[sandbox.bundle.id] as Record<string, unknown>;
    world.config.PluginSettings.Plugins[sandbox.bundle.id] = { ...plugin, mfa_accounts: "never" };
    world.fire("onConfigurationChange");
    await until(() => tabs() === 0, "no session is left");
    consistent(sandbox);
  });
});

describe("an admin", () => {
  test("unlinks a person; others may not, nor a request without the CSRF token", async () => {
    const { member, sandbox, signIn, world } = await start();
    const { person, user } = member("leaver");
    expect((await signIn(person)).status).toBe(200);
    const as = (account: typeof user) => {
      const { session, cookies } = login(world, account, new Request(sandbox.siteUrl));
      const Cookie = cookies.map((line) => line.split(";")[0]).join("; ");
      return (headers: Record<string, string> = { "X-CSRF-Token": session.Props.csrf ?? "" }) =>
        fetch(`${sandbox.siteUrl}/plugins/${sandbox.bundle.id}/api/v1/admin/links/${user.Id}`, {
          method: "DELETE",
          headers: { Cookie, ...headers },
        });
    };
    expect((await as(user)()).status).toBe(403);
    expect((await as(sandbox.scene.sam.user)({})).status).toBe(401);
    expect((await as(sandbox.scene.sam.user)()).status).toBe(204);
    expect((await as(sandbox.scene.sam.user)()).status).toBe(404);
    const tabs = [...world.sessions.values()].filter(({ Props }) => Props.mission_collaboration === "tab");
    expect(tabs).toEqual([]);
    consistent(sandbox);
  });

  test("deactivates a person: no session remains, and a still valid token gets none", async () => {
    const { member, sandbox, signIn, world } = await start();
    const { person, user } = member("gone");
    expect((await signIn(person)).status).toBe(200);
    world.setActive(user.Id, false);
    expect((await signIn(person)).status).toBe(403);
    expect([...world.sessions.values()].filter(({ UserId }) => UserId === user.Id)).toEqual([]);
    consistent(sandbox);
  });
});

describe("the resulting session", () => {
  test("is refused to other sites, and has a CSRF token", async () => {
    const { member, sandbox, signIn, world } = await start();
    const { person, user } = member("eve");
    const answer = await signIn(person);
    const cookies = answer.headers.getSetCookie().map((line) => line.split(";")[0]);
    const csrf = cookies.find((line) => line?.startsWith("MMCSRF="))?.slice("MMCSRF=".length) ?? "";
    const write = (headers: Record<string, string>, Cookie = cookies.join("; ")) =>
      fetch(`${sandbox.siteUrl}/api/v4/users/ids`, {
        method: "POST",
        headers: { Cookie, "Content-Type": "text/plain", ...headers },
        body: JSON.stringify([user.Id]),
      });
    const foreign = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };

    expect((await write(foreign)).status).toBe(401);
    expect((await write({ ...foreign, "X-CSRF-Token": "guess" })).status).toBe(401);
    expect((await write({ "X-CSRF-Token": csrf })).status).toBe(200);
    // What the earlier plugin creates: without the csrf property, so every site may write.
    const naked = world.addSession({ UserId: user.Id, Roles: user.Roles, ExpiresAt: 0 });
    expect((await write(foreign, `MMAUTHTOKEN=${naked.Token}`)).status).toBe(200);
  });
});
