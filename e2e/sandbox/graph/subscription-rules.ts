/** Graph's rules for creating a subscription (docs/facts/microsoft.md 9.2). */

import { X509Certificate } from "node:crypto";
import type { GraphToken } from "../entra/server.ts";
import { badRequest, forbidden } from "./refusal.ts";

export type Family = "all_chats" | "chat" | "channel" | "events";

export interface SubscriptionBody {
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly resource: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly clientState: string | null;
  readonly certificate: { readonly id: string; readonly base64: string } | null;
}

const families: readonly [Family, RegExp][] = [
  ["all_chats", /^\/?chats\/getallmessages$/i],
  ["chat", /^\/?chats\/[^/]+\/messages$/i],
  ["channel", /^\/?teams\/[^/]+\/channels\/[^/]+\/messages$/i],
  ["events", /^\/?(me|users\/[^/]+)\/events$/i],
];

export function familyOf(resource: string): Family {
  const [path = ""] = resource.split("?");
  const found = families.find(([, pattern]) => pattern.test(path));
  if (!found) throw badRequest(`Resource '${resource}' is not supported for subscriptions.`);
  return found[0];
}

/** One subscription per app and resource, but 1,000 per mailbox. */
export const limitOf = (family: Family) => (family === "events" ? 1_000 : 1);

const MINUTE = 60_000;
export const SHORTEST_MS = 45 * MINUTE;

function longestMs(family: Family, withContent: boolean): number {
  if (family !== "events") return 4_320 * MINUTE;
  return (withContent ? 1_440 : 10_080) * MINUTE;
}

const text = (value: unknown, name: string): string => {
  if (typeof value !== "string" || value === "") throw badRequest(`${name} is a required property.`);
  return value;
};

export function readSubscription(json: unknown, now: number): SubscriptionBody {
  const body = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const resource = text(body.resource, "resource");
  const family = familyOf(resource);
  const changeType = text(body.changeType, "changeType");
  if (!changeType.split(",").every((one) => ["created", "updated", "deleted"].includes(one)))
    throw badRequest("The changeType is not supported.");
  const notificationUrl = address(body.notificationUrl, "notificationUrl");
  const lifecycle = body.lifecycleNotificationUrl;
  const lifecycleNotificationUrl =
    lifecycle === undefined ? null : address(lifecycle, "lifecycleNotificationUrl");
  const clientState = body.clientState === undefined ? null : text(body.clientState, "clientState");
  if ((clientState?.length ?? 0) > 128) throw badRequest("clientState is longer than 128 characters.");
  const certificate = readCertificate(body, family, resource);
  const expiresAt = readExpiry(body.expirationDateTime, longestMs(family, certificate !== null), now);
  if (family !== "events" && expiresAt - now > 60 * MINUTE && lifecycleNotificationUrl === null)
    throw badRequest(
      "lifecycleNotificationUrl is a required property for subscription creation on this resource when the expirationDateTime value is set to greater than 1 hour.",
    );
  return {
    changeType,
    notificationUrl,
    lifecycleNotificationUrl,
    resource,
    expiresAt,
    clientState,
    certificate,
  };
}

export function readRenewal(json: unknown, resource: string, withContent: boolean, now: number) {
  const body = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const known = ["expirationDateTime", "encryptionCertificate", "encryptionCertificateId"];
  const other = Object.keys(body).find((name) => !known.includes(name));
  if (other) throw badRequest(`The property ${other} cannot be changed.`);
  const family = familyOf(resource);
  const rekey = body.encryptionCertificate !== undefined || body.encryptionCertificateId !== undefined;
  return {
    expiresAt: readExpiry(body.expirationDateTime, longestMs(family, withContent), now),
    certificate: rekey ? readCertificate({ ...body, includeResourceData: true }, family, resource) : null,
  };
}

function address(value: unknown, name: string): string {
  const url = text(value, name);
  const parsed = URL.canParse(url) ? new URL(url) : null;
  // Graph accepts only https; http on this machine is the sandbox without a certificate.
  const local = parsed?.protocol === "http:" && parsed.hostname === "localhost";
  if (!parsed || (parsed.protocol !== "https:" && !local))
    throw badRequest(`${name} must be an https address.`);
  return url;
}

function readExpiry(value: unknown, longest: number, now: number): number {
  const at = Date.parse(text(value, "expirationDateTime"));
  if (Number.isNaN(at) || at <= now) throw badRequest("expirationDateTime must be a time in the future.");
  if (at - now > longest + MINUTE)
    throw badRequest(`Subscription expiration can only be ${longest / MINUTE} minutes in the future.`);
  return Math.max(at, now + SHORTEST_MS);
}

function readCertificate(body: Record<string, unknown>, family: Family, resource: string) {
  if (body.includeResourceData !== true) {
    if (body.encryptionCertificate !== undefined)
      throw badRequest("encryptionCertificate needs includeResourceData.");
    return null;
  }
  if (family === "events" && !/[?&]\$select=/.test(resource))
    throw badRequest("$select is required for notifications with resource data.");
  const base64 = text(body.encryptionCertificate, "encryptionCertificate");
  const id = text(body.encryptionCertificateId, "encryptionCertificateId");
  if (id.length > 128) throw badRequest("encryptionCertificateId is longer than 128 characters.");
  try {
    const { publicKey } = new X509Certificate(Buffer.from(base64, "base64"));
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    if (publicKey.asymmetricKeyType !== "rsa" || bits < 2048 || bits > 4096) throw new Error("no RSA key");
  } catch {
    throw badRequest("Certificate validation error: Cannot find the requested object.");
  }
  return { id, base64 };
}

const needed: Readonly<Record<Family, { readonly app: string; readonly person: string | null }>> = {
  all_chats: { app: "Chat.Read.All", person: null },
  chat: { app: "Chat.Read.All", person: "Chat.Read" },
  channel: { app: "ChannelMessage.Read.All", person: "ChannelMessage.Read.All" },
  events: { app: "Calendars.Read", person: "Calendars.Read" },
};

/** A missing permission is 403, and so is a used-up quota; both have the same code. */
export function requirePermission(token: GraphToken, resource: string): void {
  const { app, person } = needed[familyOf(resource)];
  if (token.oid === null) {
    if (/^\/?me\//i.test(resource))
      throw badRequest("/me request is only valid with delegated authentication flow.");
    if (!token.roles.includes(app)) throw forbidden("Operation: Create; Exception: [Status Code: Forbidden]");
  } else if (person === null || !token.scp.includes(person))
    throw forbidden("Operation: Create; Exception: [Status Code: Forbidden]");
}
