/** Maps people between the two sides of a link, and decides under whose account something is written. */

import { z } from "zod";
import { type Credential, GraphError } from "../../microsoft/graph/index.ts";
import { foundOrNull } from "../../people/found-or-null.ts";
import { steady } from "../../platform/work/steady.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { User } from "../../runtime/mattermost/index.ts";
import type { ChannelsPorts } from "./ports.ts";

/** The account under which a message is written in Teams. */
export interface Sender {
  readonly kind: "author" | "bot";
  readonly credential: Credential;
  /** Entra object ID of the account. */
  readonly objectId: string;
}

export interface KnownPerson {
  readonly userId: string;
  readonly username: string;
  /** Their connection works, so their posts are sent under their own account. */
  readonly connected: boolean;
}

type Ports = Pick<
  ChannelsPorts,
  "api" | "botAccount" | "clock" | "config" | "connections" | "graph" | "links"
>;

const kind = lazy(() => z.object({ userType: z.string().nullish() }));
const GUEST_MS = 60 * 60_000;
const REFUSED_MS = 10 * 60_000;
const MAX_REMEMBERED = 10_000;
/**
 * Kinds of authors of Teams messages other than an account of the tenant's own directory
 * (docs/facts/microsoft-chat.md 5).
 */
const OUTSIDERS = new Set([
  "anonymousGuest",
  "federatedUser",
  "personalMicrosoftAccountUser",
  "skypeUser",
  "phoneUser",
  "emailUser",
]);

export class People {
  readonly #ports: Ports;
  readonly #refused = new Map<string, number>();
  readonly #guests = new Map<string, { readonly at: number; readonly guest: boolean }>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Returns the Entra object ID of an account that is linked and connected. */
  async connectedObjectId(userId: string): Promise<string | null> {
    const { connections, links } = this.#ports;
    const link = (await links.byMattermostUser([userId])).get(userId);
    if (!link || link.tenantId !== this.#ports.config.current.registration?.tenantId) return null;
    return (await connections.isConnected(userId)) ? link.objectId : null;
  }

  async author(userId: string): Promise<Sender | null> {
    const objectId = await this.connectedObjectId(userId);
    return objectId === null
      ? null
      : { kind: "author", credential: this.#ports.connections.credential(userId), objectId };
  }

  /** Returns null when no bot account is connected. */
  async botAccount(): Promise<(Sender & { readonly account: string }) | null> {
    const found = await this.#ports.botAccount();
    return found && { kind: "bot", ...found, objectId: found.objectId.toLowerCase() };
  }

  /** Returns the author if they are connected, else the bot account, else null. */
  async senderFor(userId: string): Promise<Sender | null> {
    const refusedAt = this.#refused.get(userId) ?? Number.NEGATIVE_INFINITY;
    const isRefused = steady(this.#ports.clock).now() - refusedAt < REFUSED_MS;
    return (isRefused ? null : await this.author(userId)) ?? this.botAccount();
  }

  /** Microsoft refused the person's token: the bot account writes for them for a while. */
  refused(userId: string): void {
    if (this.#refused.size >= MAX_REMEMBERED) this.#refused.clear();
    this.#refused.set(userId, steady(this.#ports.clock).now());
  }

  async isBotAccount(objectId: string): Promise<boolean> {
    return (await this.botAccount())?.objectId === objectId.toLowerCase();
  }

  /** Returns the account here of a person in Teams: linked, active, not a bot. */
  async byObjectId(objectId: string): Promise<KnownPerson | null> {
    const { api, config, connections, links } = this.#ports;
    const tenantId = config.current.registration?.tenantId;
    if (tenantId === undefined) return null;
    const seen = await links.store.read({ tenantId, objectId: objectId.toLowerCase() });
    if (!seen) return null;
    const { userId } = seen.record;
    const user = await foundOrNull(api.getUser(userId));
    if (!user || user.DeleteAt > 0 || user.IsBot) return null;
    return { userId, username: user.Username, connected: await connections.isConnected(userId) };
  }

  async isMember(channelId: string, userId: string): Promise<boolean> {
    return (await foundOrNull(this.#ports.api.getChannelMember(channelId, userId))) !== null;
  }

  /** Maps user names in a text to the people to mention in Teams. */
  async mentioned(
    text: string,
  ): Promise<ReadonlyMap<string, { readonly id: string; readonly displayName: string }>> {
    const names = namesIn(text, /@([a-z0-9][a-z0-9._-]{0,63})/gi);
    const found = new Map<string, { id: string; displayName: string }>();
    if (names.length === 0) return found;
    const users = await this.#ports.api.getUsersByUsernames(names);
    for (const user of users) {
      const id = user.DeleteAt === 0 ? await this.connectedObjectId(user.Id) : null;
      if (id !== null) found.set(user.Username, { id, displayName: fullName(user) });
    }
    return found;
  }

  /** Maps `~name` of the team's public channels to their display names. */
  async publicChannels(teamId: string, text: string): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const name of namesIn(text, /~([a-z0-9][a-z0-9._-]{0,63})/gi)) {
      const channel = await foundOrNull(this.#ports.api.getChannelByName(teamId, name, false));
      if (channel?.Type === "O") found.set(name, channel.DisplayName);
    }
    return found;
  }

  /** Whether the author of a Teams message is a guest of the tenant. Throws when Graph cannot be asked now. */
  async isGuest(user: {
    readonly id?: string | null;
    readonly userIdentityType?: string | null;
  }): Promise<boolean> {
    if (OUTSIDERS.has(user.userIdentityType ?? "") || !user.id) return true;
    const { graph } = this.#ports;
    const clock = steady(this.#ports.clock);
    const known = this.#guests.get(user.id);
    if (known && clock.now() - known.at < GUEST_MS) return known.guest;
    let guest = true;
    try {
      const path = `/users/${encodeURIComponent(user.id)}?$select=userType`;
      const { userType } = await graph.request({ path, answer: kind() });
      guest = userType?.toLowerCase() === "guest";
    } catch (error) {
      // Not a person of this tenant: a member of another one, in a shared channel.
      if (!(error instanceof GraphError && error.status === 404)) throw error;
    }
    if (this.#guests.size >= MAX_REMEMBERED) this.#guests.clear();
    this.#guests.set(user.id, { at: clock.now(), guest });
    return guest;
  }
}

/** At most 50 names, in lower case; a name may end in punctuation of the sentence. */
function namesIn(text: string, pattern: RegExp): string[] {
  const names = new Set<string>();
  for (const [, found = ""] of text.matchAll(pattern)) {
    for (let name = found.toLowerCase(); name !== ""; name = /[._-]$/.test(name) ? name.slice(0, -1) : "")
      names.add(name);
    if (names.size >= 50) break;
  }
  return [...names].slice(0, 50);
}

/** The person's name in Teams when the bot account writes for them. */
export function fullName(user: Pick<User, "FirstName" | "LastName" | "Username">): string {
  return `${user.FirstName} ${user.LastName}`.trim() || user.Username;
}
