/** The interface of change notifications, and what they need from the product. */

import type { Feature } from "../../platform/feature.ts";
import type { Routes } from "../../platform/http/index.ts";
import type { Metrics } from "../../platform/metrics/metrics.ts";
import type { KeyRing } from "../../platform/store/sealed.ts";
import type { Clock } from "../../platform/work/clock.ts";
import type { Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import type { ConfigSource } from "../config/index.ts";
import type { AppTokens } from "../entra/app-token.ts";
import type { TokenVerifier } from "../entra/token-verifier.ts";
import type { Credential, GraphClient } from "../graph/index.ts";
import type { Fetch } from "../network/index.ts";
import type { NewKeyPair } from "./incoming/certificate.ts";
import type { Resource } from "./incoming/resource.ts";
import type { SubscriptionsStatus } from "./status.ts";
import type { ContentTrial } from "./trial.ts";
import type { ChangeListener } from "./wish.ts";

export interface SubscriptionPorts {
  readonly config: ConfigSource;
  readonly graph: GraphClient;
  readonly fetch: Fetch;
  readonly verifier: Pick<TokenVerifier, "verifyValidationToken">;
  readonly tokens: AppTokens;
  /** Encrypts the private keys; null while `encryption_key` is empty. */
  readonly keyRing: () => KeyRing | null;
  /** Creates the key of a certificate with which Graph encrypts resource data. */
  readonly newKeyPair?: NewKeyPair;
  readonly kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "lock" | "publish" | "on">;
  readonly log: Pick<Logger, "warn" | "info">;
  readonly metrics: Pick<Metrics, "counter" | "watch">;
  readonly clock: Clock;
  readonly pluginId: string;
  readonly end?: PluginEnd;
  /** How long a node that died blocks the others. */
  readonly leaseMs?: number;
}

export interface PluginEnd {
  /** Whether the plugin ends because an admin switched it off. */
  isSwitchedOff(): Promise<boolean>;
  /** A Graph client for the last calls. */
  graph(): GraphClient;
  /** Resolves when the last calls have taken too long; by default after `UNSUBSCRIBE_MS`. */
  tooLong?(): Promise<void>;
}

/** The implementation, which features do not see. It is loaded on demand. */
export interface SubscriptionsRoom {
  readonly routes: Routes;
  start(): void;
  /** Aborts every call and waits for it. */
  stop(): Promise<void>;
  /** The wishes of a feature have changed: somebody connected, a channel was linked. */
  wishesChanged(): void;
  /** For the console: retries refused steps now, on whichever node keeps the subscriptions. */
  retry(): void;
  status(): Promise<SubscriptionsStatus>;
  /** Encrypts a sample with the newest certificate and decrypts it. */
  tryContents(): Promise<ContentTrial>;
  /** Whether any subscription was made with the person's token. */
  concerns(userId: string): Promise<boolean>;
  /** Resolves when no older message of the same chat or channel is on its way here, or after half a second. */
  older(resource: Resource): Promise<void>;
  /** Deletes the subscriptions made with the person's token, while it still works. Their keys contain the user id. */
  release(userId: string, credential: Credential, signal: AbortSignal): Promise<void>;
}

export interface Subscriptions extends SubscriptionsRoom {
  /** Registers a listener. Call it before `start`. */
  listen(listener: ChangeListener): void;
  /** Returns change notifications as a feature of the product. */
  feature(): Feature;
  /** True while a feature that listens is switched on. */
  active(): boolean;
}
