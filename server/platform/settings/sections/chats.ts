/** Settings of Teams chats in Mattermost. */

import { count, flag, flagOn, optional } from "../rule.ts";
import { restricting, section } from "../section.ts";

export const chatsSettings = section("features", {
  chats_enabled: restricting(flag, false),
  /** The default of the member's own switch after connecting. */
  chats_default_on: restricting(flagOn, false),
  /** Sends replies in the thread of a Teams message to Teams. */
  chats_reply: restricting(flag, false),
  /** A larger file is replaced by a link; the server's own limit applies too. */
  chats_max_file_size_mb: restricting(optional(count([0, 20, 100_000])), 0),
});
