/** The Graph permissions that each feature needs, as an admin consents to them (docs/security-and-privacy.md). */

import type { Tenant } from "./tenant.ts";

interface Needed {
  /** Application permissions. */
  readonly roles: readonly string[];
  /** Delegated permissions of people who connect. */
  readonly scopes: readonly string[];
}

export const needs = {
  chats: { roles: ["Chat.Read.All", "Presence.Read.All"], scopes: ["Chat.Read", "ChatMessage.Send"] },
  channels: {
    roles: [
      "ChannelMessage.Read.All",
      "Channel.ReadBasic.All",
      "Team.ReadBasic.All",
      "Files.Read.All",
      "User.Read.All",
    ],
    scopes: [
      "ChannelMessage.Read.All",
      "ChannelMessage.ReadWrite",
      "ChannelMessage.Send",
      "Channel.ReadBasic.All",
      "Team.ReadBasic.All",
      "Files.ReadWrite.All",
    ],
  },
  calendar: {
    roles: ["Calendars.Read", "MailboxSettings.Read"],
    scopes: ["Calendars.ReadWrite", "MailboxSettings.Read"],
  },
} as const satisfies Readonly<Record<string, Needed>>;

export type ConsentingFeature = keyof typeof needs;

/** The permissions with every feature on. */
export const everything: Needed = {
  roles: Object.values(needs).flatMap(({ roles }) => roles),
  scopes: [...Object.values(needs).flatMap(({ scopes }) => scopes), "User.Read", "User.ReadBasic.All"],
};

export function giveConsent(tenant: Tenant, appId: string, { roles, scopes }: Needed): void {
  for (const role of roles) tenant.grantRole(appId, role);
  tenant.grantScopes(appId, scopes.join(" "));
}
