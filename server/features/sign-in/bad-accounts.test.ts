/** Tests verified people who must not get a session, because of who they are or what their account is. */

import type { Claims } from "../../microsoft/entra/testing/authority.ts";
import type { DirectoryFacts } from "../../people/directory.ts";
import type { ErrorCode } from "../../platform/errors.ts";
import type { Settings } from "../../platform/settings/index.ts";
import type { User } from "../../runtime/mattermost/index.ts";
import { type BadInput, refusesAll } from "./testing/refusals.ts";
import { PERSON } from "./testing/sign-in-world.ts";

interface State {
  readonly ana?: Partial<User> | null;
  readonly saved?: Partial<Record<keyof Settings, unknown>>;
  readonly claims?: Claims;
  readonly directory?: Partial<DirectoryFacts> | string;
  readonly version?: "v1" | "v2";
  /** How the account changes after the person was linked. */
  readonly later?: Partial<User>;
  readonly openServer?: boolean;
}

const refused = (name: string, code: ErrorCode, reason: string, state: State): BadInput => ({
  name,
  given: async (world) => {
    if (state.openServer) {
      world.mattermost.config.TeamSettings.EnableOpenServer = true;
    }
    world.config.save(state.saved ?? {});
    const ana = state.ana === null ? null : world.addAna(state.ana);
    const { directory } = state;
    if (typeof directory === "string") {
      const final = !directory.startsWith("unreachable");
      world.directoryAnswer = { ok: false, why: directory, ...(final ? { final } : {}) };
    }
    if (typeof directory === "object")
      world.directoryAnswer = {
        ok: true,
        facts: { objectId: PERSON, addresses: ["ana@example.com"], guest: false, ...directory },
      };
    if (!state.later || !ana) return;
    await world.post(world[state.version ?? "v2"](state.claims));
    world.mattermost.putUser({ ...ana, ...state.later });
    world.now += 60_000;
  },
  send: (world) => world.post(world[state.version ?? "v2"](state.claims)),
  code,
  reason,
});

const admin = "system_user system_admin";
const hook = { AuthService: "office365", AuthData: "44444444-4444-4444-8444-444444444444" };

refusesAll({
  group: "accounts",
  control: (world) => world.post(world.v1()),
  cases: [
    refused("no account", "no_account", "no_account", { ana: null }),
    refused("an account with another address", "no_account", "no_account", {
      ana: { Email: "anna@example.com" },
    }),
    refused("a token without any address", "no_account", "no_account", {
      claims: { preferred_username: undefined },
    }),
    refused("an address that nobody vouches for", "no_account", "no_account", {
      ana: { Email: "ana@victim.example" },
      claims: { email: "ana@victim.example" },
    }),
    refused("a bot", "no_account", "no_account", { ana: { IsBot: true } }),
    refused("a person of another server", "no_account", "no_account", { ana: { RemoteId: "r".repeat(26) } }),
    refused("deactivated", "account_deactivated", "deactivated", { ana: { DeleteAt: 1 } }),
    refused("deactivated since", "account_deactivated", "deactivated", { ana: {}, later: { DeleteAt: 1 } }),
    refused("made a bot since", "no_account", "bot", { ana: {}, later: { IsBot: true } }),
    refused("taken over by another server since", "no_account", "remote", {
      ana: {},
      later: { RemoteId: "r" },
    }),
    refused("office365 of another person", "account_conflict", "other_auth_data", { ana: hook }),
    refused("office365 of nobody", "account_conflict", "other_auth_data", {
      ana: { ...hook, AuthData: null },
    }),
    refused("moved to office365 of another person", "account_conflict", "other_auth_data", {
      ana: {},
      later: hook,
    }),
    {
      ...refused("linked to another person", "account_conflict", "account_taken", {}),
      given: async (world) => {
        world.addAna();
        await world.post(world.v2({ oid: "44444444-4444-4444-8444-444444444444" }));
      },
    },
    {
      ...refused("two accounts for two addresses", "account_conflict", "ambiguous", {
        claims: { email: "ana.maria@example.com" },
      }),
      given: (world) => {
        world.addAna();
        world.mattermost.addUser({ Username: "anamaria", Email: "ana.maria@example.com" });
      },
    },
  ],
});

refusesAll({
  group: "policies, as they are set from the start",
  control: (world) => world.post(world.v2()),
  cases: [
    refused("a guest by acct", "guest_refused", "guest", { claims: { acct: 1 } }),
    refused("a guest by idp", "guest_refused", "guest", {
      claims: { idp: "https://sts.windows.net/99999999-9999-4999-8999-999999999999/" },
    }),
    refused("a guest with a personal account", "guest_refused", "guest", { claims: { idp: "live.com" } }),
    refused("a guest by name", "guest_refused", "guest", {
      claims: { preferred_username: "ana_home.example#EXT#@example.com" },
    }),
    refused("a guest by the directory", "guest_refused", "guest", { directory: { guest: true } }),
    refused("a system admin whom only the token names", "system_admin_refused", "system_admin", {
      ana: { Roles: admin },
    }),
    refused("a member who became system admin", "system_admin_refused", "system_admin", {
      ana: {},
      later: { Roles: admin },
    }),
    refused("a second factor that the token does not know of", "mfa_required", "mfa", {
      ana: { MfaActive: true },
    }),
    refused("a second factor, and the token names a password", "mfa_required", "mfa", {
      ana: { MfaActive: true },
      claims: { amr: ["pwd"] },
      version: "v1",
    }),
    refused("a second factor, and amr is text", "mfa_required", "mfa", {
      ana: { MfaActive: true },
      claims: { amr: "mfa" },
      version: "v1",
    }),
    refused("a second factor since", "mfa_required", "mfa", { ana: {}, later: { MfaActive: true } }),
    refused("an address nobody confirmed, on a server open to all", "email_unverified", "email_unverified", {
      ana: { EmailVerified: false },
      openServer: true,
    }),
    refused("the directory speaks of another person", "sign_in_refused", "directory_mismatch", {
      directory: { objectId: "44444444-4444-4444-8444-444444444444" },
    }),
    refused("the directory knows another address", "no_account", "no_account", {
      directory: { addresses: ["anna@example.com"] },
    }),
    refused("the directory knows no address", "no_account", "no_account", { directory: { addresses: [] } }),
  ],
});

refusesAll({
  group: "policies, as an admin may set them",
  given: (world) => world.config.save({ allowed_email_domains: "example.com, example.org" }),
  control: (world) => world.post(world.v2()),
  cases: [
    refused("another domain", "email_domain_refused", "email_domain", {
      saved: { allowed_email_domains: "other.example" },
    }),
    refused("a domain that ends alike", "email_domain_refused", "email_domain", {
      saved: { allowed_email_domains: "ple.com" },
    }),
    refused("a parent domain", "email_domain_refused", "email_domain", {
      ana: { Email: "ana@mail.example.com" },
      claims: { preferred_username: "ana@mail.example.com" },
    }),
    ...["*.other.example", "other.example.", "example", "*.com*", "*", "none", "ana@example.com"].map(
      (typed) =>
        refused(`domains given as ${typed}`, "email_domain_refused", "email_domain", {
          saved: { allowed_email_domains: typed },
        }),
    ),
    refused("a domain beside one that cannot be read", "email_domain_refused", "email_domain", {
      saved: { allowed_email_domains: "other.example, münchen.example" },
    }),
    refused("a domain that ends like one below a wildcard", "email_domain_refused", "email_domain", {
      ana: { Email: "ana@badexample.com" },
      claims: { preferred_username: "ana@badexample.com" },
      saved: { allowed_email_domains: "*.example.com" },
    }),
    ...["Never", "nobody", false].map((typed) =>
      refused(`system admins given as ${typed}`, "system_admin_refused", "system_admin", {
        ana: { Roles: admin },
        saved: { system_admin_sign_in: typed },
        directory: {},
      }),
    ),
    refused("unconfirmed addresses given as Never", "email_unverified", "email_unverified", {
      ana: { EmailVerified: false },
      saved: { unverified_emails: "Never" },
    }),
    refused("the source given as Directory_Only", "directory_refused", "directory_refused", {
      saved: { email_source: "Directory_Only" },
      directory: "no_consent AADSTS65001",
    }),
    refused("a second factor given as none", "mfa_required", "mfa", {
      ana: { MfaActive: true },
      saved: { mfa_accounts: "none" },
      version: "v1",
    }),
    refused(
      "accounts are made, but for nobody while the domains cannot be read",
      "no_account",
      "provisioning_failed",
      {
        ana: null,
        saved: { provision_accounts: true, allowed_email_domains: "example" },
      },
    ),
    refused("system admins never, though the directory knows them", "system_admin_refused", "system_admin", {
      ana: { Roles: admin },
      saved: { system_admin_sign_in: "never" },
      directory: {},
    }),
    refused("accounts with a second factor never", "mfa_required", "mfa", {
      ana: { MfaActive: true },
      saved: { mfa_accounts: "never" },
      version: "v1",
    }),
    refused("unconfirmed addresses never", "email_unverified", "email_unverified", {
      ana: { EmailVerified: false },
      saved: { unverified_emails: "never" },
    }),
    refused("the directory alone, and it does not answer", "directory_unavailable", "directory_unavailable", {
      saved: { email_source: "directory_only" },
      directory: "unreachable network",
    }),
    refused("the directory alone, and Entra refuses it", "directory_refused", "directory_refused", {
      saved: { email_source: "directory_only" },
      directory: "no_consent AADSTS65001",
    }),
    refused("accounts are made, but not for guests", "no_account", "provisioning_failed", {
      ana: null,
      saved: { provision_accounts: true, allow_guests: true },
      claims: { acct: 1 },
    }),
    refused("accounts are made, but not without an address", "no_account", "provisioning_failed", {
      ana: null,
      saved: { provision_accounts: true },
      claims: { preferred_username: undefined },
    }),
    refused("accounts are made, but not of another domain", "no_account", "provisioning_failed", {
      ana: null,
      saved: { provision_accounts: true },
      claims: { preferred_username: "ana@other.example" },
    }),
    refused(
      "accounts are made, but not in place of a deactivated one",
      "account_deactivated",
      "deactivated",
      {
        ana: { DeleteAt: 1 },
        saved: { provision_accounts: true },
      },
    ),
  ],
});
