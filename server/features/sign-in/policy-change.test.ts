/** A change of the rules applies to sessions and to the next sign-in. */

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import { TestAuthority } from "../../microsoft/entra/testing/authority.ts";
import { isStricter, type Rule, ruleOf } from "./policy-change.ts";
import { SITE, SignInWorld, settings } from "./testing/sign-in-world.ts";

const authority = new TestAuthority();
afterAll(() => authority.stop());
let world: SignInWorld;
beforeEach(() => {
  world = new SignInWorld({ authority });
});
describe("a change of the rules", () => {
  const rule = (change: object = {}): Rule => {
    const made = ruleOf(buildConfig({ ...settings, ...change }, { siteUrl: SITE }));
    if (!made) throw new Error("no rule");
    return made;
  };
  const open = {
    allow_guests: true,
    system_admin_sign_in: "always",
    mfa_accounts: "trust_entra",
    allowed_email_domains: "a.example, b.example",
    additional_client_ids: "77777777-7777-4777-8777-777777777777",
    session_hours: 8,
  };
  const stricter: [name: string, change: object][] = [
    ["guests no longer", { allow_guests: false }],
    ["system admins by the directory only", { system_admin_sign_in: "directory" }],
    ["system admins never", { system_admin_sign_in: "never" }],
    ["second factor by the token", { mfa_accounts: "claim" }],
    ["second factor never", { mfa_accounts: "never" }],
    ["a domain less", { allowed_email_domains: "a.example" }],
    ["another domain", { allowed_email_domains: "a.example, c.example" }],
    ["domains that cannot be read", { allowed_email_domains: "example" }],
    ["a length that cannot be read", { session_hours: "8h" }],
    ["an answer for system admins that cannot be read", { system_admin_sign_in: "perhaps" }],
    ["a client less", { additional_client_ids: "" }],
    ["shorter sessions", { session_hours: 4 }],
    ["another tenant", { m365_tenant_id: "99999999-9999-4999-8999-999999999999" }],
    ["another client id", { m365_client_id: "88888888-8888-4888-8888-888888888888" }],
    ["another authority", { custom_login_url: "https://other.test" }],
  ];
  for (const [name, change] of stricter) {
    test(`${name}: stricter`, () => expect(isStricter(rule({ ...open, ...change }), rule(open))).toBe(true));
  }
  const notStricter: [name: string, change: object][] = [
    ["nothing", {}],
    ["a domain more", { allowed_email_domains: "a.example, b.example, c.example" }],
    ["a wildcard for one of them", { allowed_email_domains: "*.a.example, b.example" }],
    ["every domain", { allowed_email_domains: "" }],
    ["the order of domains", { allowed_email_domains: "b.example a.example" }],
    ["longer sessions", { session_hours: 9 }],
    ["as long as the server's", { session_hours: 0 }],
    ["the name of the app", { app_name: "Chat" }],
    ["how first links are made", { email_source: "directory_only", unverified_emails: "never" }],
  ];
  for (const [name, change] of notStricter) {
    test(`${name}: not stricter`, () =>
      expect(isStricter(rule({ ...open, ...change }), rule(open))).toBe(false));
  }
  test("the first list of domains is stricter than none", () =>
    expect(isStricter(rule({ allowed_email_domains: "a.example" }), rule())).toBe(true));

  test("ends the sessions of the tab, and those of nobody else", async () => {
    const ana = world.addAna();
    const browser = world.mattermost.addSession({ UserId: ana.Id });
    world.identity.start();
    await world.identity.idle();
    await world.post(world.v2());
    world.config.save({ app_name: "Chat" });
    world.identity.configurationChanged();
    await world.identity.idle();
    expect(world.mattermost.sessions.size).toBe(2);
    world.config.save({ mfa_accounts: "never" });
    world.identity.configurationChanged();
    await world.identity.idle();
    expect([...world.mattermost.sessions.keys()]).toEqual([browser.Id]);
    world.now += 60_000;
    expect((await world.post(world.v2())).status).toBe(200);
  });

  test("applies although the rule before it cannot be read: every session ends", async () => {
    world.addAna();
    world.identity.start();
    await world.identity.idle();
    await world.post(world.v2());
    for (const damaged of ["{", '{"rule":{},"enforced":true}']) {
      await world.api.kvSet("identity.rule", new TextEncoder().encode(damaged));
      world.config.save({ mfa_accounts: "never" });
      world.identity.configurationChanged();
      await world.identity.idle();
      expect(world.mattermost.sessions.size).toBe(0);
      world.now += 60_000;
      expect((await world.post(world.v2())).status).toBe(200);
    }
  });

  test("made while the plugin was off is applied at the start", async () => {
    world.addAna();
    world.identity.start();
    await world.identity.idle();
    await world.post(world.v2());
    const restarted = new SignInWorld({ authority, mattermost: world.mattermost });
    restarted.config.save({ mfa_accounts: "never" });
    restarted.identity.start();
    await restarted.identity.idle();
    expect(world.mattermost.sessions.size).toBe(0);
  });
});
