/** The organisation's app catalog, as a signed-in admin may change it; Graph offers no app permission for that. */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import type { GraphClient } from "./client.ts";

export type PublishingState = "submitted" | "published" | "rejected" | "unknown";

export interface CatalogEntry {
  /** Catalog id: used everywhere in Graph and in deep links. */
  readonly id: string;
  readonly displayName: string;
  readonly definitions: readonly {
    readonly id: string;
    readonly version: string;
    readonly state: PublishingState;
  }[];
}

const state = lazy(() => z.enum(["submitted", "published", "rejected"]).catch("unknown" as never));
const definition = lazy(() =>
  z.object({
    id: z.string().default(""),
    version: z.string().nullish(),
    publishingState: state().optional(),
  }),
);
const list = lazy(() =>
  z.object({
    value: z.array(
      z.object({
        id: z.string().min(1),
        externalId: z.string().nullish(),
        displayName: z.string().nullish(),
        appDefinitions: z.array(definition()).nullish(),
      }),
    ),
  }),
);
const created = lazy(() => z.object({ id: z.string().min(1) }));

/** `externalId` is the id of the manifest. Without `token` the app's own right AppCatalog.Read.All is used. */
export async function findInCatalog(
  graph: GraphClient,
  externalId: string,
  token?: string,
): Promise<CatalogEntry | null> {
  // A quote inside an OData string is doubled.
  const filter = encodeURIComponent(`externalId eq '${externalId.replaceAll("'", "''")}'`);
  const { value } = await graph.request({
    path: `/appCatalogs/teamsApps?$filter=${filter}&$expand=appDefinitions`,
    answer: list(),
    ...(token ? { token } : {}),
  });
  const app = value.find((one) => one.externalId === externalId);
  if (!app) return null;
  const definitions = (app.appDefinitions ?? []).map((one) => ({
    id: one.id,
    version: one.version ?? "",
    // Old definitions carry no state; they are in the catalog, so they were published.
    state: one.publishingState ?? ("published" as const),
  }));
  return { id: app.id, displayName: app.displayName ?? "", definitions };
}

/** First publication. With `review` a Teams administrator approves it before people see it. */
export async function publishApp(
  graph: GraphClient,
  zip: Uint8Array<ArrayBuffer>,
  options: { readonly token: string; readonly review: boolean },
): Promise<string> {
  const path = `/appCatalogs/teamsApps${options.review ? "?requiresReview=true" : ""}`;
  const { id } = await graph.request({ method: "POST", path, zip, token: options.token, answer: created() });
  return id;
}

/** A higher version of an app that is in the catalog. One page says 204, another 201 with a body: neither is read. */
export async function updateApp(
  graph: GraphClient,
  catalogId: string,
  zip: Uint8Array<ArrayBuffer>,
  options: { readonly token: string; readonly review: boolean },
): Promise<void> {
  const review = options.review ? "?requiresReview=true" : "";
  await graph.request({
    method: "POST",
    path: `/appCatalogs/teamsApps/${encodeURIComponent(catalogId)}/appDefinitions${review}`,
    zip,
    token: options.token,
  });
}
