/** Checks of the account that a person enters, and of what admins may do with links. */

import { mutationsOf } from "./mutation.ts";

const router = "server/platform/http/router.ts";
const admission = "server/features/sign-in/admission.ts";
const signIn = "server/features/sign-in/sign-in.ts";
const settings = "server/platform/settings/section.ts";
const rules = "server/platform/settings/rule.ts";
const provision = "server/features/sign-in/provision.ts";
const routes = "server/people/link-routes.ts";
const accounts = "server/features/sign-in/bad-accounts.test.ts";
const links = "server/people/links.test.ts server/people/ended-links.test.ts";
const policies = "server/features/sign-in/policies.test.ts server/features/sign-in/policy-change.test.ts";
const admin = "server/features/sign-in/admin.test.ts";
const routerTests = "server/platform/http/router.test.ts";
const configured = "server/platform/settings/settings.test.ts";

export const accountMutations = mutationsOf([
  // The account.
  [
    admission,
    'return person.guest && !policies.allow_guests ? "guest" : null;',
    "return null;",
    accounts,
    "policies, as they are set from the start a guest by idp: guest",
  ],
  [admission, 'if (account.IsBot) return "bot";', "", accounts, "accounts made a bot since: bot"],
  [
    admission,
    'if (account.RemoteId) return "remote";',
    "",
    accounts,
    "accounts taken over by another server since: remote",
  ],
  [
    admission,
    'if (account.DeleteAt !== 0) return "deactivated";',
    "",
    accounts,
    "accounts deactivated since: deactivated",
  ],
  [
    admission,
    'if (account.AuthService === "office365" && account.AuthData !== person.objectId) return "other_auth_data";',
    "",
    accounts,
    "accounts office365 of another person: other_auth_data",
  ],
  [
    admission,
    'if (!isAllowedAddress(account.Email, policies.allowed_email_domains)) return "email_domain";',
    "",
    accounts,
    "policies, as an admin may set them another domain: email_domain",
  ],
  [
    admission,
    ": domain === entry,",
    ": domain.endsWith(entry),",
    accounts,
    "policies, as an admin may set them a domain that ends alike: email_domain",
  ],
  [
    admission,
    'if (isSystemAdmin(account) && !adminMaySignIn(basis, policies)) return "system_admin";',
    "",
    accounts,
    "policies, as they are set from the start a system admin whom only the token names: system_admin",
  ],
  [
    admission,
    ' && basis === "directory")',
    ")",
    accounts,
    "policies, as they are set from the start a member who became system admin: system_admin",
  ],
  [
    admission,
    'if (account.MfaActive && !secondFactorIsMet(person, policies)) return "mfa";',
    "",
    accounts,
    "policies, as they are set from the start a second factor that the token does not know of: mfa",
  ],
  [
    admission,
    " && person.multiFactor)",
    ")",
    accounts,
    "policies, as they are set from the start a second factor, and the token names a password: mfa",
  ],
  [
    admission,
    'policies.unverified_emails === "never" || serverIsOpen',
    'policies.unverified_emails === "never"',
    accounts,
    "policies, as they are set from the start an address nobody confirmed, on a server open to all: email_unverified",
  ],
  [
    admission,
    'if (second) return { refusal: "ambiguous" };',
    "",
    accounts,
    "accounts two accounts for two addresses: ambiguous",
  ],
  [
    admission,
    "found.filter(({ IsBot, RemoteId }) => !IsBot && !RemoteId)",
    "found",
    accounts,
    "accounts a bot: no_account",
  ],
  [
    admission,
    "address.replace(/[A-Z]/g, (letter) => letter.toLowerCase())",
    "address.toLowerCase()",
    links,
    "addresses are compared letter by letter the Kelvin sign is not a k",
  ],
  [
    signIn,
    "if (account && foldAddress(account.Email) === wanted[index])",
    "if (account)",
    links,
    "an account that is found must be the one that was asked for a server that finds a similar address is not trusted",
  ],
  [
    signIn,
    'if (facts.objectId !== person.objectId) return refuse("directory_mismatch");',
    "",
    accounts,
    "policies, as they are set from the start the directory speaks of another person: directory_mismatch",
  ],
  [
    signIn,
    'if (facts.guest && !policies.allow_guests) return refuse("guest");',
    "",
    accounts,
    "policies, as they are set from the start a guest by the directory: guest",
  ],
  [
    signIn,
    'if (policies.email_source === "directory_only")',
    "if (false)",
    accounts,
    "policies, as an admin may set them the directory alone, and it does not answer: directory_unavailable",
  ],
  [
    signIn,
    'if (claim.outcome === "account_taken") return refuse("account_taken", account.Id);',
    "",
    accounts,
    "accounts linked to another person: account_taken",
  ],
  [
    signIn,
    "const refused = refuseAccount(account, person, seen.record.basis, settings);",
    "const refused = null;",
    links,
    "a link survives changes of names and addresses a deactivated account is refused, and accepted when it is activated again",
  ],
  [
    provision,
    "if (person.guest)",
    "if (false)",
    accounts,
    "policies, as an admin may set them accounts are made, but not for guests: provisioning_failed",
  ],
  [
    provision,
    "if (!isAllowedAddress(email, settings.allowed_email_domains))",
    "if (false)",
    accounts,
    "policies, as an admin may set them accounts are made, but not of another domain: provisioning_failed",
  ],
  [
    provision,
    'if (channel?.Type === "O")',
    "if (channel)",
    policies,
    "new accounts get address, names and an unknown password, and join what the admin chose",
  ],
  [
    settings,
    'if (unreadable !== "default") values[key] = kept ?? unreadable.value;',
    "",
    configured,
    'an unreadable restriction falls back to its strict value and reports it system_admin_sign_in: "nobody"',
  ],
  [
    rules,
    "good.length > 0 ? good : NOBODY",
    "good",
    accounts,
    "policies, as an admin may set them domains given as none: email_domain",
  ],
  [
    admission,
    ".endsWith(entry.slice(1))",
    ".slice(1).endsWith(entry.slice(2))",
    accounts,
    "policies, as an admin may set them a domain that ends like one below a wildcard: email_domain",
  ],
  // Admin.
  [
    router,
    'if (!(await isSystemAdmin(userId))) throw new ProductError("not_allowed");',
    "",
    admin,
    "is only for system admins DELETE /api/v1/admin/links/x",
  ],
  [
    router,
    'if (!userId) throw new ProductError("not_signed_in");',
    'if (!userId) return "";',
    admin,
    "is only for system admins GET /api/v1/admin/links.csv",
  ],
  [
    router,
    "/*`, requireAdmin);",
    "/never`, requireAdmin);",
    routerTests,
    "the audience of a route GET /api/v1/admin/no/such/thing by a member: 403",
  ],
  [
    router,
    'if (audience !== "admin" && mayMatchAdminPath(path))',
    "if (false)",
    routerTests,
    "a route below the admin path for another audience /api/v1/admin/links is not mounted",
  ],
  [
    router,
    "const userId = await admit(audience, c.env, c.req.raw);",
    'const userId = c.env.userId ?? "";',
    routerTests,
    "the audience of a route GET /mine by nobody: 401",
  ],
  [routes, "/^[=+\\-@\\t\\r]/.test(text)", "false", admin, "the list of links the file contains no formulas"],
]);
