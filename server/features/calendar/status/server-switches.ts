/**
 * Reads which kinds of status the server has switched on. If the server does not say, both are on, as by default.
 */

import type { Config } from "../../../runtime/mattermost/index.ts";

export interface ServerSwitches {
  readonly statuses: boolean;
  readonly custom: boolean;
}

export function serverSwitches(config: Config | null): ServerSwitches {
  if (!config) return { statuses: true, custom: true };
  return {
    statuses: config.ServiceSettings.EnableUserStatuses,
    custom: config.TeamSettings.EnableCustomUserStatuses,
  };
}
