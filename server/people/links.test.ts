import { describe, expect, test } from "bun:test";
import { PERSON, TENANT } from "../microsoft/entra/testing/authority.ts";
import type { User } from "../runtime/mattermost/index.ts";
import { OTHER_PERSON, openLinks, reason, signIn, world } from "./testing/linked-person.ts";

openLinks();

const change = (user: User, part: Partial<User>) => world.mattermost.putUser({ ...user, ...part });

describe("a link survives changes of names and addresses", () => {
  test("when the account was renamed and has another address", async () => {
    const ana = world.addAna();
    await signIn();
    change(ana, { Username: "anna", Email: "anna@elsewhere.example" });
    const response = await signIn();
    expect(world.sessionOf(response)?.UserId).toBe(ana.Id);
  });

  test("when Entra has another address for the person, which is now another account's", async () => {
    const ana = world.addAna();
    world.mattermost.addUser({ Username: "ben", Email: "ben@example.com" });
    await signIn();
    const response = await signIn({ preferred_username: "ben@example.com" });
    expect(world.sessionOf(response)?.UserId).toBe(ana.Id);
  });

  test("a deactivated account is refused, and accepted when it is activated again", async () => {
    const ana = world.addAna();
    await signIn();
    world.mattermost.setActive(ana.Id, false);
    expect((await signIn()).status).toBe(403);
    expect(reason()).toBe("deactivated");
    world.mattermost.setActive(ana.Id, true);
    expect((await signIn()).status).toBe(200);
  });

  test("an account that was deleted permanently and created again is linked again", async () => {
    const ana = world.addAna();
    await signIn();
    world.mattermost.users.delete(ana.Id);
    const successor = world.addAna();
    expect(world.sessionOf(await signIn())?.UserId).toBe(successor.Id);
  });
});

describe("one person has one account", () => {
  test("another person with the same address is refused until an admin unlinks", async () => {
    const ana = world.addAna();
    await signIn();
    const back = { oid: OTHER_PERSON };
    expect((await signIn(back)).status).toBe(403);
    expect(reason()).toBe("account_taken");
    expect(await world.identity.links.unlink(ana.Id)).toBe(true);
    expect((await signIn(back)).status).toBe(200);
    expect((await signIn()).status).toBe(403);
  });

  test("the same oid in another tenant is another person", async () => {
    world.addAna();
    await signIn();
    const elsewhere = { tenantId: "99999999-9999-4999-8999-999999999999", objectId: PERSON };
    expect(await world.identity.links.store.read(elsewhere)).toBeNull();
    expect(await world.identity.links.store.read({ tenantId: TENANT, objectId: PERSON })).not.toBeNull();
  });

  test("after a move to another tenant its people take over the accounts, and not before", async () => {
    const ana = world.addAna();
    const before = { tenantId: TENANT, objectId: PERSON };
    const session = world.sessionOf(await signIn());
    const { store } = world.identity.links;
    const after = { tenantId: "99999999-9999-4999-8999-999999999999", objectId: OTHER_PERSON };
    expect(await store.claim({ ...after, tenantId: TENANT }, ana.Id, "token")).toEqual({
      outcome: "account_taken",
    });
    expect(await store.claim(after, ana.Id, "token")).toMatchObject({ outcome: "linked", created: true });
    expect(await store.byAccount(ana.Id)).toMatchObject(after);
    // Nothing of the former tenant opens the account any more.
    expect(await store.read(before)).toBeNull();
    expect(world.mattermost.sessions.has(session?.Id ?? "")).toBe(false);
    expect(session).toBeDefined();
  });

  test("a claim that came too late is released", async () => {
    const ana = world.addAna();
    const ben = world.mattermost.addUser({ Username: "ben" });
    await signIn();
    const { store } = world.identity.links;
    const claim = await store.claim({ tenantId: TENANT, objectId: PERSON }, ben.Id, "token");
    expect(claim).toMatchObject({ created: false, seen: { record: { userId: ana.Id } } });
    expect(await store.byAccount(ben.Id)).toBeNull();
  });

  test("with two accounts for one person, none is chosen", async () => {
    world.addAna();
    world.mattermost.addUser({ Username: "ana2", Email: "ana.example@example.com" });
    expect((await signIn({ email: "ana.example@example.com" })).status).toBe(403);
    expect(reason()).toBe("ambiguous");
  });

  test("a deactivated account among two is ignored", async () => {
    const old = world.mattermost.addUser({ Username: "ana-old", Email: "ana.example@example.com" });
    world.mattermost.setActive(old.Id, false);
    const ana = world.addAna();
    expect(world.sessionOf(await signIn({ email: "ana.example@example.com" }))?.UserId).toBe(ana.Id);
  });
});

describe("accounts with another sign-in method", () => {
  for (const AuthService of ["", "email", "ldap", "saml", "openid", "gitlab", "google"]) {
    test(`${AuthService || "password"}: welcome`, async () => {
      world.addAna({ AuthService });
      expect((await signIn()).status).toBe(200);
    });
  }
  test("office365 with this person's object id is accepted", async () => {
    world.addAna({ AuthService: "office365", AuthData: PERSON });
    const session = world.sessionOf(await signIn());
    expect(session?.Props).toMatchObject({ isOAuthUser: "true", isSaml: "false" });
  });
  for (const AuthData of [OTHER_PERSON, "", null]) {
    test(`office365 with ${AuthData || "no"} auth data: refused`, async () => {
      world.addAna({ AuthService: "office365", AuthData });
      expect((await signIn()).status).toBe(403);
      expect(reason()).toBe("other_auth_data");
    });
  }
  test("an account that moved to office365 for another person after it was linked is refused", async () => {
    const ana = world.addAna();
    await signIn();
    change(ana, { AuthService: "office365", AuthData: OTHER_PERSON });
    expect((await signIn()).status).toBe(403);
  });
});

describe("the directory has precedence over the token", () => {
  const facts = (part = {}) => ({
    ok: true as const,
    facts: { objectId: PERSON, addresses: ["ana@example.com"], guest: false, ...part },
  });

  test("mail is looked up first, then the principal name", async () => {
    const ana = world.addAna({ Email: "ana.maria@example.com" });
    world.directoryAnswer = facts({ addresses: ["ana.maria@example.com", "ana@example.com"] });
    expect(world.sessionOf(await signIn())?.UserId).toBe(ana.Id);
    expect(world.audits.at(-1)?.linked).toBe("directory");
  });

  test("the token's address is ignored when the directory has another", async () => {
    world.addAna();
    world.directoryAnswer = facts({ addresses: ["somebody@example.com"] });
    expect((await signIn()).status).toBe(403);
    expect(reason()).toBe("no_account");
  });

  test("a directory entry of another person is refused", async () => {
    world.addAna();
    world.directoryAnswer = facts({ objectId: OTHER_PERSON });
    expect((await signIn()).status).toBe(401);
    expect(reason()).toBe("directory_mismatch");
  });

  test("a guest according to the directory alone is a guest", async () => {
    world.addAna();
    world.directoryAnswer = facts({ guest: true });
    expect((await signIn()).status).toBe(403);
    expect(reason()).toBe("guest");
    world.config.save({ allow_guests: true });
    expect((await signIn()).status).toBe(200);
  });

  test("the directory is asked once, at the first sign-in", async () => {
    world.addAna();
    let asked = 0;
    world.directoryAnswer = () => {
      asked++;
      return facts();
    };
    await signIn();
    await signIn();
    expect(asked).toBe(1);
  });

  test("when the directory does not answer and the admin requires it, the person must come back later", async () => {
    world.addAna();
    world.config.save({ email_source: "directory_only" });
    world.directoryAnswer = { ok: false, why: "unreachable network" };
    expect((await signIn()).status).toBe(503);
    expect(world.audits.at(-1)).toMatchObject({
      reason: "directory_unavailable",
      detail: "unreachable network",
    });
    world.directoryAnswer = facts();
    expect((await signIn()).status).toBe(200);
  });
});

describe("addresses are compared letter by letter", () => {
  const cases: { name: string; account: string; claim: string; match: boolean }[] = [
    { name: "other case", account: "ana@example.com", claim: "Ana@Example.COM", match: true },
    {
      name: "the Kelvin sign is not a k",
      account: "kim@example.com",
      claim: "\u212Aim@example.com",
      match: false,
    },
    {
      name: "a dotless i is not an i",
      account: "kim@example.com",
      claim: "k\u0131m@example.com",
      match: false,
    },
    { name: "a long s is not an s", account: "sam@example.com", claim: "\u017Fam@example.com", match: false },
    {
      name: "a plus tag is another address",
      account: "ana@example.com",
      claim: "ana+x@example.com",
      match: false,
    },
    { name: "a dot is a letter", account: "ana@example.com", claim: "a.na@example.com", match: false },
    { name: "a space at the end", account: "ana@example.com", claim: "ana@example.com ", match: false },
    { name: "a subdomain", account: "ana@example.com", claim: "ana@mail.example.com", match: false },
  ];
  for (const each of cases) {
    test(each.name, async () => {
      world.addAna({ Email: each.account });
      expect((await signIn({ preferred_username: each.claim })).status).toBe(each.match ? 200 : 403);
    });
  }
});

describe("an account that is found must be the one that was asked for", () => {
  test("a server that finds a similar address is not trusted", async () => {
    const ana = world.addAna();
    // As a database with an accent-insensitive collation would.
    world.mattermost.userByEmail = () => ana;
    expect((await signIn({ preferred_username: "änä@example.com" })).status).toBe(403);
    expect(reason()).toBe("no_account");
  });
});
