/** Teams chats in Mattermost. */

import { count, flag, flagOn, optional } from "../rule.ts";
import { restricting, section } from "../section.ts";

export const chatsSettings = section("features", {
  chats_enabled: restricting(flag, false),
  /** The member's switch after connecting. */
  chats_default_on: restricting(flagOn, false),
  /** Replies in the thread of a Teams message go to Teams. */
  chats_reply: restricting(flag, false),
  /** A larger file becomes a line with a link; the server's own limit is checked too. */
  chats_max_file_size_mb: restricting(optional(count([0, 20, 100_000])), 0),
});
