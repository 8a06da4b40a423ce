/**
 * Stores which Mattermost channel is linked to which Teams channel: one to one on both sides.
 *
 *   channels.claim.{channel or digest}  ─▶  { link, at }     two per link: they reserve the channel on each side
 *   channels.link.{shard}               ─▶  link id → link   in few records, so that links can be listed
 *
 * A link exists when it is in the map. Its claims are made before and removed after it, so that two people who link
 * the same channel at once get one link. A claim without its link expires after a minute.
 */

import { createHash } from "node:crypto";
import { ShardedMap } from "../../../platform/store/sharded-map.ts";
import { type RecordFormat, SharedRecord } from "../../../platform/store/shared-record.ts";
import type { Cluster, KeyValueStore, Logger } from "../../../runtime/mattermost/index.ts";

/** Why copying is paused. Each reason has a sentence that is posted in the channel. */
export const pauses = [
  "mattermost_archived",
  "teams_archived",
  "teams_gone",
  "permission_missing",
  "tenant_changed",
] as const;
export type Pause = (typeof pauses)[number];

/** States that are announced in the channel at their beginning and at their end. They do not pause the link. */
export type Notice = "switched_off" | "bot_missing";

export interface ChannelLink {
  readonly v: 1;
  readonly id: string;
  /** The Mattermost channel. */
  readonly channelId: string;
  /** The Teams channel. */
  readonly teamId: string;
  readonly teamsChannelId: string;
  readonly membershipType: string;
  /** The names that Teams shows, for people. */
  readonly teamName: string;
  readonly teamsChannelName: string;
  readonly tenantId: string;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly paused: Pause | null;
  readonly pausedAt: number | null;
  /** Whether the Mattermost channel was private when it was last checked. */
  readonly isPrivate: boolean;
  /** Its Mattermost team at that time. */
  readonly inTeam?: string;
  /** Announced states that have not ended yet. */
  readonly notices?: readonly Notice[];
  /** Messages since then are also to be copied; null: none are, or it is done. */
  readonly copySince: number | null;
}

interface Claim {
  readonly link: string;
  readonly at: number;
}

export type Taken = "mattermost_taken" | "teams_taken";

const SHARDS = 16;
const CLAIM_MS = 60_000;
const CHANGED = "channels.links";
export const LINK_PREFIX = "channels.link.";
export const CLAIM_PREFIX = "channels.claim.";

const teamsKey = (teamId: string, teamsChannelId: string) =>
  createHash("sha256").update(`${teamId}/${teamsChannelId}`.toLowerCase()).digest("base64url");

const claimFormat: RecordFormat<Claim | null> = {
  empty: null,
  parse(value) {
    const claim = value as Partial<Claim> | null;
    if (typeof claim?.link !== "string" || typeof claim.at !== "number") throw new Error("not a claim");
    return { link: claim.link, at: claim.at };
  },
  isEmpty: (claim) => claim === null,
};

function parseLink(value: unknown): ChannelLink {
  const link = value as Partial<ChannelLink> | null;
  const texts = [link?.id, link?.channelId, link?.teamId, link?.teamsChannelId, link?.tenantId];
  if (link?.v !== 1 || texts.some((text) => typeof text !== "string" || text === ""))
    throw new Error("not a link of version 1");
  const paused = pauses.find((one) => one === link.paused) ?? null;
  return {
    ...(link as ChannelLink),
    paused,
    copySince: link.copySince ?? null,
    isPrivate: link.isPrivate === true,
  };
}

export interface LinkStorePorts {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "publish" | "on">;
  readonly log: Pick<Logger, "warn">;
  readonly now: () => number;
}

export class ChannelLinks {
  readonly #ports: LinkStorePorts;
  readonly #map: ShardedMap<ChannelLink>;
  #byId = new Map<string, ChannelLink>();
  #byChannel = new Map<string, ChannelLink>();
  #loaded: Promise<void> | null = null;
  /** Called when links were created, changed or removed, here or on another node. */
  onChange: () => void = () => {};
  /**
   * Called when the link of this Mattermost channel was created, changed or removed here; the other nodes have been
   * notified.
   */
  onOwnChange: (channelId: string) => void = () => {};

  constructor(ports: LinkStorePorts) {
    this.#ports = ports;
    this.#map = new ShardedMap(ports.kv, {
      prefix: LINK_PREFIX,
      shards: SHARDS,
      parse: parseLink,
      onUnreadable: (id) => ports.log.warn("A channel link cannot be read", { link: id }),
    });
  }

  /** Returns a function that unsubscribes. */
  listen(): () => void {
    return this.#ports.cluster.on(CHANGED, async () => {
      await this.reload();
      this.onChange();
    });
  }

  /** Answers from memory; waits for the first read. */
  async byChannel(channelId: string): Promise<ChannelLink | null> {
    await this.#ready();
    return this.#byChannel.get(channelId) ?? null;
  }

  async byId(id: string): Promise<ChannelLink | null> {
    await this.#ready();
    return this.#byId.get(id) ?? null;
  }

  async all(): Promise<readonly ChannelLink[]> {
    await this.#ready();
    return [...this.#byId.values()];
  }

  get count(): number {
    return this.#byId.size;
  }

  /** Reads the store, and so sees what another node did a moment ago. */
  fresh(id: string): Promise<ChannelLink | null> {
    return this.#map.get(id);
  }

  async whoHas(
    place: { channelId: string } | { teamId: string; teamsChannelId: string },
  ): Promise<ChannelLink | null> {
    const claim = await this.#claim(place).read();
    return claim && this.#map.get(claim.link);
  }

  /** Creates the link. Returns null on success, else the side that already has a link. */
  async create(link: ChannelLink): Promise<Taken | null> {
    if (!(await this.#take({ channelId: link.channelId }, link.id))) return "mattermost_taken";
    if (!(await this.#take(link, link.id))) {
      await this.#giveBack({ channelId: link.channelId }, link.id);
      return "teams_taken";
    }
    await this.#map.set(link.id, link);
    await this.#changed(link.channelId);
    return null;
  }

  async remove(link: ChannelLink): Promise<void> {
    await this.#map.delete(link.id);
    await this.#giveBack({ channelId: link.channelId }, link.id);
    await this.#giveBack(link, link.id);
    await this.#changed(link.channelId);
  }

  /** Returns true to the caller whose change was stored: of several nodes, that one carries out the consequences. */
  async update(id: string, change: (link: ChannelLink) => ChannelLink): Promise<boolean> {
    let changed = false;
    const link = await this.#map.update(id, (current) => {
      const next = current && change(current);
      changed = next !== current;
      return next;
    });
    if (changed) await this.#changed(link?.channelId);
    return changed;
  }

  async reload(): Promise<void> {
    const byId = new Map<string, ChannelLink>();
    for await (const [id, link] of this.#map.entries()) byId.set(id, link);
    this.#byId = byId;
    this.#byChannel = new Map([...byId.values()].map((link) => [link.channelId, link]));
  }

  #ready(): Promise<void> {
    this.#loaded ??= this.reload().catch((error: unknown) => {
      this.#loaded = null;
      throw error;
    });
    return this.#loaded;
  }

  async #changed(channelId: string | undefined): Promise<void> {
    await this.reload();
    this.onChange();
    await this.#ports.cluster
      .publish(CHANGED, "")
      .catch((error: unknown) =>
        this.#ports.log.warn("The other nodes were not notified of a link", { error }),
      );
    if (channelId !== undefined) this.onOwnChange(channelId);
  }

  #claim(
    place: { channelId: string } | { teamId: string; teamsChannelId: string },
  ): SharedRecord<Claim | null> {
    const key =
      "teamId" in place ? `t.${teamsKey(place.teamId, place.teamsChannelId)}` : `m.${place.channelId}`;
    return new SharedRecord(this.#ports.kv, `${CLAIM_PREFIX}${key}`, claimFormat);
  }

  async #take(place: Parameters<typeof this.whoHas>[0], id: string): Promise<boolean> {
    const now = this.#ports.now();
    const record = this.#claim(place);
    const before = await record.read();
    const dead = before && now - before.at > CLAIM_MS && (await this.#map.get(before.link)) === null;
    return record.change<boolean>((current) => {
      const free = current === null || (dead && current.link === before.link);
      return free ? { next: { link: id, at: now }, result: true } : { next: current, result: false };
    });
  }

  async #giveBack(place: Parameters<typeof this.whoHas>[0], id: string): Promise<void> {
    await this.#claim(place).change((current) => ({
      next: current?.link === id ? null : current,
      result: undefined,
    }));
  }
}
