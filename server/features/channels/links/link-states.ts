/** The state of links for admins: the answer of `GET /api/v1/admin/channels/links`. */

import { foundOrNull } from "../../../people/found-or-null.ts";
import { atOnce } from "../../../platform/work/at-once.ts";
import type { Room } from "../room.ts";
import type { LinkWaiting } from "../work.ts";
import type { ChannelLink, Pause } from "./link-store.ts";
import { type TeamNames, teamNames } from "./team-names.ts";

export interface LinkStates {
  /**
   * The Teams account that posts for people without a connection; null: none is connected, or its connection is lost.
   */
  readonly botAccount: string | null;
  /** Newest first. */
  readonly links: readonly LinkState[];
}

/** All times are in milliseconds since 1970. */
export interface LinkState {
  readonly id: string;
  /** null: the channel or its team was deleted permanently. */
  readonly mattermost: {
    readonly channelId: string;
    readonly channel: string | null;
    readonly team: string | null;
    readonly isPrivate: boolean;
  };
  /** The names that Teams reported last; `membershipType` is `standard`, `private` or `shared`. */
  readonly teams: {
    readonly teamId: string;
    readonly channelId: string;
    readonly team: string;
    readonly channel: string;
    readonly membershipType: string;
  };
  readonly createdAt: number;
  /** User name of the person who linked them; null: the account is gone or disconnected. */
  readonly createdBy: string | null;
  /**
   * Why copying is paused: `mattermost_archived`, `teams_archived`, `teams_gone` or `tenant_changed`; with
   * `permission_missing`, Mattermost → Teams continues. null: everything is copied.
   */
  readonly paused: Pause | null;
  readonly pausedAt: number | null;
  /** When something was last copied in that direction, to the minute; null: never. */
  readonly lastToTeams: number | null;
  readonly lastToMattermost: number | null;
  /** Number of waiting changes, in both directions together and in each. */
  readonly waiting: number;
  readonly waitingToTeams: number;
  readonly waitingToMattermost: number;
  /** Since when the oldest of them has been waiting; null: none is. */
  readonly waitingSince: number | null;
  /** Changes that failed repeatedly; they are retried every half hour for a week. */
  readonly parked: number;
  /**
   * Messages that could not be copied since the link was created, and why the last one could not; their authors were
   * notified.
   */
  readonly failed: number;
  /** `not_connected`, `forbidden`, `gone`, `too_large`, `refused` or `expired`. */
  readonly lastFailure: string | null;
}

/** Server calls at the same time: a page of a thousand links must not slow down the members. */
const AT_ONCE = 16;

export async function linkStates(room: Room): Promise<LinkStates> {
  await room.links.reload();
  const [links, waiting, bot] = await Promise.all([
    room.links.all(),
    room.waiting(),
    room.people.botAccount(),
  ]);
  const teams = teamNames(room);
  const states: LinkState[] = [];
  await atOnce(links, AT_ONCE, async (link) => {
    states.push(await stateOf(room, link, teams, waiting.get(link.id)));
  });
  states.sort((one, other) => other.createdAt - one.createdAt || one.id.localeCompare(other.id));
  return { botAccount: bot?.account ?? null, links: states };
}

async function stateOf(
  room: Room,
  link: ChannelLink,
  teamName: TeamNames,
  waiting: LinkWaiting | undefined,
): Promise<LinkState> {
  const { api } = room.ports;
  const [channel, creator, state] = await Promise.all([
    foundOrNull(api.getChannel(link.channelId)),
    link.createdBy === "" ? null : foundOrNull(api.getUser(link.createdBy)),
    room.progress.read(link.id),
  ]);
  const ways = waiting ? [waiting.toTeams, waiting.toMattermost] : [];
  const [waitingToTeams = 0, waitingToMattermost = 0] = ways.map((way) => way.waiting);
  const since = ways.flatMap(({ oldestAt }) => oldestAt ?? []);
  return {
    id: link.id,
    mattermost: {
      channelId: link.channelId,
      channel: channel?.DisplayName ?? null,
      team: channel ? await teamName(channel.TeamId) : null,
      isPrivate: link.isPrivate,
    },
    teams: {
      ...{ teamId: link.teamId, channelId: link.teamsChannelId },
      ...{ team: link.teamName, channel: link.teamsChannelName, membershipType: link.membershipType },
    },
    ...{ createdAt: link.createdAt, createdBy: creator?.Username ?? null },
    ...{ paused: link.paused, pausedAt: link.pausedAt },
    ...{ lastToTeams: state.lastToTeams, lastToMattermost: state.lastToMattermost },
    waiting: waitingToTeams + waitingToMattermost,
    ...{ waitingToTeams, waitingToMattermost },
    waitingSince: since.length > 0 ? Math.min(...since) : null,
    parked: ways.reduce((sum, way) => sum + way.parked, 0),
    ...{ failed: state.failed, lastFailure: state.lastFailure },
  };
}
