/** The surface of change notifications, and what they need of the product. */

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
  /** For the private keys of contents; null while `encryption_key` is empty. */
  readonly keyRing: () => KeyRing | null;
  /** Of the certificates that Graph encrypts contents to. */
  readonly newKeyPair?: NewKeyPair;
  readonly kv: Pick<KeyValueStore, "get" | "set" | "delete" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "lock" | "publish" | "on">;
  readonly log: Pick<Logger, "warn" | "info">;
  readonly metrics: Pick<Metrics, "counter" | "watch">;
  readonly clock: Clock;
  readonly pluginId: string;
  /** Whether the plugin ends because an admin switched it off, and a client for the last calls. */
  readonly end?: { isSwitchedOff(): Promise<boolean>; graph(): GraphClient };
  /** How long a node that died holds up the others. */
  readonly leaseMs?: number;
}

/** What a feature does not see: it works once it is loaded. */
export interface SubscriptionsRoom {
  readonly routes: Routes;
  start(): void;
  /** Aborts every call and waits for it. */
  stop(): Promise<void>;
  /** The wishes of a feature have changed: somebody connected, a channel was linked. */
  wishesChanged(): void;
  /** For the console: try now what was refused, on whichever node keeps the subscriptions. */
  retry(): void;
  status(): Promise<SubscriptionsStatus>;
  /** Encrypts something to the newest certificate and opens it. */
  tryContents(): Promise<ContentTrial>;
  /** Whether anything was made with the person's token. */
  concerns(userId: string): Promise<boolean>;
  /** Resolves when no notification of an older message of the same channel or chat is on its way here; at once as a rule. */
  older(resource: Resource): Promise<void>;
  /** Deletes that, with a token that still works. Wishes of one person have the user id in their key. */
  release(userId: string, credential: Credential, signal: AbortSignal): Promise<void>;
}

export interface Subscriptions extends SubscriptionsRoom {
  /** Before `start`. */
  listen(listener: ChangeListener): void;
  /** As a feature of the product. */
  feature(): Feature;
  /** A feature that is switched on listens. */
  active(): boolean;
}
