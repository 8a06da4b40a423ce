/** Settings of notifications in the Teams activity feed. */

import { choice, flag, optional, wholeNumber } from "../rule.ts";
import { plain, restricting, section } from "../section.ts";

/** A late notification is worse than none: nobody wants yesterday's mention at 3 am. */
const expiry = optional(
  wholeNumber([5, 120, 1440], {
    number: "not_minutes",
    whole: "whole_minutes",
    min: { code: "min_minutes", values: { min: 5 } },
    max: { code: "max_minutes", values: { max: 1440 } },
  }),
);

export const activitySettings = section("notifications", {
  disable_user_activity_notifications: restricting(flag, true),
  /** The most that an activity may show. The server's own push setting applies when it is stricter. */
  notification_content: restricting(choice("server", "sender_and_channel", "sender", "nothing"), "nothing"),
  notification_expiry_minutes: plain(expiry),
  /**
   * For members who have not chosen: opt-in sends nothing until they switch it on; only-when-away sends nothing while
   * they are online.
   */
  notification_opt_in: restricting(flag, true),
  notification_only_when_away: restricting(flag, true),
});
