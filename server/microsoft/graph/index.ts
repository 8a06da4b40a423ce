/** The part of Microsoft Graph that this product uses. */

import { type Activity, activityBody, bulkBody, TOKEN_MINUTES } from "./activity.ts";
import { findInCatalog } from "./catalog.ts";
import { createGraphClient, type GraphPorts } from "./client.ts";
import type { GraphClient } from "./request.ts";

export {
  type Activity,
  MAX_PREVIEW,
  MAX_RECIPIENTS,
  MAX_WEB_URL,
  TOKEN_MINUTES,
  tabLink,
} from "./activity.ts";
export { type BatchAnswer, type BatchPart, batch } from "./batch.ts";
export { backoff, type GraphPorts, passing } from "./client.ts";
export { GraphError, GraphUnreachable, StorageUnreachable } from "./errors.ts";
export {
  type Credential,
  type Download,
  type DriveItem,
  type FileUpload,
  fixedToken,
  type GraphClient,
  type GraphRequest,
} from "./request.ts";

export interface CatalogApp {
  /** Used everywhere in Graph and in deep links. It changes when the app is deleted and uploaded again. */
  readonly id: string;
  /** The manifest's `id`. */
  readonly externalId: string;
  readonly displayName: string;
  /** Versions in the catalog that Graph lists. */
  readonly versions: readonly string[];
}

export interface Graph extends GraphClient {
  /**
   * Sends one activity to at most MAX_RECIPIENTS object ids. Success (202) means that Microsoft accepted it; whether
   * a client shows it is never reported.
   */
  sendActivityNotificationToRecipients(activity: Activity, objectIds: readonly string[]): Promise<void>;
  /** Sends to one person: its limits are lower, but the answer tells at once whether they have the app installed. */
  sendActivityNotification(activity: Activity, objectId: string): Promise<void>;
  /** Returns the app in the organisation's catalog, or null when it was never uploaded. */
  catalogApp(externalId: string): Promise<CatalogApp | null>;
}

export function createGraph(ports: GraphPorts): Graph {
  const client = createGraphClient(ports);
  return {
    ...client,
    sendActivityNotificationToRecipients: (activity, objectIds) =>
      client.request({
        method: "POST",
        path: "/teamwork/sendActivityNotificationToRecipients",
        body: bulkBody(activity, objectIds),
        minimumMinutesLeft: TOKEN_MINUTES,
      }),
    sendActivityNotification: (activity, objectId) =>
      client.request({
        method: "POST",
        path: `/users/${encodeURIComponent(objectId)}/teamwork/sendActivityNotification`,
        body: activityBody(activity),
        minimumMinutesLeft: TOKEN_MINUTES,
      }),
    async catalogApp(externalId) {
      const entry = await findInCatalog(client, externalId);
      if (!entry) return null;
      const versions = entry.definitions.map(({ version }) => version).filter((version) => version !== "");
      return { id: entry.id, externalId, displayName: entry.displayName, versions };
    },
  };
}
