/** Settings of the calendar. */

import { choice, flag, grant } from "../rule.ts";
import { restricting, section } from "../section.ts";

const userIds = grant("user_ids", (id) => /^[a-z0-9]{26}$/.test(id));

export const calendarSettings = section("features", {
  calendar_enabled: restricting(flag, false),
  /** These people may use the calendar's admin commands, as system admins may, and get a copy of its log. */
  calendar_admin_user_ids: restricting(userIds, []),
  calendar_admin_log_level: restricting(choice("none", "debug", "info", "warn", "error"), "none"),
  calendar_admin_log_verbose: restricting(flag, false),
});
