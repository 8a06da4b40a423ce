/** Settings: who may connect a Microsoft account, and whom the plugin asks to connect. */

import { count, flag, isTeamName, list } from "../rule.ts";
import { plain, restricting, section } from "../section.ts";

export const accountsSettings = section("accounts", {
  /** 0 stops new connections; people who were connected before may always reconnect. */
  connected_accounts_limit: restricting(count([0, 1000, 1_000_000]), 0),
  connected_accounts_restricted: restricting(flag, true),
  connect_different_email: restricting(flag, false),
  /** Limit of unanswered invitations. 0: nobody is invited. */
  pending_invitations_limit: restricting(count([0, 0, 100_000]), 0),
  enforce_connected_accounts: restricting(flag, true),
  allow_skip_connecting: restricting(flag, false),
  /** Members of these teams are asked to connect. Empty, which is also the strict fallback, means members of every team. */
  enforce_teams: plain(list("team_names", { isGood: isTeamName }), {
    placeholder: "operations, logistics",
  }),
});
