/** Microsoft Graph, as far as this product asks anything of it. */

import { z } from "zod";
import { type Activity, activityBody, bulkBody, TOKEN_MINUTES } from "./activity.ts";
import { createGraphClient, type GraphClient, type GraphPorts } from "./client.ts";

export {
  type Activity,
  MAX_PREVIEW,
  MAX_RECIPIENTS,
  MAX_WEB_URL,
  TOKEN_MINUTES,
  tabLink,
} from "./activity.ts";
export { backoff, type GraphClient, type GraphPorts, type GraphRequest, passing } from "./client.ts";
export { GraphError, GraphUnreachable } from "./errors.ts";

export interface CatalogApp {
  /** Used everywhere in Graph and in deep links; changes when the app is deleted and uploaded anew. */
  readonly id: string;
  /** `id` of the manifest. */
  readonly externalId: string;
  readonly displayName: string;
  /** Versions in the catalog, as far as Graph lists them. */
  readonly versions: readonly string[];
}

export interface Graph extends GraphClient {
  /** 202: Microsoft has taken it; whether a client shows it is never told. At most MAX_RECIPIENTS object ids. */
  sendActivityNotificationToRecipients(activity: Activity, objectIds: readonly string[]): Promise<void>;
  /** The call for one person: slower limits, but it answers at once whether the app is installed for them. */
  sendActivityNotification(activity: Activity, objectId: string): Promise<void>;
  /** The app in the organisation's catalog, or null when it was never uploaded. */
  catalogApp(externalId: string): Promise<CatalogApp | null>;
}

const catalogAnswer = z.object({
  value: z.array(
    z.object({
      id: z.string().min(1),
      externalId: z.string().nullish(),
      displayName: z.string().nullish(),
      appDefinitions: z.array(z.object({ version: z.string().nullish() })).nullish(),
    }),
  ),
});

export function createGraph(ports: GraphPorts): Graph {
  const client = createGraphClient(ports);
  return {
    request: client.request,
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
      // A quote inside an OData string is doubled.
      const filter = `externalId eq '${externalId.replaceAll("'", "''")}'`;
      const { value } = await client.request({
        path: `/appCatalogs/teamsApps?$filter=${encodeURIComponent(filter)}&$expand=appDefinitions`,
        answer: catalogAnswer,
      });
      const app = value.find((one) => one.externalId === externalId);
      if (!app) return null;
      return {
        id: app.id,
        externalId,
        displayName: app.displayName ?? "",
        versions: (app.appDefinitions ?? []).flatMap((one) => (one.version ? [one.version] : [])),
      };
    },
  };
}
