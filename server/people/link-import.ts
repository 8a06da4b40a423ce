/** Imports links from a file, by the rules of a first sign-in that concern the account. */

import type { Api } from "../runtime/mattermost/index.ts";

export interface LinkCandidate {
  readonly userId: string;
  readonly objectId: string;
}

export type LinkVerdict =
  /** Will be linked, or was linked. */
  | "link"
  | "already_linked"
  /** The account or the Microsoft identity is linked to somebody else. */
  | "conflict"
  | "no_account"
  /** Bots, accounts of other servers and deactivated accounts are never linked. */
  | "not_allowed";

export interface LinkImportPort {
  /** With `dryRun`, nothing is written. */
  link(candidate: LinkCandidate & { readonly tenantId: string }, dryRun: boolean): Promise<LinkVerdict>;
}

/** The part of the links that the import needs. */
export interface LinksPort {
  byMattermostUser(userIds: readonly string[]): Promise<ReadonlyMap<string, { readonly objectId: string }>>;
  changed(userId: string): void;
  readonly store: {
    read(person: {
      tenantId: string;
      objectId: string;
    }): Promise<{ readonly record: { readonly userId: string } } | null>;
    claim(
      person: { tenantId: string; objectId: string },
      userId: string,
      basis: "token",
    ): Promise<{
      readonly outcome: string;
      readonly seen?: { readonly record: { readonly userId: string } };
    }>;
  };
}

export function linkImport(links: LinksPort, api: Pick<Api, "getUser">): LinkImportPort {
  return {
    async link({ userId, objectId, tenantId }, dryRun) {
      const known = (await links.byMattermostUser([userId])).get(userId);
      if (known) return known.objectId === objectId ? "already_linked" : "conflict";
      const person = { tenantId, objectId };
      const holder = await links.store.read(person);
      if (holder && holder.record.userId !== userId) return "conflict";
      const user = await api.getUser(userId).catch(() => null);
      if (!user) return "no_account";
      if (user.DeleteAt !== 0 || user.IsBot || user.RemoteId) return "not_allowed";
      if (dryRun) return "link";
      // The earlier plugin matched people by the name in the token, which the basis states.
      const claim = await links.store.claim(person, userId, "token");
      if (claim.outcome !== "linked" || claim.seen?.record.userId !== userId) return "conflict";
      links.changed(userId);
      return "link";
    },
  };
}
