/** Calls the routes of linked channels (server/features/channels) from the web app. */

import { send } from "../console/api.ts";

export interface TeamsPlace {
  readonly id: string;
  readonly name: string;
}

export interface TeamsChannel extends TeamsPlace {
  /** `standard`, `private`, `shared` */
  readonly membershipType: string;
  /** Whether it is linked to any Mattermost channel. */
  readonly linked: boolean;
}

export interface LinkState {
  readonly linked: boolean;
  readonly mayManage: boolean;
  /** The reason why not: `guest`, `not_channel_admin`, … */
  readonly reason?: string;
  readonly team?: string;
  readonly channel?: string;
  readonly membershipType?: string;
  /** Why copying is paused; null while it is not. */
  readonly paused?: string | null;
  /** Milliseconds since 1970. */
  readonly since?: number;
}

export type Comparison =
  | {
      readonly compared: true;
      readonly mattermost: number;
      readonly teams: number;
      /** At most 200 names. */
      readonly onlyInMattermost: readonly string[];
      readonly onlyInTeams: readonly string[];
      readonly onlyInMattermostCount: number;
      readonly onlyInTeamsCount: number;
    }
  | { readonly compared: false; readonly mattermost: number };

export interface Made {
  readonly team: string;
  readonly channel: string;
  /** In the person's language. */
  readonly warning?: string;
}

export interface ChannelsApi {
  link(channelId: string): Promise<LinkState>;
  teams(search: string): Promise<readonly TeamsPlace[]>;
  channels(teamId: string, search: string): Promise<readonly TeamsChannel[]>;
  compare(channelId: string, teamId: string, teamsChannelId: string): Promise<Comparison>;
  create(link: {
    readonly channelId: string;
    readonly teamId: string;
    readonly teamsChannelId: string;
    readonly days: number;
  }): Promise<Made>;
  remove(channelId: string): Promise<void>;
}

export function createChannelsApi(request: typeof send = send): ChannelsApi {
  const path = "/api/v1/channels";
  const get = async <T>(rest: string): Promise<T> => (await request("GET", path + rest)).json();
  const one = encodeURIComponent;
  return {
    link: (channelId) => get(`/links/${one(channelId)}`),
    teams: async (search) =>
      (await get<{ teams: TeamsPlace[] }>(`/teams?${new URLSearchParams({ search })}`)).teams,
    channels: async (teamId, search) =>
      (
        await get<{ channels: TeamsChannel[] }>(
          `/teams/${one(teamId)}/channels?${new URLSearchParams({ search })}`,
        )
      ).channels,
    compare: (channel_id, team_id, teams_channel_id) =>
      get(`/compare?${new URLSearchParams({ channel_id, team_id, teams_channel_id })}`),
    create: async (link) => (await request("POST", `${path}/links`, JSON.stringify(link))).json(),
    async remove(channelId) {
      await request("DELETE", `${path}/links/${one(channelId)}`);
    },
  };
}
