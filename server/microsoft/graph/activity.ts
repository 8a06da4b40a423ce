/** Activity feed notifications (learn.microsoft.com, teamwork-sendactivitynotificationtorecipients). */

import type { Cloud } from "../config/index.ts";

/** Maximum number of recipients in one bulk request. */
export const MAX_RECIPIENTS = 100;
/** For a longer address Graph answers 400; undocumented, but reported by other developers. */
export const MAX_WEB_URL = 1024;
/** Teams shows at most this many characters of the preview. */
export const MAX_PREVIEW = 150;
/** Graph refuses a bulk request with 412 when the token has less than 45 minutes left. */
export const TOKEN_MINUTES = 50;

export interface Activity {
  /** The app's id in the organisation's catalog, not the id in the manifest. */
  readonly catalogAppId: string;
  /** `activities.activityTypes[].type` of the manifest. */
  readonly type: string;
  /** Shown as the place that the activity is about. */
  readonly topic: string;
  /** The address that a click opens, at most MAX_WEB_URL characters. */
  readonly webUrl: string;
  /** One value for each placeholder in the type's template. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly preview?: string;
  /** An activity with the same id replaces the earlier one. */
  readonly chainId?: number;
}

/** The body as sent; graph.test.ts compares it with Microsoft's published types. */
export interface ActivityBody {
  readonly topic: { readonly source: "text"; readonly value: string; readonly webUrl: string };
  readonly activityType: string;
  readonly previewText?: { readonly content: string };
  readonly templateParameters: { readonly name: string; readonly value: string }[];
  readonly chainId?: number;
  readonly teamsAppId: string;
}

export interface BulkBody extends ActivityBody {
  readonly recipients: { readonly "@odata.type": string; readonly userId: string }[];
}

/** Builds the body that both calls share. With `topic.source: text`, the link may lead to our own tab. */
export function activityBody(activity: Activity): ActivityBody {
  if (activity.webUrl.length > MAX_WEB_URL) {
    throw new RangeError(`activity link of ${activity.webUrl.length} characters`);
  }
  return {
    topic: { source: "text", value: activity.topic, webUrl: activity.webUrl },
    activityType: activity.type,
    ...(activity.preview === undefined ? {} : { previewText: { content: activity.preview } }),
    templateParameters: Object.entries(activity.parameters).map(([name, value]) => ({ name, value })),
    ...(activity.chainId === undefined ? {} : { chainId: activity.chainId }),
    teamsAppId: activity.catalogAppId,
  };
}

export function bulkBody(activity: Activity, objectIds: readonly string[]): BulkBody {
  if (objectIds.length === 0 || objectIds.length > MAX_RECIPIENTS) {
    throw new RangeError(`${objectIds.length} recipients in one request`);
  }
  return {
    ...activityBody(activity),
    recipients: objectIds.map((userId) => ({
      "@odata.type": "microsoft.graph.aadUserNotificationRecipient",
      userId,
    })),
  };
}

/**
 * Builds a link into the personal tab. The host is the cloud's own, the app is named by its catalog id, and the tab
 * gets `subEntityId` as `page.subPageId`.
 */
export function tabLink(
  cloud: Cloud,
  tab: { catalogAppId: string; tenantId: string; subPageId: string },
): string {
  const context = encodeURIComponent(JSON.stringify({ subEntityId: tab.subPageId }));
  return `${cloud.teamsUrl}/l/entity/${encodeURIComponent(tab.catalogAppId)}/mattermost?tenantId=${encodeURIComponent(tab.tenantId)}&context=${context}`;
}
