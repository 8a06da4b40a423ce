/** What identity wants to know from the tenant's directory; entra's on-behalf-of flow answers it. */

export interface DirectoryFacts {
  readonly objectId: string;
  /** `mail` and `userPrincipalName`, those that are set. */
  readonly addresses: readonly string[];
  readonly guest: boolean;
}

export type DirectoryAnswer =
  | { readonly ok: true; readonly facts: DirectoryFacts }
  /** `why` is for the audit record: no consent, no secret, not reachable. */
  | { readonly ok: false; readonly why: string };

export interface Directory {
  /** Reads the person whom the tab token is about. Never throws. */
  read(tabToken: string): Promise<DirectoryAnswer>;
}
