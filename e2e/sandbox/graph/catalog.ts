/** The organisation's app catalog and installs (docs/facts/microsoft.md 5). */

import { randomUUID } from "node:crypto";
import type { CatalogApp } from "../teams-catalog.ts";
import type { Tenant } from "../tenant.ts";
import { type AppPackage, readPackage } from "./package.ts";
import { badRequest, notFound, Refusal } from "./refusal.ts";

/** Also used by the upload on the Teams page, which has the same catalog. */
export function publishPackage(tenant: Tenant, bytes: Uint8Array, review: boolean): CatalogApp {
  const read = readPackage(bytes);
  const known = [...tenant.catalog.values()].find((each) => each.externalId === read.manifest.id);
  if (known)
    throw new Refusal(
      409,
      "Conflict",
      `An app with the manifest id ${read.manifest.id} is in the catalog already.`,
    );
  const app: CatalogApp = {
    id: randomUUID(),
    externalId: read.manifest.id,
    definitions: [],
    ...described(read),
  };
  tenant.catalog.set(app.id, app);
  addDefinition(app, read, review);
  return app;
}

export function updatePackage(
  tenant: Tenant,
  catalogId: string,
  bytes: Uint8Array,
  review: boolean,
): CatalogApp {
  const app = tenant.catalog.get(catalogId);
  if (!app) throw notFound("The app");
  const read = readPackage(bytes);
  if (read.manifest.id !== app.externalId) throw badRequest("The manifest id is that of another app.");
  const latest = app.definitions.at(-1)?.version ?? "0.0.0";
  if (!isHigher(read.manifest.version, latest))
    throw new Refusal(409, "Conflict", `Version ${read.manifest.version} is not higher than ${latest}.`);
  Object.assign(app, described(read));
  addDefinition(app, read, review);
  return app;
}

const described = (read: AppPackage) => ({
  displayName: read.manifest.name.short,
  entraAppId: read.manifest.webApplicationInfo?.id ?? "",
  manifest: read.manifest,
  languages: read.languages,
  icons: read.icons,
});

function addDefinition(app: CatalogApp, read: AppPackage, review: boolean): void {
  const publishingState = review ? "submitted" : "published";
  app.definitions.push({ id: randomUUID(), version: read.manifest.version, publishingState });
}

function isHigher(version: string, than: string): boolean {
  const [left, right] = [version.split(".").map(Number), than.split(".").map(Number)];
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return (left[i] ?? 0) > (right[i] ?? 0);
  return false;
}

export function catalogJson(app: CatalogApp, expand: boolean): Record<string, unknown> {
  return {
    id: app.id,
    externalId: app.externalId,
    displayName: app.displayName,
    distributionMethod: "organization",
    ...(expand && {
      appDefinitions: app.definitions.map((each) => ({
        ...each,
        teamsAppId: app.id,
        displayName: app.displayName,
      })),
    }),
  };
}
