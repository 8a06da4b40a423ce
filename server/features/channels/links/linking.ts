/** Decides who may link what, in the order of reasons in docs/channels.md, and creates and removes links. */

import { GraphError, passing } from "../../../microsoft/graph/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import { ProductError } from "../../../platform/errors.ts";
import { channelsSettings } from "../../../platform/settings/sections/channels.ts";
import type { Channel } from "../../../runtime/mattermost/index.ts";
import type { Room } from "../room.ts";
import type { ChannelFacts, Place, TeamFacts } from "../teams-api.ts";
import { isUnconnected, plain } from "../to-teams/failures.ts";
import type { ChannelWord, Refusal } from "../words.ts";
import type { ChannelLink } from "./link-store.ts";

export interface Asker {
  readonly userId: string;
  /** The Mattermost channel. */
  readonly channelId: string;
}

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly values?: Readonly<Record<string, string>>;
}

const refused = (refusal: Refusal, values?: Refused["values"]): Refused => ({
  ok: false,
  refusal,
  ...(values ? { values } : {}),
});

const DAY_MS = 24 * 3_600_000;
export const MAX_COPY_DAYS = 30;

/** The checks before any request to Microsoft: read access, kind of channel, guest, channel admin. */
export async function mayManage(
  room: Room,
  { userId, channelId }: Asker,
): Promise<{ readonly ok: true; readonly channel: Channel } | Refused> {
  const { api } = room.ports;
  const channel = await foundOrNull(api.getChannel(channelId));
  if (!channel || !(await api.hasPermissionToChannel(userId, channelId, { Id: "read_channel" })))
    return refused("no_such_channel");
  if (channel.Type === "D" || channel.Type === "G") return refused("direct_channel");
  const user = await api.getUser(userId);
  if (user?.Roles.split(" ").includes("system_guest")) return refused("guest");
  if (!(await api.hasPermissionToChannel(userId, channelId, { Id: "manage_channel_roles" })))
    return refused("not_channel_admin");
  return { ok: true, channel };
}

export interface LinkRequest extends Asker, Place {
  /** Also copies messages of this many days before the link. */
  readonly days?: number;
}

export type LinkOutcome =
  | {
      readonly ok: true;
      readonly link: ChannelLink;
      readonly warning: ChannelWord | null;
      readonly account: string;
      /** Number of people in the Teams channel without a connected account here; 0 when it cannot be known. */
      readonly namesOnly: number;
    }
  | Refused;

export async function makeLink(room: Room, request: LinkRequest): Promise<LinkOutcome> {
  const { clock, config } = room.ports;
  const asked = await mayManage(room, request);
  if (!asked.ok) return asked;
  const free = await isFree(room, request, asked.channel);
  if (!free.ok) return free;
  const seen = await seeTeamsChannel(room, request);
  if (!seen.ok) return seen;
  const bot = await lookAsBot(room, request, seen.channel);
  if (!bot.ok) return bot;
  const now = clock.now();
  const days = Math.min(Math.max(0, request.days ?? 0), MAX_COPY_DAYS);
  const link: ChannelLink = {
    v: 1,
    id: linkId(),
    channelId: request.channelId,
    ...{ teamId: request.teamId, teamsChannelId: request.teamsChannelId },
    membershipType: seen.channel.membershipType,
    ...{ teamName: seen.team.displayName, teamsChannelName: seen.channel.displayName },
    tenantId: config.current.registration?.tenantId ?? "",
    ...{ createdBy: request.userId, createdAt: now, paused: null, pausedAt: null },
    ...{ isPrivate: asked.channel.Type === "P", inTeam: asked.channel.TeamId },
    // The person who links the channel reads that now.
    notices: bot.warning === "no_bot_account" ? ["bot_missing"] : [],
    copySince: days > 0 ? now - days * DAY_MS : null,
  };
  const taken = await room.links.create(link);
  if (taken) return refused(taken);
  await room.progress.change(link.id, (state) => ({ ...state, seenUntil: now }));
  await announce(room, link, "linked", request.userId);
  const namesOnly = await countNamesOnly(room, request);
  return { ok: true, link, warning: bot.warning, account: bot.account, namesOnly };
}

const MAX_COUNTED = 500;

/** Linking does not depend on it: a person who may not list the members gets no number. */
async function countNamesOnly(room: Room, request: LinkRequest): Promise<number> {
  const credential = room.ports.connections.credential(request.userId);
  const members = await room.teams.members(request, { credential }).catch(() => []);
  let count = 0;
  for (const { userId } of members.slice(0, MAX_COUNTED)) {
    const isBot = userId !== null && (await room.people.isBotAccount(userId));
    if (!isBot && !(userId && (await room.people.byObjectId(userId))?.connected)) count += 1;
  }
  return count;
}

const LETTERS = "ybndrfg8ejkmcpqxot1uwisza345h769";
/** In the form of Mattermost's own ids. */
const linkId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(26)), (byte) => LETTERS[byte % 32]).join("");

async function isFree(
  room: Room,
  request: LinkRequest,
  channel: Channel,
): Promise<{ readonly ok: true } | Refused> {
  const { api, config, isSystemAdmin } = room.ports;
  if (channel.DeleteAt > 0) return refused("archived_channel");
  // Linking makes a private channel's content leave it: more than a channel admin may decide.
  if (channel.Type === "P" && !(await isSystemAdmin(request.userId))) return refused("private_channel");
  const enabled = config.current.section(channelsSettings).channels_enabled_teams;
  const team = await foundOrNull(api.getTeam(channel.TeamId));
  if (enabled.length > 0 && !(team && enabled.includes(team.Name))) return refused("team_not_enabled");
  if (await room.links.whoHas({ channelId: request.channelId })) return refused("mattermost_taken");
  const other = await room.links.whoHas(request);
  if (!other) return { ok: true };
  const place = await foundOrNull(api.getChannel(other.channelId));
  const named = place && (await api.hasPermissionToChannel(request.userId, place.Id, { Id: "read_channel" }));
  return named
    ? refused("teams_taken_by", { channel: `**${plain(place.DisplayName)}**` })
    : refused("teams_taken");
}

/** Uses the person's own permissions: what they cannot read they cannot link. */
async function seeTeamsChannel(
  room: Room,
  request: LinkRequest,
): Promise<{ readonly ok: true; readonly team: TeamFacts; readonly channel: ChannelFacts } | Refused> {
  if ((await room.people.connectedObjectId(request.userId)) === null) return refused("connect_first");
  const credential = room.ports.connections.credential(request.userId);
  try {
    const team = await room.teams.team(request.teamId, credential);
    const channel = await room.teams.channel(request, credential);
    await room.teams.mustRead(request, credential);
    return { ok: true, team, channel };
  } catch (error) {
    if (isUnconnected(error)) return refused("connect_first");
    if (passing(error)) return refused("teams_unreachable");
    if (error instanceof GraphError) return refused("teams_not_visible");
    if (error instanceof ProductError) return refused("teams_unreachable");
    throw error;
  }
}

type BotLook =
  | { readonly ok: true; readonly warning: ChannelWord | null; readonly account: string }
  | Refused;

/** Private and shared channels have their own members, and the bot account must be one of them. */
async function lookAsBot(room: Room, request: LinkRequest, channel: ChannelFacts): Promise<BotLook> {
  const bot = await room.people.botAccount();
  if (!bot) return { ok: true, warning: "no_bot_account", account: "" };
  const account = plain(bot.account);
  try {
    await room.teams.mustRead(request, bot.credential);
    return { ok: true, warning: null, account };
  } catch (error) {
    if (passing(error)) return { ok: true, warning: null, account };
    if (channel.membershipType !== "standard") return refused("bot_cannot_read", { account });
    return { ok: true, warning: isUnconnected(error) ? "no_bot_account" : "bot_cannot_read", account };
  }
}

export async function endLink(room: Room, asker: Asker): Promise<{ readonly ok: true } | Refused> {
  const asked = await mayManage(room, asker);
  if (!asked.ok) return asked;
  const link = await room.links.whoHas({ channelId: asker.channelId });
  if (!link) return refused("not_linked");
  await removeLink(room, link, asker.userId);
  return { ok: true };
}

/** A long history is cleared in the background. */
const CLEAR_MS = 2_000;

export async function removeLink(room: Room, link: ChannelLink, userId: string): Promise<void> {
  await room.ended.begin(link.id);
  await room.links.remove(link);
  const cleared = room
    .idle(link.id)
    .then((idle) => room.ended.clear(link.id, { idle }))
    // The node that manages the links tries again.
    .catch((error: unknown) =>
      room.ports.log.warn("The records of an ended link were not removed", { link: link.id, error }),
    );
  await announce(room, link, "unlinked", userId);
  await Promise.race([cleared, room.ports.clock.sleep(CLEAR_MS, new AbortController().signal)]);
}

/** Posts a notice for everybody in the channel. The link stays even when the server refuses the notice. */
async function announce(
  room: Room,
  link: ChannelLink,
  word: "linked" | "unlinked",
  userId: string,
): Promise<void> {
  const { api, bot, log } = room.ports;
  const user = await foundOrNull(api.getUser(userId));
  const say = await room.say();
  const values = { channel: plain(link.teamsChannelName), team: plain(link.teamName) };
  const text = say(word, { ...values, user: user ? `@${user.Username}` : "" });
  await bot
    .post(link.channelId, { text })
    .catch((error: unknown) =>
      log.warn("A notice could not be posted in a linked channel", { link: link.id, error }),
    );
}
