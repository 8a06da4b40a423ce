/** Signs Microsoft users in to their Mattermost accounts: links, admission, sessions. */

import type { ConfigSource } from "../../microsoft/config/index.ts";
import type { Directory } from "../../people/directory.ts";
import { createLinks, type Links } from "../../people/links.ts";
import { type ServerRulesSource, serverRules } from "../../people/server-rules.ts";
import { endTabSession, type SessionApi } from "../../people/tab-session.ts";
import type { Api, Cluster, KeyValueStore, Logger } from "../../runtime/mattermost/index.ts";
import { createHandover, type Handover } from "./handover.ts";
import { createPolicyKeeper, keepPolicy } from "./policy-change.ts";
import { createProvisioner, type ProvisionApi } from "./provision.ts";
import { type AccountApi, type Admission, type SignInRequest, signIn, signInAs } from "./sign-in.ts";

export {
  createDirectory,
  type Directory,
  type DirectoryAnswer,
  type DirectoryFacts,
} from "../../people/directory.ts";
export type { Link, LinkBasis, LinkRemoval } from "../../people/link.ts";
export type { Links } from "../../people/links.ts";
export type { ServerRules } from "../../people/server-rules.ts";
export { type UnlinkCommand, unlinkCommand } from "../../people/unlink-command.ts";
export type { Refusal } from "./admission.ts";
export { type Audit, createAudit, type SignInAttempt } from "./audit.ts";
export type { Departures, DeparturesPorts, DirectoryLook } from "./departures.ts";
export type { Handover } from "./handover.ts";
export type { Admission, SignInRequest } from "./sign-in.ts";

export type IdentityApi = AccountApi & SessionApi & ProvisionApi & Pick<Api, "getConfig">;

export interface IdentityPorts {
  readonly config: ConfigSource;
  readonly api: IdentityApi;
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly cluster: Pick<Cluster, "publish" | "on" | "runOnOneNode">;
  readonly directory: Directory;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Created here when a test does not pass them. */
  readonly links?: Links;
  readonly serverRules?: ServerRulesSource;
}

export interface Identity {
  /** Signs in a person whom Entra has verified. */
  signIn(request: SignInRequest): Promise<Admission>;
  /** Signs in somebody who signed in to Mattermost in a pop-up and redeemed its code. */
  signInAs(request: {
    readonly userId: string;
    readonly userAgent: string;
    readonly previousSessionId: string | null;
  }): Promise<Admission>;
  /** Logs out in the tab; other sessions of the account stay. */
  end(sessionId: string): Promise<void>;
  readonly handover: Handover;
  readonly links: Links;
  readonly serverRules: ServerRulesSource;
  /**
   * Called on activation: applies rules that changed while the plugin was off; after that, one node enforces changes.
   */
  start(): void;
  stop(): Promise<void>;
  /** Called by the hook onConfigurationChange, after the plugin's own settings were read. */
  configurationChanged(): void;
  /** Resolves when the work of the last two is done: tests wait for it, hooks do not. */
  idle(): Promise<void>;
  /** Handler of the hook userHasBeenDeactivated. */
  deactivated(userId: string): Promise<void>;
}

export function createIdentity(ports: IdentityPorts): Identity {
  const { api, clock, cluster, config, directory, kv, log } = ports;
  const rules = ports.serverRules ?? serverRules(api);
  const links = ports.links ?? createLinks({ api, clock, cluster, kv, log });
  const provisioner = createProvisioner({ config, api, log });
  const keeper = createPolicyKeeper({ kv, links, config: () => config.current, log });
  const all = {
    config,
    api,
    links: links.store,
    rules,
    directory,
    provisioner,
    log,
    clock,
    onLinked: links.changed,
  };
  let watch: { stop(): Promise<void> } | null = null;
  let enforcing = Promise.resolve();
  const stopping = new AbortController();

  /** Applies one change after the other; the next sweep repeats what fails. */
  function enforce(): void {
    enforcing = enforcing
      .then(() => keeper.apply(stopping.signal))
      .catch((error: unknown) => {
        log.warn("A change of the sign-in rules is not in force for all sessions yet", {
          error: String(error),
        });
      });
  }

  return {
    signIn: (request) => signIn(all, request),
    signInAs: (request) => signInAs(all, request),
    end: (sessionId) => endTabSession(api, sessionId),
    handover: createHandover(kv, clock),
    links,
    serverRules: rules,
    start() {
      watch ??= keepPolicy(keeper, cluster);
      enforce();
    },
    async stop() {
      stopping.abort();
      await Promise.all([watch?.stop(), enforcing]);
      watch = null;
    },
    configurationChanged() {
      rules.forget();
      enforce();
    },
    idle: () => enforcing,
    deactivated: (userId) => links.endSessions(userId),
  };
}
