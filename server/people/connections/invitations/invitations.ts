/**
 * Invites people by a direct message of the bot when they open the web app:
 *
 *   seen ─▶ rules ─▶ place in the pool (under the lock of the seats) ─▶ message ─▶ its id
 */

import type { Bot } from "../../../platform/bot/bot.ts";
import { type Language, languageOf } from "../../../platform/i18n/index.ts";
import type { Settings } from "../../../platform/settings/index.ts";
import type { Api, Cluster, Post, User } from "../../../runtime/mattermost/index.ts";
import { findPostSince } from "../../find-post.ts";
import type { ConnectionStore } from "../connection-store.ts";
import type { AllowedList } from "../seats/allowed-list.ts";
import { SEATS_LOCK } from "../seats/seats.ts";
import { inviteWords } from "./invite-words.ts";
import type { Invited } from "./invited.ts";

export interface InvitationPorts {
  readonly api: Pick<Api, "getUser" | "getPostsForChannel" | "getPostsSince">;
  readonly bot: Pick<Bot, "direct" | "directChannel" | "userId">;
  readonly cluster: Pick<Cluster, "lock">;
  readonly store: Pick<ConnectionStore, "once" | "entries" | "countOnce">;
  readonly allowed: Pick<AllowedList, "has">;
  readonly invited: Invited;
  readonly settings: () => InvitationRules;
  /** Whether connecting can work now. */
  readonly isPossible: () => Promise<boolean>;
  readonly link: () => string;
  /** Returns the props of a post with a button to connect. */
  readonly card: (userId: string, language: Language) => Promise<Readonly<Record<string, unknown>>>;
  readonly clock: () => number;
}

export type InvitationRules = Pick<
  Settings,
  "connected_accounts_limit" | "connected_accounts_restricted" | "pending_invitations_limit"
>;

export interface Invitations {
  /** The person has opened the web app. Has an effect at most once an hour, if Microsoft can be reached. */
  seen(userId: string): Promise<void>;
  /** Something relevant has changed: forgets who was seen within the hour. */
  reset(): void;
}

const HOUR_MS = 3_600_000;
/** Time allowed from the entry in the pool to the id of the message. */
const SENDING_TAKES_MS = 5 * 60_000;
/** The clocks of two nodes differ by less than this. */
const CLOCKS_MS = 10 * 60_000;
/** Marks the message, so that it can be found after a crash. */
export const INVITATION_PROP = "mission_collaboration_invitation";

export function createInvitations(ports: InvitationPorts): Invitations {
  const { allowed, api, bot, clock, cluster, invited, link, settings, store } = ports;
  /** When each person was last considered on this node. A connected person needs no entry. */
  const lastSeen = new Map<string, number>();

  function isFirstThisHour(userId: string): boolean {
    const now = clock();
    for (const [id, at] of lastSeen) {
      if (now - at < HOUR_MS) break;
      lastSeen.delete(id);
    }
    if (lastSeen.has(userId)) return false;
    lastSeen.set(userId, now);
    return true;
  }

  async function mayInvite(user: User): Promise<boolean> {
    if (!isInvitable(user) || isWeekend(clock(), zoneOf(user))) return false;
    if ((await store.once.get(user.Id)) !== null || (await store.entries.get(user.Id)) !== null) return false;
    return !settings().connected_accounts_restricted || (await allowed.has(user.Id));
  }

  async function reserve(user: User): Promise<boolean> {
    const lock = await cluster.lock(SEATS_LOCK);
    try {
      if (!(await mayInvite(user))) return false;
      const { connected_accounts_limit: seats, pending_invitations_limit: most } = settings();
      const free = seats - (await store.countOnce());
      return await invited.reserve(user.Id, clock(), Math.min(most, free));
    } finally {
      await lock.release();
    }
  }

  async function send(user: User): Promise<void> {
    const language = languageOf(user.Locale);
    const say = inviteWords.in(language);
    const name = plainName(user);
    const post = await bot.direct(user.Id, {
      text: say("invitation", { name, link: link() }),
      props: { ...(await ports.card(user.Id, language)), [INVITATION_PROP]: true },
    });
    await invited.sent(user.Id, post.Id);
  }

  /** The node that reserved the place stopped before it recorded the message. */
  async function finish(user: User, since: number): Promise<void> {
    const author = await bot.userId();
    const isInvitation = ({ Props, UserId }: Post) => UserId === author && Props[INVITATION_PROP] === true;
    const channelId = await bot.directChannel(user.Id);
    const sent = await findPostSince(api, channelId, since - CLOCKS_MS, isInvitation);
    if (sent) await invited.sent(user.Id, sent.Id);
    else await send(user);
  }

  return {
    reset: () => lastSeen.clear(),
    async seen(userId) {
      if (settings().pending_invitations_limit === 0 || !isFirstThisHour(userId)) return;
      const user = await api.getUser(userId);
      if (!user || !(await mayInvite(user))) return;
      const open = await invited.get(userId);
      if (open?.post !== undefined) return;
      if (open && clock() - open.at < SENDING_TAKES_MS) return;
      if (!(await ports.isPossible())) {
        // Entra may answer again in a moment: that must not cost the person an hour.
        lastSeen.delete(userId);
        return;
      }
      if (open) return finish(user, open.at);
      if (await reserve(user)) await send(user);
    },
  };
}

export const isInvitable = (user: Pick<User, "IsBot" | "RemoteId" | "Roles" | "DeleteAt">): boolean =>
  !user.IsBot && !user.RemoteId && user.DeleteAt === 0 && !user.Roles.split(" ").includes("system_guest");

/** Whether it is Saturday or Sunday in the person's time zone. An unknown zone is treated as the server's. */
export function isWeekend(now: number, zone: string): boolean {
  const instant = Temporal.Instant.fromEpochMilliseconds(now);
  const here = Temporal.Now.timeZoneId();
  let day: number;
  try {
    day = instant.toZonedDateTimeISO(zone === "" ? here : zone).dayOfWeek;
  } catch {
    day = instant.toZonedDateTimeISO(here).dayOfWeek;
  }
  return day >= 6;
}

function zoneOf({ Timezone: zone }: User): string {
  const isManual = zone?.useAutomaticTimezone === "false";
  return (isManual ? zone?.manualTimezone : zone?.automaticTimezone) ?? "";
}

/** A name that can neither format nor mention: people choose their names themselves. */
function plainName({ FirstName, Nickname, Username }: User): string {
  const name = FirstName || Nickname || Username;
  return name.replace(/[^\p{L}\p{M}\p{N} '’-]/gu, "").slice(0, 64);
}
