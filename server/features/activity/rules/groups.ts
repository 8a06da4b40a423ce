/** Groups that a post may mention: their members, and whether the author may mention them in that channel. */

import type { License } from "../../../runtime/mattermost/index.ts";
import type { Channels, Roster } from "../members/channels.ts";
import type { Members } from "../members/members.ts";
import type { NotificationsApi } from "../ports.ts";
import { orNull, Remembered } from "../remembered.ts";
import type { PostFacts } from "./facts.ts";
import type { Mentions } from "./mentions.ts";

export interface GroupFacts {
  readonly id: string;
  /** Created by people in Mattermost, not synchronised from a directory. */
  readonly custom: boolean;
  /** Linked members of the group. */
  readonly members: ReadonlySet<string>;
}

const GROUP_PAGE = 200;
/** The licence tiers of `model.LicenseToLicenseTier` that allow group mentions. */
const GROUP_LICENSES = new Set(["professional", "enterprise", "advanced", "entry"]);

export interface GroupsPorts {
  readonly api: NotificationsApi;
  readonly members: Members;
  readonly channels: Channels;
  readonly now: () => number;
}

export class Groups {
  readonly #ports: GroupsPorts;
  /** By name; null: not a group, or one that may not be mentioned. */
  readonly #byName: Remembered<GroupFacts | null>;
  /**
   * `author channel` → whether the author may mention groups there; `group channel` → whether the group belongs to
   * that channel.
   */
  readonly #mayName: Remembered<boolean>;
  readonly #ofChannel: Remembered<boolean>;
  #licensed = false;

  constructor(ports: GroupsPorts) {
    this.#ports = ports;
    this.#byName = new Remembered(ports.now);
    this.#mayName = new Remembered(ports.now);
    this.#ofChannel = new Remembered(ports.now);
  }

  get licensed(): boolean {
    return this.#licensed;
  }

  licence(license: License | null): void {
    this.#licensed = GROUP_LICENSES.has(license?.SkuShortName ?? "");
  }

  forget(): void {
    this.#mayName.clear();
    this.#byName.clear();
  }

  /** Returns `undefined` when the group was not read yet. */
  known(name: string): GroupFacts | null | undefined {
    return this.#byName.get(name);
  }

  /** Returns `null` when it is not known yet whether the groups may be mentioned here. */
  allowed(post: PostFacts, roster: Roster, mentions: Mentions): GroupFacts[] | null {
    if (mentions.groups.size === 0) return [];
    const allowed = this.#mayName.get(place(post));
    if (allowed === undefined) return null;
    if (!allowed) return [];
    const groups: GroupFacts[] = [];
    for (const name of mentions.groups) {
      const group = this.#byName.get(name);
      if (!group) continue;
      // When the membership follows groups, only those groups and custom ones can be mentioned.
      const ofChannel =
        !roster.channel.groupConstrained || group.custom
          ? true
          : this.#ofChannel.get(`${group.id} ${post.channelId}`);
      if (ofChannel === undefined) return null;
      if (ofChannel) groups.push(group);
    }
    return groups;
  }

  async read(names: readonly string[]): Promise<void> {
    for (const name of names) this.#byName.set(name, await this.#readGroup(name));
  }

  async #readGroup(name: string): Promise<GroupFacts | null> {
    const { api } = this.#ports;
    const group = await orNull(api.getGroupByName(name));
    if (!group || group.DeleteAt > 0 || !group.AllowReference) return null;
    const members = new Set<string>();
    for (let page = 0; ; page += 1) {
      const users = await api.getGroupMemberUsers(group.Id, page, GROUP_PAGE);
      for (const user of users) if (this.#ports.members.has(user.Id)) members.add(user.Id);
      if (users.length < GROUP_PAGE) break;
    }
    return { id: group.Id, custom: group.Source === "custom", members };
  }

  async readAllowed(names: readonly string[], post: PostFacts): Promise<void> {
    const { api } = this.#ports;
    const permission = { Id: "use_group_mentions" };
    const allowed = await api.hasPermissionToChannel(post.authorId, post.channelId, permission);
    this.#mayName.set(place(post), allowed);
    if (!this.#ports.channels.known(post.channelId)?.channel.groupConstrained) return;
    for (const name of names) {
      const group = this.#byName.get(name);
      if (!group || group.custom) continue;
      const tie = await orNull(api.getGroupSyncable(group.id, post.channelId, "Channel"));
      const ofChannel = tie !== null && tie.DeleteAt === 0;
      this.#ofChannel.set(`${group.id} ${post.channelId}`, ofChannel);
    }
  }
}

/** The key under which a permission in a channel is remembered. */
export const place = (post: PostFacts) => `${post.authorId} ${post.channelId}`;
