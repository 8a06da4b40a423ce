/**
 * Receives Microsoft Graph's notifications: `POST /api/v1/graph/changes` and `…/lifecycle`.
 *
 * The checks run in the order of docs/facts/microsoft-chat.md 3.4, cheap ones first:
 *
 *   size ─▶ shape ─▶ client state ─▶ tenant ─▶ known subscription ─▶ validation tokens ─▶ stored ─▶ 202
 *                                                           (the inbox continues: HMAC, decryption, seen before)
 *
 * A bad entry is dropped and counted, and the good ones beside it are accepted, because an error answer would make
 * Graph repeat all of them. 503 means that our store has failed; Graph retries for four hours.
 */

import { ProductError } from "../../../platform/errors.ts";
import { Routes, readBytes } from "../../../platform/http/index.ts";
import { networkSettings } from "../../../platform/settings/index.ts";
import { within } from "../../../runtime/within.ts";
import type { ConfigSource } from "../../config/index.ts";
import type { ValidationVerdict } from "../../entra/verify-validation-token.ts";
import { changeError } from "../errors.ts";
import type { Registration, Registrations } from "../lifecycle/registrations.ts";
import type { Dropped, SubscriptionMetrics } from "../metrics.ts";
import { CHANGES_PATH, LIFECYCLE_PATH } from "../paths.ts";
import { verifyClientState } from "./client-state.ts";
import {
  type EntryProof,
  MAX_ENTRIES,
  type NotificationBody,
  readBody,
  readChange,
  readLifecycle,
} from "./entries.ts";
import { type AcceptedChange, deliveryId, type Inbox } from "./inbox.ts";
import { covers, readResource } from "./resource.ts";

export interface WebhookPorts {
  readonly config: ConfigSource;
  readonly registrations: Registrations;
  readonly inbox: Pick<Inbox, "add" | "expect" | "withdraw">;
  /** The secret from which all client states are derived. */
  readonly secret: () => Promise<Uint8Array>;
  /** Resolves with null while no registration is configured. */
  readonly verifyToken: (token: string) => Promise<ValidationVerdict | null>;
  /** True while some feature wishes for changes. When false, the addresses answer 404. */
  readonly active: () => boolean;
  /** Resolves when the request is durable. */
  readonly lifecycle: (
    registration: Registration,
    event: "reauthorizationRequired" | "subscriptionRemoved" | "missed",
  ) => Promise<void>;
  readonly metrics: SubscriptionMetrics;
  /** Called when a validation request was answered, which shows that the address can be reached. */
  readonly onHandshake: () => void;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_TOKEN_BYTES = 4 * 1024;
/** Graph sends one for each pair of app and tenant. */
const MAX_VALIDATION_TOKENS = 16;
/** Graph expects an answer within 3 s; keys that take longer are awaited after the answer. */
const KEYS_WAIT_MS = 2_000;

export function webhookRoutes(ports: WebhookPorts): Routes {
  const answer = (take: (body: NotificationBody) => Promise<void>) => async (request: Request) => {
    if (!ports.active()) throw new ProductError("not_found");
    if (request.method !== "POST") throw new ProductError("method_not_allowed");
    const search = new URL(request.url).search;
    if (hasHandshake(search)) return handshake(search, ports.onHandshake);
    const body = readBody(await readBytes(request, MAX_BODY_BYTES));
    if (!body) throw new ProductError("request_invalid", "not a list of notifications");
    const { value } = body;
    try {
      await take({ ...body, value: value.slice(0, MAX_ENTRIES) });
    } catch (error) {
      throw changeError("changes_not_stored", "", { cause: error });
    }
    if (value.length > MAX_ENTRIES) ports.metrics.dropped("malformed", value.length - MAX_ENTRIES);
    return new Response(null, { status: 202 });
  };
  const changes = answer((body) => takeChanges(body, ports));
  const lifecycle = answer((body) => takeLifecycle(body, ports));
  return new Routes()
    .all(CHANGES_PATH, "webhook", (c) => changes(c.req.raw))
    .all(LIFECYCLE_PATH, "webhook", (c) => lifecycle(c.req.raw));
}

const HANDSHAKE = /[?&]validationToken=([^&]*)/;
const hasHandshake = (search: string) => HANDSHAKE.test(search);

/** Anybody can send a validation request, so it proves nothing and changes nothing. */
function handshake(search: string, onHandshake: () => void): Response {
  const tokens = [...search.matchAll(new RegExp(HANDSHAKE, "g"))];
  const [only] = tokens;
  const token = tokens.length === 1 ? decoded(only?.[1] ?? "") : null;
  if (token === null || token === "" || Buffer.byteLength(token) > MAX_TOKEN_BYTES)
    throw new ProductError("request_invalid", "not a validation token");
  onHandshake();
  return new Response(token, {
    headers: { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" },
  });
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

async function takeChanges(
  { value, validationTokens }: NotificationBody,
  ports: WebhookPorts,
): Promise<void> {
  const { metrics, inbox } = ports;
  const trust = await trustOf(ports);
  const plain: AcceptedChange[] = [];
  const rich: AcceptedChange[] = [];
  for (const one of value) {
    const entry = readChange(one);
    const registration = entry ? await trust(entry) : "malformed";
    if (!entry || typeof registration === "string") {
      metrics.dropped(registration as Dropped);
      continue;
    }
    const resource = readResource(entry.resource);
    const wished = readResource(registration.resource);
    const wantsContent = registration.certificateId !== null;
    if (!resource) metrics.dropped("malformed");
    else if (!wished || !covers(wished, resource)) metrics.dropped("foreign_resource");
    // An entry without its content would avoid the proof that contents require.
    else if (wantsContent !== (entry.content !== null)) metrics.dropped("unproven");
    else
      (wantsContent ? rich : plain).push({
        ...{ id: deliveryId(entry, registration), entry, registration, resource },
      });
  }

  inbox.expect([...plain, ...rich]);
  const proof = rich.length > 0 ? await proofOf(validationTokens, ports) : "proven";
  if (proof === "unproven") {
    inbox.withdraw(rich);
    for (const _ of rich) metrics.dropped("unproven");
  }
  const kept = proof === "unproven" ? plain : [...plain, ...rich];
  if (kept.length === 0) return;
  const tokens = proof === "later" ? (validationTokens as string[]) : null;
  try {
    await inbox.add(kept, tokens);
  } catch (error) {
    inbox.withdraw(kept);
    throw error;
  }
  for (const { entry } of kept) metrics.accepted(entry.changeType);
}

async function takeLifecycle({ value }: NotificationBody, ports: WebhookPorts): Promise<void> {
  const trust = await trustOf(ports);
  for (const one of value) {
    const entry = readLifecycle(one);
    const registration = entry ? await trust(entry) : "malformed";
    if (!entry || typeof registration === "string") ports.metrics.dropped(registration as Dropped);
    else {
      await ports.lifecycle(registration, entry.lifecycleEvent);
      ports.metrics.lifecycle(entry.lifecycleEvent);
    }
  }
}

/** Returns the registration that an entry proves, or why it proves none. */
async function trustOf({ config, registrations, secret }: WebhookPorts) {
  const key = await secret();
  const ours = config.current.registration;
  return async (entry: EntryProof): Promise<Registration | Dropped> => {
    const id = verifyClientState(entry.clientState, key);
    if (id === null) return "invalid_webhook_secret";
    if (!ours || entry.tenantId.toLowerCase() !== ours.tenantId) return "foreign_tenant";
    const fits = (registration: Registration | null) =>
      registration?.tenantId === ours.tenantId &&
      (registration.subscriptionId === null || registration.subscriptionId === entry.subscriptionId)
        ? registration
        : null;
    // The second lookup reads the store: another node may have made the subscription a moment ago.
    const registration =
      fits(await registrations.find(id)) ?? fits(await registrations.find(id, { fresh: true }));
    return registration ?? "unknown_subscription";
  };
}

/** Every token must be issued by Microsoft, for us. `later`: Entra's keys are unreachable now. */
async function proofOf(
  tokens: readonly unknown[],
  { verifyToken }: WebhookPorts,
): Promise<"proven" | "unproven" | "later"> {
  const texts = tokens.filter((token) => typeof token === "string");
  if (texts.length === 0 || texts.length !== tokens.length || texts.length > MAX_VALIDATION_TOKENS)
    return "unproven";
  const verdicts = await within(KEYS_WAIT_MS, Promise.all(texts.map(verifyToken)), null);
  if (!verdicts) return "later";
  if (verdicts.every((verdict) => verdict?.ok)) return "proven";
  const refused = verdicts.some((verdict) => verdict && !verdict.ok && verdict.reason !== "keys_unavailable");
  return refused ? "unproven" : "later";
}

/** `notification_url` replaces the site URL; an admin may have appended the plugin's path to it. */
export function addressesOf(config: ConfigSource, pluginId: string) {
  const { siteUrl, section } = config.current;
  const base = section(networkSettings).notification_url || (siteUrl?.secure ? siteUrl.url : "");
  if (base === "") return null;
  const path = `/plugins/${pluginId}`;
  const plugin = base.endsWith(path) ? base : base + path;
  return { changes: plugin + CHANGES_PATH, lifecycle: plugin + LIFECYCLE_PATH };
}
