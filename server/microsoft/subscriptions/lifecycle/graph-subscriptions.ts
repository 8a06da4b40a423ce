/** Graph's calls for subscriptions (docs/facts/microsoft.md 9.2). */

import { z } from "zod";
import { lazy } from "../../../runtime/lazy.ts";
import { type Credential, type GraphClient, GraphError } from "../../graph/index.ts";
import type { CurrentCertificate } from "../incoming/content-keys.ts";

export interface RemoteSubscription {
  readonly id: string;
  readonly resource: string;
  readonly notificationUrl: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Graph rarely returns it. */
  readonly clientState: string | null;
}

const shape = lazy(() =>
  z
    .object({
      id: z.string().min(1).max(128),
      resource: z.string().default(""),
      notificationUrl: z.string().default(""),
      expirationDateTime: z.string(),
      clientState: z.string().nullish(),
    })
    .transform(
      ({ id, resource, notificationUrl, expirationDateTime, clientState }): RemoteSubscription => ({
        id,
        resource,
        notificationUrl,
        expiresAt: Date.parse(expirationDateTime) || 0,
        clientState: clientState ?? null,
      }),
    ),
);

export interface NewSubscription {
  readonly resource: string;
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleUrl: string;
  readonly clientState: string;
  readonly expiresAt: number;
  readonly certificate: CurrentCertificate | null;
}

export interface CallOptions {
  /** Default: the app's own credential. */
  readonly credential?: Credential | undefined;
  readonly signal: AbortSignal;
}

/** During this call Graph validates both addresses: up to 10 s each. */
const CREATE_LIMIT_MS = 30_000;
const id = (subscriptionId: string) => `/subscriptions/${encodeURIComponent(subscriptionId)}`;
const dateTime = (at: number) => Temporal.Instant.fromEpochMilliseconds(at).toString();
const encryption = (certificate: CurrentCertificate | null) =>
  certificate && {
    encryptionCertificate: certificate.certificate,
    encryptionCertificateId: certificate.id,
  };
const callOf = ({ credential, signal }: CallOptions) => ({ signal, ...(credential ? { credential } : {}) });

export function createSubscription(
  graph: GraphClient,
  wanted: NewSubscription,
  options: CallOptions,
): Promise<RemoteSubscription> {
  const { certificate, changeType, clientState, expiresAt, lifecycleUrl, notificationUrl, resource } = wanted;
  return graph.request({
    ...callOf(options),
    method: "POST",
    path: "/subscriptions",
    // Event ids change when an item moves, unless the subscription asks for immutable ones
    // (docs/facts/microsoft-calendar.md 2).
    ...(/\/events(\?|$)/i.test(resource) ? { headers: { Prefer: 'IdType="ImmutableId"' } } : {}),
    limitMs: CREATE_LIMIT_MS,
    body: {
      changeType,
      notificationUrl,
      // Required for subscriptions of more than an hour, and cannot be added later.
      lifecycleNotificationUrl: lifecycleUrl,
      resource,
      expirationDateTime: dateTime(expiresAt),
      clientState,
      ...(certificate && { includeResourceData: true, ...encryption(certificate) }),
    },
    answer: shape(),
  });
}

export function renewSubscription(
  graph: GraphClient,
  subscription: {
    readonly id: string;
    readonly expiresAt: number;
    readonly certificate: CurrentCertificate | null;
  },
  options: CallOptions,
): Promise<RemoteSubscription> {
  return graph.request({
    ...callOf(options),
    method: "PATCH",
    path: id(subscription.id),
    body: {
      expirationDateTime: dateTime(subscription.expiresAt),
      ...encryption(subscription.certificate),
    },
    answer: shape(),
  });
}

/** Resolves when the subscription is gone, whether by this call or before. */
export async function deleteSubscription(
  graph: GraphClient,
  subscriptionId: string,
  options: CallOptions,
): Promise<void> {
  try {
    await graph.request({ ...callOf(options), method: "DELETE", path: id(subscriptionId) });
  } catch (error) {
    if (!(error instanceof GraphError && error.status === 404)) throw error;
  }
}

/** Lists all subscriptions of the app, including those of other servers. */
export function listSubscriptions(graph: GraphClient, options: CallOptions): Promise<RemoteSubscription[]> {
  return Array.fromAsync(graph.items({ ...callOf(options), path: "/subscriptions", answer: shape() }));
}
