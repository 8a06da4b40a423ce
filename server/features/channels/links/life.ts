/** Manages links over their lifetime: handles changes of their channels, and starts the search for missed posts. */

import { GraphError } from "../../../microsoft/graph/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import { steady } from "../../../platform/work/steady.ts";
import type { Cluster } from "../../../runtime/mattermost/index.ts";
import { NotYet } from "../pace.ts";
import type { Room } from "../room.ts";
import { isGone, type Place, type ReceivedMessage } from "../teams-api.ts";
import { plain } from "../to-teams/failures.ts";
import { catchUp } from "./catch-up.ts";
import { copyBefore } from "./copy-before.ts";
import type { ChannelLink, Pause } from "./link-store.ts";
import { Looks } from "./looks.ts";
import { findAdded } from "./members.ts";
import { notice, tellChannel, without } from "./notices.ts";

const RELOOK_MS = 2_000;
const ROUND_MS = 60_000;
const FAULT_MS = 10_000;
/** Interval between searches for missed posts. They also run at the start of a process and at the end of a pause. */
const CATCH_UP_MS = 10 * 60_000;

/** Whether the pause stops both directions. Without the app's permission, Mattermost → Teams continues. */
export const blocks = (pause: Pause): boolean => pause !== "permission_missing";

export class Life {
  readonly #room: Room;
  readonly #wake: () => void;
  readonly #askedAt = new Map<string, number>();
  readonly #caughtUpAt = new Map<string, number>();
  readonly #looks: Looks;
  #news = new AbortController();

  constructor(room: Room, { wake }: { wake: () => void }) {
    this.#room = room;
    this.#wake = wake;
    this.#looks = new Looks(room.ports.clock);
  }

  /** Runs on one node of the cluster, until the signal is aborted. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, log, leaseMs } = this.#room.ports;
    const clock = steady(this.#room.ports.clock);
    while (!signal.aborted) {
      try {
        const lease = await (cluster as Pick<Cluster, "lock">).lock("channels.life", {
          ...(leaseMs === undefined ? {} : { leaseMs }),
          signal,
        });
        const mine = AbortSignal.any([signal, lease.signal]);
        try {
          this.#caughtUpAt.clear();
          let nextAt = 0;
          while (!mine.aborted) {
            this.#news = new AbortController();
            const full = clock.now() >= nextAt;
            if (full) nextAt = clock.now() + ROUND_MS;
            await this.round(mine, { full });
            const wait = Math.max(0, nextAt - clock.now());
            await clock.sleep(wait, AbortSignal.any([mine, this.#news.signal]));
          }
        } finally {
          await lease.release().catch(() => {});
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn("Linked channels could not be updated", { error });
        await clock.sleep(FAULT_MS, signal);
      }
    }
  }

  /** Called when a link was created or changed: the node that manages the links runs a round now. */
  soon(): void {
    this.#news.abort();
  }

  /** With `full` false, handles only links that are new to this process. */
  async round(signal: AbortSignal, { full = true } = {}): Promise<void> {
    if (full) {
      await this.#room.links.reload();
      await this.#room.ended.clearAll(signal);
    }
    const gone = full ? await this.#problems() : new Map<string, string>();
    const hasBot = (await this.#room.people.botAccount()) !== null;
    for (const link of await this.#room.links.all()) {
      if (signal.aborted) return;
      if (!full && this.#caughtUpAt.has(link.id) && link.copySince === null) continue;
      try {
        const now = await this.look(link, gone.get(`channels/${link.id}`) ?? null);
        if (!now || (now.paused !== null && blocks(now.paused))) continue;
        await notice(this.#room, now, "switched_off", false);
        await notice(this.#room, now, "bot_missing", !hasBot);
        if (now.copySince !== null) await copyBefore(this.#room, now, now.copySince, signal);
        const last = this.#caughtUpAt.get(link.id) ?? Number.NEGATIVE_INFINITY;
        const at = steady(this.#room.ports.clock).now();
        if (at - last >= CATCH_UP_MS && (await catchUp({ room: this.#room, link: now, signal })))
          this.#caughtUpAt.set(link.id, at);
      } catch (error) {
        this.#room.ports.log.warn("A linked channel could not be updated", { link: link.id, error });
      }
    }
  }

  /** Returns the problem codes of subscriptions, by wish. */
  async #problems(): Promise<ReadonlyMap<string, string>> {
    const { subscriptions } = await this.#room.ports.subscriptions.status();
    return new Map(
      subscriptions.flatMap(({ wish, problem }) => (problem ? [[wish, problem.code] as const] : [])),
    );
  }

  /**
   * Pauses, resumes or renames the link after a look at both channels. `again`: also looks at Teams when the last look
   * is less than an hour old. Returns the link as stored afterwards; null when it was removed.
   */
  async look(
    link: ChannelLink,
    problem: string | null = null,
    { again = false } = {},
  ): Promise<ChannelLink | null> {
    const { api, config } = this.#room.ports;
    const tenantId = config.current.registration?.tenantId;
    if (tenantId !== undefined && tenantId !== link.tenantId) return this.#pause(link, "tenant_changed");
    const channel = await foundOrNull(api.getChannel(link.channelId));
    if (!channel || channel.DeleteAt > 0) return this.#pause(link, "mattermost_archived");
    if ((channel.Type === "P") !== link.isPrivate) await this.#opened(link, channel.Type === "P");
    if (channel.TeamId !== link.inTeam) await this.#moved(link, channel.TeamId);
    const due = this.#looks.isDue(link);
    const isAsked = again || link.paused !== null || problem === "resource_gone";
    const looks = isAsked || (due && this.#looks.isTurnOf(link));
    const state = looks ? await this.#lookAtTeams(link) : "open";
    if (looks && due && state === "open") await findAdded(this.#room, link);
    if (state === "teams_archived" || state === "teams_gone") return this.#pause(link, state);
    if (problem === "permission_missing") return this.#pause(link, problem);
    const wasHere = link.paused === "mattermost_archived" || link.paused === "tenant_changed";
    return state === "open" || wasHere ? this.#resume(link) : link;
  }

  /** Unknown: the app may not read it. Throws while Microsoft is away. */
  async #lookAtTeams(link: ChannelLink): Promise<"open" | "teams_archived" | "teams_gone" | "unknown"> {
    const { teams } = this.#room;
    this.#looks.happened(link);
    try {
      const [team, channel] = await Promise.all([teams.team(link.teamId), teams.channel(link)]);
      await this.#named(link, team.displayName, channel.displayName);
      return team.isArchived || channel.isArchived ? "teams_archived" : "open";
    } catch (error) {
      if (isGone(error)) return "teams_gone";
      if (error instanceof GraphError && error.status === 403) return "unknown";
      throw error;
    }
  }

  async #named(link: ChannelLink, team: string, channel: string): Promise<void> {
    if (team === link.teamName && channel === link.teamsChannelName) return;
    const isMine = await this.#room.links.update(link.id, (one) =>
      one.teamName === team && one.teamsChannelName === channel
        ? one
        : { ...one, teamName: team, teamsChannelName: channel },
    );
    if (!isMine || link.paused === "mattermost_archived") return;
    const now = { ...link, teamName: team, teamsChannelName: channel };
    if (channel !== link.teamsChannelName)
      await tellChannel(this.#room, now, "renamed_channel", { before: plain(link.teamsChannelName) });
    if (team !== link.teamName)
      await tellChannel(this.#room, now, "renamed_team", { before: plain(link.teamName) });
  }

  /**
   * After a refusal: whether the channel in Teams is archived or gone. Asks Teams at most every two seconds, and never
   * answers with something read before the refusal: within the two seconds it throws NotYet.
   */
  async isClosed(at: Place): Promise<boolean> {
    const link = (await this.#room.links.all()).find(
      (one) => one.teamId === at.teamId && one.teamsChannelId === at.teamsChannelId,
    );
    if (!link) return false;
    if (link.paused === "teams_archived" || link.paused === "teams_gone") return true;
    const now = steady(this.#room.ports.clock).now();
    const wait = (this.#askedAt.get(link.id) ?? Number.NEGATIVE_INFINITY) + RELOOK_MS - now;
    if (wait > 0) throw new NotYet(wait);
    this.#askedAt.set(link.id, now);
    const state = await this.#lookAtTeams(link);
    if (state !== "teams_archived" && state !== "teams_gone") return false;
    await this.#pause(link, state);
    return true;
  }

  /** Teams reports such changes as messages of the channel. */
  async happened(link: ChannelLink, message: ReceivedMessage): Promise<void> {
    const kind = String((message.eventDetail as Record<string, unknown> | null)?.["@odata.type"] ?? "");
    if (!/channelRenamed|teamRenamed|teamArchived|teamUnarchived|channelDeleted/.test(kind)) return;
    await this.look(link, null, { again: true });
  }

  async #pause(link: ChannelLink, paused: Pause): Promise<ChannelLink | null> {
    if (link.paused === paused) return link;
    const at = this.#room.ports.clock.now();
    const isMine = await this.#room.links.update(link.id, (one) =>
      one.paused === paused ? one : { ...one, paused, pausedAt: at },
    );
    // Another node may have paused it first, and its event may not have arrived here.
    const now = await this.#room.links.fresh(link.id);
    // Nobody reads a notice in an archived channel, and the server refuses it.
    if (now && isMine && paused !== "mattermost_archived")
      await tellChannel(this.#room, now, `paused_${paused}`);
    return now;
  }

  async #resume(link: ChannelLink): Promise<ChannelLink | null> {
    if (link.paused === null) return link;
    const isMine = await this.#room.links.update(link.id, (one) =>
      one.paused === null ? one : { ...without(one, "switched_off"), paused: null, pausedAt: null },
    );
    const now = await this.#room.links.fresh(link.id);
    if (now && isMine) {
      await tellChannel(this.#room, now, "resumed");
      this.#caughtUpAt.delete(link.id);
      this.#wake();
    }
    return now;
  }

  /** The link stays, but people should know who can read along. */
  async #opened(link: ChannelLink, isPrivate: boolean): Promise<void> {
    const mine = await this.#room.links.update(link.id, (one) =>
      one.isPrivate === isPrivate ? one : { ...one, isPrivate },
    );
    if (mine && isPrivate) await tellChannel(this.#room, link, "became_private");
  }

  async #moved(link: ChannelLink, inTeam: string): Promise<void> {
    const mine = await this.#room.links.update(link.id, (one) =>
      one.inTeam === inTeam ? one : { ...one, inTeam },
    );
    if (mine && link.inTeam !== undefined) await tellChannel(this.#room, link, "moved");
  }
}
