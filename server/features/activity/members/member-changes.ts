/**
 * Handles changes of linked members that the server reports: links, accounts, preferences, memberships. Updates the
 * cached data of this node and notifies the other nodes.
 */

import type { ChannelMember, Hooks, Preference } from "../../../runtime/mattermost/index.ts";
import type { createOtherNodes, Listeners } from "../other-nodes.ts";
import type { Log, NotificationsApi } from "../ports.ts";
import type { Channels } from "./channels.ts";
import type { Members } from "./members.ts";
import type { OwnChoices } from "./own-choices.ts";
import { activityPreferences } from "./preferences.ts";

type PreferencesApi = Pick<NotificationsApi, "getPreferencesForUser" | "updatePreferencesForUser">;

export interface MemberChangesPorts {
  readonly api: PreferencesApi;
  readonly channels: Pick<Channels, "set" | "linkChanged">;
  readonly ownChoices: Pick<OwnChoices, "add" | "note">;
  readonly log: Pick<Log, "warn">;
  readonly members: Pick<Members, "has" | "forgetChoices" | "linkChanged">;
  readonly nodes: Pick<ReturnType<typeof createOtherNodes>, "publish">;
}

export interface MemberChanges {
  readonly hooks: Required<
    Pick<
      Hooks,
      "userHasJoinedChannel" | "userHasLeftChannel" | "userHasBeenDeactivated" | "preferencesHaveChanged"
    >
  >;
  /** Handlers for changes that another node announces. */
  readonly listeners: Omit<Listeners, "added">;
  /** Called when an account was linked, unlinked or deactivated. */
  accountChanged(userId: string): Promise<void>;
  /** The preferences API for this feature's own writes: a change is in force at once, before its hook arrives. */
  readonly preferences: PreferencesApi;
}

type Row = Pick<Preference, "UserId" | "Category" | "Name">;

export function createMemberChanges(ports: MemberChangesPorts): MemberChanges {
  const { api, channels, ownChoices, log, members, nodes } = ports;

  async function accountChanged(userId: string): Promise<void> {
    await members.linkChanged(userId).catch((error: unknown) => {
      log.warn("A linked account could not be read", { error: String(error) });
    });
    channels.linkChanged(userId);
  }

  async function preferencesChanged(all: readonly Row[]): Promise<void> {
    const rows = all.filter(isRead);
    const choosing = new Set(rows.filter(activityPreferences.has).map((one) => one.UserId));
    for (const userId of new Set(rows.map((one) => one.UserId))) {
      if (!members.has(userId)) continue;
      members.forgetChoices(userId);
      if (choosing.has(userId))
        await ownChoices.add(userId).catch((error: unknown) => {
          log.warn("A choice of notification settings could not be noted", { error: String(error) });
        });
      nodes.publish(choosing.has(userId) ? "choosing" : "preferences", userId);
    }
  }

  function membershipChanged({ ChannelId, UserId, NotifyProps }: ChannelMember, joined: boolean): void {
    if (!members.has(UserId)) return;
    const notify = joined ? NotifyProps : null;
    channels.set(ChannelId, UserId, notify);
    nodes.publish("membership", { ChannelId, UserId, notify });
  }

  return {
    accountChanged,
    hooks: {
      userHasJoinedChannel: (_context, member) => membershipChanged(member, true),
      userHasLeftChannel: (_context, member) => membershipChanged(member, false),
      async userHasBeenDeactivated(_context, { Id }) {
        if (!members.has(Id)) return;
        nodes.publish("account", Id);
        await accountChanged(Id);
      },
      preferencesHaveChanged: (_context, rows) => preferencesChanged(rows),
    },
    listeners: {
      preferences: (userId) => members.forgetChoices(userId),
      choosing(userId) {
        ownChoices.note(userId);
        members.forgetChoices(userId);
      },
      account: accountChanged,
      membership: ({ ChannelId, UserId, notify }) => channels.set(ChannelId, UserId, notify),
    },
    preferences: {
      getPreferencesForUser: (userId) => api.getPreferencesForUser(userId),
      async updatePreferencesForUser(userId, rows) {
        await api.updatePreferencesForUser(userId, rows);
        const written = rows.map(({ Category, Name }) => ({
          ...{ UserId: userId, Category: Category ?? "", Name: Name ?? "" },
        }));
        await preferencesChanged(written);
      },
    },
  };
}

/** Preferences change with every channel that somebody opens; only these matter for activities. */
const isRead = ({ Category, Name }: Row) =>
  activityPreferences.has({ Category, Name }) ||
  (Category === "display_settings" && (Name === "name_format" || Name === "collapsed_reply_threads"));
