/** Settings of linked channels. */

import { flag, flagOn, isTeamName, NOBODY, restriction } from "../rule.ts";
import { restricting, section } from "../section.ts";

export const channelsSettings = section("features", {
  channels_enabled: restricting(flag, false),
  /** The Mattermost teams whose channels may be linked; empty: all teams. */
  channels_enabled_teams: restricting(restriction("team_names", { isGood: isTeamName }), NOBODY, {
    placeholder: "operations, logistics",
  }),
  /** When off, messages of Teams guests are not copied. */
  channels_sync_guests: restricting(flagOn, false),
});
