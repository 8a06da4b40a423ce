/** Apps of the Teams catalog, as Graph shows them. */

export interface CatalogApp {
  /** Catalog id; differs from the manifest's id on purpose. */
  readonly id: string;
  /** Id in the manifest. */
  readonly externalId: string;
  displayName: string;
  /** `webApplicationInfo.id`: the Entra app that may notify. */
  entraAppId: string;
  readonly definitions: { id: string; version: string; publishingState: "published" | "submitted" }[];
  manifest: TeamsManifest;
  /** `de` → the strings of that language, by their place in the manifest. */
  languages: ReadonlyMap<string, Readonly<Record<string, string>>>;
  icons: { color: string; outline: string };
}

export interface TeamsManifest {
  readonly id: string;
  readonly version: string;
  readonly name: { readonly short: string; readonly full?: string };
  readonly description: { readonly short: string; readonly full: string };
  readonly accentColor: string;
  readonly staticTabs?: readonly {
    readonly entityId: string;
    readonly name?: string;
    readonly contentUrl?: string;
    readonly websiteUrl?: string;
    readonly scopes: readonly string[];
  }[];
  readonly webApplicationInfo?: { readonly id: string; readonly resource?: string };
  readonly activities?: {
    readonly activityTypes?: readonly {
      readonly type: string;
      readonly description: string;
      readonly templateText: string;
    }[];
  };
  readonly authorization?: {
    readonly permissions?: { readonly resourceSpecific?: readonly { readonly name: string }[] };
  };
  readonly [key: string]: unknown;
}
