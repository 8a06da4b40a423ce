/** Parses the body of a notification POST by hand, because it runs a thousand times for one request. */

import { type EncryptedContent, MAX_DATA_CHARACTERS, MAX_KEY_CHARACTERS } from "./content.ts";

export const changeTypes = ["created", "updated", "deleted"] as const;
export type ChangeType = (typeof changeTypes)[number];

export const lifecycleEvents = ["reauthorizationRequired", "subscriptionRemoved", "missed"] as const;
export type LifecycleEvent = (typeof lifecycleEvents)[number];

/** The fields that prove an entry; both kinds of entries have them. */
export interface EntryProof {
  readonly subscriptionId: string;
  readonly clientState: string;
  readonly tenantId: string;
}

export interface ChangeEntry extends EntryProof {
  readonly changeType: ChangeType;
  readonly resource: string;
  /** `@odata.etag` of `resourceData`. Encrypted resource data contains its etag instead. */
  readonly etag: string | null;
  /** Graph's own id of the notification. */
  readonly notificationId: string | null;
  readonly content: EncryptedContent | null;
}

export interface LifecycleEntry extends EntryProof {
  readonly lifecycleEvent: LifecycleEvent;
}

export interface NotificationBody {
  readonly value: readonly unknown[];
  readonly validationTokens: readonly unknown[];
}

/** A genuine entry has at least 400 bytes, so a body of 4 MB has no more entries than this. */
export const MAX_ENTRIES = 10_000;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Returns null when the body is not a JSON object with a list as `value`. Tokens outside a list are ignored. */
export function readBody(bytes: Uint8Array): NotificationBody | null {
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(bytes));
  } catch {
    return null;
  }
  const body = object(json);
  if (!body || !Array.isArray(body.value)) return null;
  const tokens = body.validationTokens ?? [];
  return { value: body.value, validationTokens: Array.isArray(tokens) ? tokens : [null] };
}

export function readChange(value: unknown): ChangeEntry | null {
  const entry = object(value);
  const proof = entry && readProof(entry);
  if (!proof || entry.lifecycleEvent !== undefined) return null;
  const changeType = changeTypes.find((one) => one === entry.changeType);
  const resource = text(entry.resource, 2048);
  if (!changeType || !resource) return null;
  const content = entry.encryptedContent ?? null;
  const encrypted = content === null ? null : readContent(content);
  if (content !== null && !encrypted) return null;
  const data = object(entry.resourceData);
  return {
    ...proof,
    changeType,
    resource,
    etag: text(data?.["@odata.etag"], 256),
    notificationId: text(entry.id, 128),
    content: encrypted,
  };
}

export function readLifecycle(value: unknown): LifecycleEntry | null {
  const entry = object(value);
  const proof = entry && readProof(entry);
  const lifecycleEvent = lifecycleEvents.find((one) => one === entry?.lifecycleEvent);
  return proof && lifecycleEvent ? { ...proof, lifecycleEvent } : null;
}

function readProof(entry: Readonly<Record<string, unknown>>): EntryProof | null {
  const subscriptionId = text(entry.subscriptionId, 128);
  // An entry without a client state is not malformed but forged, and is counted as such.
  const clientState = text(entry.clientState, 255) ?? "";
  const tenantId = text(entry.tenantId, 64) ?? "";
  return subscriptionId === null ? null : { subscriptionId, clientState, tenantId };
}

function readContent(value: unknown): EncryptedContent | null {
  const content = object(value);
  const data = text(content?.data, MAX_DATA_CHARACTERS);
  const dataKey = text(content?.dataKey, MAX_KEY_CHARACTERS);
  const dataSignature = text(content?.dataSignature, 64);
  const encryptionCertificateId = text(content?.encryptionCertificateId, 128);
  if (!data || !dataKey || !dataSignature || !encryptionCertificateId) return null;
  return { data, dataKey, dataSignature, encryptionCertificateId };
}

function object(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Returns a non-empty text of at most `most` characters, else null. */
function text(value: unknown, most: number): string | null {
  return typeof value === "string" && value !== "" && value.length <= most ? value : null;
}
