/** Settings: who may sign in to Mattermost with a Microsoft identity. */

import { GUID, pastedGuid } from "../pasted.ts";
import { choice, count, flag, list, NOBODY, restriction } from "../rule.ts";
import { plain, restricting, section } from "../section.ts";

const DOMAIN = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** E-mail domains. `*.example.com` means example.com and everything below it. */
const domains = restriction("domains", {
  isGood: (domain) => DOMAIN.test(domain),
  tidy: (text) => text.replace(/^@/, "").replace(/\.$/, ""),
});

const clientIds = list("guids", { isGood: (id) => GUID.test(id), tidy: pastedGuid });

export const signInSettings = section("sign_in", {
  /** `directory_only` refuses a first sign-in while the person's directory entry cannot be read. */
  email_source: restricting(choice("directory_or_token", "directory_only"), "directory_only"),
  /** About accounts with an unverified address: a stranger may have registered them in advance. */
  unverified_emails: restricting(choice("closed_server", "never"), "never"),
  allowed_email_domains: restricting(domains, NOBODY, { placeholder: "example.com, example.org" }),
  allow_guests: restricting(flag, false),
  system_admin_sign_in: restricting(choice("directory", "always", "never"), "never"),
  mfa_accounts: restricting(choice("claim", "trust_entra", "never"), "never"),
  provision_accounts: restricting(flag, false),
  provision_username: plain(choice("email", "user_principal_name")),
  provision_teams: restricting(list(), [], { placeholder: "operations" }),
  provision_channels: restricting(list(), [], { placeholder: "operations/announcements" }),
  /** 0: as long as the server's own sessions. Never longer than those. */
  session_hours: restricting(count([0, 0, 24 * 365]), 1, { placeholder: "0" }),
  /** Client IDs, besides Microsoft's well-known ones, that may request the tab's token. */
  additional_client_ids: restricting(clientIds, []),
});
