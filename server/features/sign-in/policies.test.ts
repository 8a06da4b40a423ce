/**
 * Tests what the policies allow (their refusals are in bad-accounts.test.ts), new accounts, and changes of the rules.
 */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import type { User } from "../../runtime/mattermost/index.ts";
import { PERSON, SignInWorld } from "./testing/sign-in-world.ts";
import { namesOf, numbered, usernameOf } from "./username.ts";

const authority = new TestAuthority();
afterAll(() => authority.stop());
let world: SignInWorld;
beforeEach(() => {
  world = new SignInWorld({ authority });
});
const fromDirectory = (addresses = ["ana@example.com"]) => ({
  ok: true as const,
  facts: { objectId: PERSON, addresses, guest: false },
});

describe("allows", () => {
  const cases: {
    name: string;
    ana?: Partial<User>;
    saved?: object;
    directory?: boolean;
    v1?: boolean;
    claims?: Record<string, unknown>;
  }[] = [
    {
      name: "a system admin who is in the directory",
      ana: { Roles: "system_user system_admin" },
      directory: true,
    },
    {
      name: "any system admin, when that is allowed",
      ana: { Roles: "system_user system_admin" },
      saved: { system_admin_sign_in: "always" },
    },
    { name: "a second factor in the token", ana: { MfaActive: true }, v1: true },
    {
      name: "a second factor left to Entra",
      ana: { MfaActive: true },
      saved: { mfa_accounts: "trust_entra" },
    },
    { name: "an unconfirmed address on a closed server", ana: { EmailVerified: false } },
    {
      name: "an unconfirmed address that a directory service has verified",
      ana: { EmailVerified: false, AuthService: "ldap" },
      saved: { unverified_emails: "never" },
    },
    { name: "a guest account of a member of the tenant", ana: { Roles: "system_guest" } },
    {
      name: "one of several domains",
      ana: {},
      saved: { allowed_email_domains: "other.example; EXAMPLE.com" },
    },
    { name: "the domain of a wildcard", saved: { allowed_email_domains: "*.example.com" } },
    {
      name: "a domain below a wildcard",
      ana: { Email: "ana@mail.example.com" },
      saved: { allowed_email_domains: "*.example.com" },
      claims: { preferred_username: "ana@mail.example.com" },
    },
    {
      name: "a valid domain beside an invalid one",
      saved: { allowed_email_domains: "münchen.example, example.com" },
    },
  ];
  for (const { name, ana, saved, directory, v1, claims } of cases) {
    test(name, async () => {
      world.addAna(ana);
      world.config.save({ ...saved });
      if (directory) world.directoryAnswer = fromDirectory();
      expect((await world.post(v1 ? world.v1(claims) : world.v2(claims))).status).toBe(200);
    });
  }

  test("allows another client that the admin has added", async () => {
    const azp = "77777777-7777-4777-8777-777777777777";
    world.addAna();
    expect((await world.post(world.v2({ azp }))).status).toBe(401);
    world.config.save({
      additional_client_ids: `${azp.toUpperCase()}, 66666666-6666-4666-8666-666666666666`,
    });
    expect((await world.post(world.v2({ azp }))).status).toBe(200);
  });
});

describe("new accounts", () => {
  beforeEach(() =>
    world.config.save({
      provision_accounts: true,
      provision_teams: "alpha gone",
      provision_channels: "news secret",
    }),
  );

  test("get address, names and an unknown password, and join what the admin chose", async () => {
    const team = world.mattermost.addTeam({ Name: "alpha" });
    const news = world.mattermost.addChannel({ Name: "news", TeamId: team.Id, Type: "O" });
    const secret = world.mattermost.addChannel({ Name: "secret", TeamId: team.Id, Type: "P" });
    world.directoryAnswer = fromDirectory(["Ana.Maria@example.com", "u4711@example.com"]);
    const session = world.sessionOf(await world.post(world.v2({ name: "Ana Maria Example" })));
    const made = world.mattermost.users.get(session?.UserId ?? "");
    expect(made).toMatchObject({
      Email: "ana.maria@example.com",
      EmailVerified: true,
      Username: "ana.maria",
      FirstName: "Ana Maria",
      LastName: "Example",
      AuthService: "",
      Roles: "system_user",
    });
    expect(world.mattermost.teamMember(team.Id, made?.Id ?? "")).toBeDefined();
    expect(world.mattermost.channelMember(news.Id, made?.Id ?? "")).toBeDefined();
    expect(world.mattermost.channelMember(secret.Id, made?.Id ?? "")).toBeUndefined();
    expect(world.audits.at(-1)).toMatchObject({ outcome: "success", linked: "provisioned" });
  });

  test("take the principal name when the admin prefers it, and the next free name", async () => {
    world.config.save({ provision_username: "user_principal_name" });
    world.mattermost.addUser({ Username: "u4711", Email: "other@example.com" });
    world.directoryAnswer = fromDirectory(["ana.maria@example.com", "u4711@example.com"]);
    const session = world.sessionOf(await world.post(world.v2()));
    expect(world.mattermost.users.get(session?.UserId ?? "")?.Username).toBe("u47110");
  });

  const names: [address: string, username: string][] = [
    ["ana@example.com", "ana"],
    ["Ana.Maria+news@example.com", "ana.marianews"],
    ["42@example.com", "user.42"],
    ["0815.4711@example.com", "user.0815.4711"],
    ["٤٢@x.example", "user"],
    ["9ana@example.com", "ana"],
    ["Élodie.Martin@x.example", "elodie.martin"],
    ["Łukasz.Nowak@x.example", "lukasz.nowak"],
    ["Jürgen.Weiß@x.example", "jurgen.weiss"],
    ["Bjørn.Ærøskøbing@x.example", "bjorn.aeroskobing"],
    ["İpek.Işık@x.example", "ipek.isik"],
    ["Đorđe.Þór@x.example", "dorde.thor"],
    ["Андрей.Щукин@x.example", "andrei.shchukin"],
    ["Ёлка.Юльева@x.example", "elka.iuleva"],
    ["Ґалина.Їжак@x.example", "galina.izhak"],
    ["Γιώργος.Παπάς@x.example", "giorgos.papas"],
    ["ＦＵＬＬ.ｗｉｄｔｈ@x.example", "full.width"],
    ["e\u0301lodie@x.example", "elodie"],
    ["王小明@x.example", "user"],
    ["علي@x.example", "user"],
    ["all@x.example", "all.user"],
    ["System@x.example", "system.user"],
    ["channel@x.example", "channel.user"],
    ["matterbot@x.example", "matterbot.user"],
    ["here@x.example", "here.user"],
    ["ana.@x.example", "ana"],
    ["-_.@x.example", "user"],
    ["jo@example.com", "jo.user"],
    ["jürgen@example.com", "jurgen"],
    ["李@example.com", "user"],
    [`${"a".repeat(90)}@example.com`, "a".repeat(64)],
    ["_.-x@example.com", "x.user"],
  ];
  for (const [address, username] of names) {
    test(`${address} is called ${username}`, () => expect(usernameOf(address)).toBe(username));
  }

  test("an address in a script without Latin equivalents: the other address names the account", () =>
    expect(usernameOf("王小明@x.example", "xm.wang@x.example")).toBe("xm.wang"));

  test("a number names the account only when no address has letters", () => {
    expect(usernameOf("4711@x.example", "ana@x.example")).toBe("ana");
    expect(usernameOf("王@x.example", "4711@x.example")).toBe("user.4711");
    expect(usernameOf(`${"7".repeat(90)}@x.example`)).toHaveLength(64);
  });

  test("taken names are numbered as the server does it, and are never too long", () => {
    expect([0, 1, 2, 3, 11].map((collision) => numbered("anna", collision))).toEqual([
      "anna",
      "anna0",
      "anna01",
      "anna012",
      "anna012345678910",
    ]);
    for (let collision = 0; collision < 100; collision++) {
      const name = numbered("a".repeat(64), collision);
      expect(name).toMatch(/^a[a-z0-9]{63}$/);
    }
  });

  const people: [display: string, given: string, family: string, names: [string, string]][] = [
    ["Cummins, Daniel", "", "", ["Daniel", "Cummins"]],
    ["Ana Maria Example", "", "", ["Ana Maria", "Example"]],
    ["Cummins, Daniel", "Dan", "Cummins", ["Dan", "Cummins"]],
    ["van der Berg, Jan", "", "", ["Jan", "van der Berg"]],
    ["Cummins,", "", "", ["Cummins", ""]],
    [", Daniel", "", "", ["Daniel", ""]],
    [",", "", "", ["", ""]],
    ["Smith, Jr., Bob", "", "", ["Bob", "Smith, Jr."]],
    ["Berg，Anna", "", "", ["Anna", "Berg"]],
    ["الخطيب، ليلى", "", "", ["ليلى", "الخطيب"]],
    ["Plato", "", "", ["Plato", ""]],
    ["whatever", "Plato", "", ["Plato", ""]],
    ["whatever", "", "Bono", ["", "Bono"]],
    ["x".repeat(100), "", "", ["x".repeat(64), ""]],
    ["", "", "", ["", ""]],
  ];
  for (const [displayName, givenName, familyName, names] of people) {
    test(`${displayName.slice(0, 20)} / ${givenName} / ${familyName} is ${names.join("|").slice(0, 40)}`, () =>
      expect(namesOf({ displayName, givenName, familyName })).toEqual(names));
  }

  test("the names of the directory are preferred to those of the token", async () => {
    const answer = fromDirectory(["dan@example.com"]);
    world.directoryAnswer = { ok: true, facts: { ...answer.facts, givenName: "Dan", familyName: "Cummins" } };
    const session = world.sessionOf(await world.post(world.v2({ name: "IT: Cummins" })));
    expect(world.mattermost.users.get(session?.UserId ?? "")).toMatchObject({
      FirstName: "Dan",
      LastName: "Cummins",
    });
  });

  test("the names of the token are preferred to its display name", async () => {
    const claims = { name: "IT: Cummins", given_name: "Dan", family_name: "Cummins" };
    const session = world.sessionOf(await world.post(world.v2(claims)));
    expect(world.mattermost.users.get(session?.UserId ?? "")).toMatchObject({ LastName: "Cummins" });
  });

  test("a system admin created by provisioning needs the directory too", async () => {
    const session = world.sessionOf(await world.post(world.v2()));
    const made = world.mattermost.users.get(session?.UserId ?? "");
    if (made) world.mattermost.putUser({ ...made, Roles: "system_user system_admin" });
    world.now += 60_000;
    expect((await world.post(world.v2())).status).toBe(403);
  });
});

describe("the length of a session", () => {
  const cases: {
    name: string;
    service?: string;
    saved?: object;
    web?: number;
    sso?: number;
    hours: number;
  }[] = [
    { name: "the server's for passwords", web: 100, sso: 50, hours: 100 },
    { name: "the server's for single sign-on", service: "openid", web: 100, sso: 50, hours: 50 },
    { name: "an hour, when the admin's cannot be read", saved: { session_hours: "8h" }, hours: 1 },
    { name: "the admin's, when shorter", saved: { session_hours: 8 }, web: 100, hours: 8 },
    {
      name: "the server's, when the admin's is longer",
      saved: { session_hours: "200" },
      web: 100,
      hours: 100,
    },
  ];
  for (const each of cases) {
    test(each.name, async () => {
      const { ServiceSettings: service } = world.mattermost.config;
      service.SessionLengthWebInHours = each.web ?? 720;
      service.SessionLengthSSOInHours = each.sso ?? 720;
      service.ExtendSessionLengthWithActivity = false;
      world.config.save({ ...each.saved });
      world.addAna({ AuthService: each.service ?? "" });
      const response = await world.post(world.v2());
      expect(world.sessionOf(response)?.ExpiresAt).toBe(world.now + each.hours * 3_600_000);
      expect(response.headers.getSetCookie()[0]).toContain(`Max-Age=${each.hours * 3600};`);
    });
  }

  test("cookies outlive it when the server extends sessions", async () => {
    world.mattermost.config.ServiceSettings.ExtendSessionLengthWithActivity = true;
    world.addAna();
    const response = await world.post(world.v2());
    expect(response.headers.getSetCookie()[0]).toContain(`Max-Age=${180 * 24 * 3600};`);
  });

  test("the admin's applies even when the server would extend the session", async () => {
    world.mattermost.config.ServiceSettings.ExtendSessionLengthWithActivity = true;
    world.config.save({ session_hours: 1 });
    world.addAna();
    world.identity.start();
    await world.identity.idle();
    const session = world.sessionOf(await world.post(world.v2()));
    await world.api.extendSessionExpiry(session?.Id ?? "", world.now + 720 * 3_600_000);
    const [sweep] = world.bus.jobs;
    world.now += 59 * 60_000;
    await sweep?.();
    expect(world.mattermost.sessions.size).toBe(1);
    world.now += 60_000;
    await sweep?.();
    expect(world.mattermost.sessions.size).toBe(0);
  });
});
