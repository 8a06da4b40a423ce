/**
 * Activity feed: validates sendActivityNotification requests, and stores the activities that people then see in Teams
 * (docs/facts/microsoft.md 3).
 */

import { randomUUID } from "node:crypto";
import type { CatalogApp } from "../teams-catalog.ts";
import type { Activity, Tenant } from "../tenant.ts";
import { badRequest, forbidden, notFound, Refusal } from "./refusal.ts";

const MAX_RECIPIENTS = 100;
const MAX_WEB_URL = 1_024;
const PREVIEW_SHOWN = 150;
const MINIMUM_TOKEN_SECONDS = 45 * 60;

export interface Sender {
  readonly appId: string;
  readonly roles: readonly string[];
  /** Seconds since 1970. */
  readonly tokenExpires: number;
}

interface Body {
  topic?: { source?: string; value?: string; webUrl?: string };
  activityType?: string;
  previewText?: { content?: string };
  templateParameters?: { name?: string; value?: string }[];
  chainId?: unknown;
  teamsAppId?: string;
  recipients?: { "@odata.type"?: string; userId?: string }[];
}

/** Bulk: answers 202 and silently skips unreachable people, like Graph. */
export function sendToRecipients(tenant: Tenant, graphUrl: string, sender: Sender, body: Body): Activity[] {
  if (sender.tokenExpires - Date.now() / 1000 < MINIMUM_TOKEN_SECONDS)
    throw new Refusal(412, "PreconditionFailed", "The token expires within 45 minutes.");
  const recipients = body.recipients;
  if (!Array.isArray(recipients) || recipients.length === 0) throw badRequest("recipients is required.");
  if (recipients.length > MAX_RECIPIENTS)
    throw badRequest(`recipients has more than ${MAX_RECIPIENTS} entries.`);
  for (const each of recipients) {
    if (
      each["@odata.type"]?.replace(/^#/, "") !== "microsoft.graph.aadUserNotificationRecipient" ||
      !each.userId
    )
      throw badRequest("Only aadUserNotificationRecipient is supported.");
  }
  if (
    body.topic?.source === "entityUrl" &&
    !body.topic.value?.startsWith(`${graphUrl}/v1.0/appCatalogs/teamsApps/`)
  )
    throw badRequest("topic.value must be a catalog app.");
  const app = appOf(tenant, sender, body);
  const make = checked(app, body);
  const reached = recipients.filter(
    ({ userId = "" }) => tenant.people.has(userId) && tenant.isInstalled(userId, app.id),
  );
  return reached.map(({ userId = "" }) => show(tenant, make(userId)));
}

/** One recipient: answers 204, or an error that lists every fault of the request. */
export function sendToUser(tenant: Tenant, sender: Sender, userId: string, body: Body): Activity {
  const person = tenant.person(userId);
  if (!person) throw notFound("The user");
  const app = appOf(tenant, sender, body);
  if (!tenant.isInstalled(person.objectId, app.id)) throw notAuthorized(sender, body);
  return show(tenant, checked(app, body)(person.objectId));
}

const notAuthorized = (sender: Sender, body: Body) =>
  forbidden(
    `Application with AAD App Id '${sender.appId}' is not authorized to generate custom text notifications about '${body.topic?.value}' to the recipient. Ensure that the expected Teams app is installed in the target scope (user, team, or chat).`,
  );

/** The Teams app that belongs to the caller's Entra app. */
function appOf(tenant: Tenant, sender: Sender, body: Body): CatalogApp {
  const apps = [...tenant.catalog.values()].filter((each) => each.entraAppId === sender.appId);
  if (body.teamsAppId) {
    const named = apps.find((each) => each.id === body.teamsAppId);
    if (!named) throw notAuthorized(sender, body);
    requirePermission(sender, named);
    return named;
  }
  if (apps.length > 1)
    throw new Refusal(
      409,
      "Conflict",
      `Found multiple applications with the same AAD App ID '${sender.appId}' - a Teams Application ID is required to resolve which application is correct.`,
    );
  const [app] = apps;
  if (!app) throw notAuthorized(sender, body);
  requirePermission(sender, app);
  return app;
}

function requirePermission(sender: Sender, app: CatalogApp): void {
  const consented = app.manifest.authorization?.permissions?.resourceSpecific?.map((each) => each.name) ?? [];
  if (sender.roles.includes("TeamsActivity.Send") || consented.includes("TeamsActivity.Send.User")) return;
  throw forbidden(
    `Missing role permissions on the request. API requires one of 'TeamsActivity.Send, TeamsActivity.Send.Group'. Roles on the request '${sender.roles.join(", ")}'. Resource specific consent grants on the request ''.`,
  );
}

/** Checks the body against the manifest and returns a function that builds one person's activity. */
function checked(app: CatalogApp, body: Body): (recipientId: string) => Omit<Activity, "id" | "at" | "read"> {
  const { topic } = body;
  if (!topic?.value) throw badRequest("topic.value is required.");
  if (topic.source !== "text" && topic.source !== "entityUrl") throw badRequest("topic.source is not known.");
  if (topic.source === "text" && !topic.webUrl)
    throw badRequest("topic.webUrl is required when topic.source is text.");
  if ((topic.webUrl ?? "").length > MAX_WEB_URL) throw badRequest("UnknownError");
  if (body.chainId !== undefined && !Number.isSafeInteger(body.chainId))
    throw badRequest("chainId must be an Int64.");

  const parameters = new Map(
    (body.templateParameters ?? []).map(({ name = "", value = "" }) => [name, value]),
  );
  const types = app.manifest.activities?.activityTypes ?? [];
  const index = types.findIndex((each) => each.type === body.activityType);
  const type = types[index];
  const filled = (template: string) =>
    template.replace(/\{(\w+)\}/g, (_, name: string) => {
      if (name === "actor") return app.displayName;
      const value = parameters.get(name);
      if (value === undefined) throw badRequest(`Template parameter '${name}' is missing.`);
      return value;
    });
  const texts: Record<string, string> = {};
  let text: string;
  if (body.activityType === "systemDefault") {
    if (!parameters.has("systemDefaultText")) throw badRequest("systemDefaultText is required.");
    text = parameters.get("systemDefaultText") ?? "";
  } else {
    if (!type) throw badRequest(`Activity type '${body.activityType}' is not declared in the manifest.`);
    text = filled(type.templateText);
    for (const [language, strings] of app.languages) {
      const template = strings[`activities.activityTypes[${index}].templateText`];
      if (template !== undefined) texts[language] = filled(template);
    }
  }
  return (recipientId) => ({
    recipientId,
    activityType: body.activityType ?? "",
    text,
    texts,
    preview: [...(body.previewText?.content ?? "")].slice(0, PREVIEW_SHOWN).join(""),
    topic: topic.value ?? "",
    webUrl: topic.webUrl ?? "",
    chainId: (body.chainId as number | undefined) ?? null,
    catalogId: app.id,
  });
}

/** A notification replaces an earlier one with the same chain id. */
function show(tenant: Tenant, part: Omit<Activity, "id" | "at" | "read">): Activity {
  const activity = { ...part, id: randomUUID(), at: Date.now(), read: false };
  if (activity.chainId !== null) {
    const before = tenant.activities.findIndex(
      (each) => each.recipientId === activity.recipientId && each.chainId === activity.chainId,
    );
    if (before >= 0) tenant.activities.splice(before, 1);
  }
  tenant.activities.push(activity);
  return activity;
}
