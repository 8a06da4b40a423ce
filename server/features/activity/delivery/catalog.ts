/** Finds the app's catalog id, which links in activities need; looked up once and shared by all nodes. */

import { z } from "zod";
import type { ConfigSource } from "../../../microsoft/config/index.ts";
import { type Graph, tabLink } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { NotificationsStore } from "../ports.ts";
import type { Addressing } from "./delivery.ts";

const KEY = "catalog_app";
/** An app that was deleted and uploaded again has another id; a refusal by Graph causes an earlier look-up. */
const REMEMBER_MS = 24 * 60 * 60_000;
/** A refusal may concern a single person, so not every one causes a look-up. */
const LOOK_AGAIN_MS = 5 * 60_000;

const record = lazy(() =>
  z.object({
    externalId: z.string(),
    tenantId: z.string(),
    graphUrl: z.string(),
    catalogId: z.string().min(1),
    at: z.number(),
  }),
);
type Found = z.infer<ReturnType<typeof record>>;

export interface CatalogPorts {
  readonly config: ConfigSource;
  readonly graph: Pick<Graph, "catalogApp">;
  readonly kv: Pick<NotificationsStore, "get" | "set">;
  readonly now: () => number;
}

export interface Catalog extends Addressing {
  /** Returns the catalog id. Throws ProductError `not_configured` or `catalog_app_missing`. */
  appId(): Promise<string>;
}

export function createCatalog({ config, graph, kv, now }: CatalogPorts): Catalog {
  let found: Found | null = null;
  let looking: Promise<Found> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;

  function wanted(): Omit<Found, "catalogId" | "at"> {
    const { teamsApp, registration, cloud } = config.current;
    if (!teamsApp || !registration) throw new ProductError("not_configured", "no Teams app");
    return { externalId: teamsApp.id, tenantId: registration.tenantId, graphUrl: cloud.graphUrl };
  }

  function fits(one: Found | null): one is Found {
    const { externalId, tenantId, graphUrl } = wanted();
    return (
      one !== null &&
      one.externalId === externalId &&
      one.tenantId === tenantId &&
      one.graphUrl === graphUrl &&
      now() - one.at < REMEMBER_MS
    );
  }

  async function look(): Promise<Found> {
    const want = wanted();
    lookedAt = now();
    const app = await graph.catalogApp(want.externalId);
    if (!app) throw new ProductError("catalog_app_missing", `no app with external id ${want.externalId}`);
    const next = { ...want, catalogId: app.id, at: now() };
    found = next;
    // The stored record only saves a look-up on other nodes and at the next start.
    await kv.set(KEY, JSON.stringify(next)).catch(() => {});
    return next;
  }

  function lookOnce(): Promise<Found> {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  }

  async function current(): Promise<Found> {
    if (fits(found)) return found;
    const stored = await kv.get(KEY).catch(() => null);
    const parsed = stored ? parse(stored) : null;
    if (fits(parsed)) {
      found = parsed;
      return parsed;
    }
    // The settings may change during a look-up; its result then belongs to the old ones.
    for (;;) {
      const one = await lookOnce();
      if (fits(one)) return one;
    }
  }

  return {
    async appId() {
      return (await current()).catalogId;
    },
    async address(subPageId) {
      const { catalogId, tenantId } = await current();
      const webUrl = tabLink(config.current.cloud, { catalogAppId: catalogId, tenantId, subPageId });
      return { catalogAppId: catalogId, webUrl };
    },
    async renew() {
      if (now() - lookedAt < LOOK_AGAIN_MS) return false;
      const before = found?.catalogId;
      return (await lookOnce()).catalogId !== before;
    },
  };
}

function parse(bytes: Uint8Array): Found | null {
  try {
    return record().parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}
