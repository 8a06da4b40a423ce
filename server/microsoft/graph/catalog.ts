/**
 * The organisation's app catalog. A signed-in admin changes it, because Graph offers no application permission for
 * that.
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import { fixedToken, type GraphClient } from "./request.ts";

export type PublishingState = "submitted" | "published" | "rejected" | "unknown";

export interface CatalogEntry {
  /** The catalog id, used everywhere in Graph and in deep links. */
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

/**
 * Finds an app. `externalId` is the manifest's id. Without `token`, the app's own permission AppCatalog.Read.All is
 * used.
 */
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
    // Old definitions have no state; they are in the catalog, so they were published.
    state: one.publishingState ?? ("published" as const),
  }));
  return { id: app.id, displayName: app.displayName ?? "", definitions };
}

/** Publishes an app for the first time. With `review`, a Teams administrator must approve it before people see it. */
export async function publishApp(
  graph: GraphClient,
  zip: Uint8Array<ArrayBuffer>,
  options: { readonly token: string; readonly review: boolean },
): Promise<string> {
  const path = `/appCatalogs/teamsApps${options.review ? "?requiresReview=true" : ""}`;
  const { id } = await graph.request({
    method: "POST",
    path,
    content: { type: "application/zip", bytes: zip },
    credential: fixedToken(options.token),
    answer: created(),
  });
  return id;
}

/**
 * Uploads a higher version of an app in the catalog. One page of Microsoft says 204, another 201 with a body; we read
 * neither.
 */
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
    content: { type: "application/zip", bytes: zip },
    credential: fixedToken(options.token),
  });
}
