/** Who a Microsoft user is in Mattermost: links, admission, sessions. */

import type { ConfigSource } from "../config/index.ts";
import type { Api, Cluster, Logger } from "../mattermost/index.ts";
import type { Directory } from "./directory.ts";
import type { LinkStorage } from "./link-store.ts";
import { createLinks, type Links } from "./links.ts";
import { createProvisioner, type ProvisionApi } from "./provision.ts";
import { type ServerRulesSource, serverRules } from "./server-rules.ts";
import { type AccountApi, type Admission, type SignInRequest, signIn } from "./sign-in.ts";
import type { SessionApi } from "./tab-session.ts";

export type { Refusal } from "./admission.ts";
export { createDirectory, type Directory, type DirectoryAnswer, type DirectoryFacts } from "./directory.ts";
export type { Link, LinkBasis } from "./link.ts";
export type { Links } from "./links.ts";
export type { ServerRules } from "./server-rules.ts";
export type { Admission, SignInRequest } from "./sign-in.ts";

export type IdentityApi = AccountApi & SessionApi & ProvisionApi & Pick<Api, "getConfig" | "getUsersByIds">;

export interface IdentityPorts {
  readonly config: ConfigSource;
  readonly api: IdentityApi;
  readonly kv: LinkStorage;
  readonly cluster: Pick<Cluster, "publish" | "on">;
  readonly directory: Directory;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface Identity {
  signIn(request: SignInRequest): Promise<Admission>;
  readonly links: Links;
  readonly serverRules: ServerRulesSource;
}

export function createIdentity({ api, clock, cluster, config, directory, kv, log }: IdentityPorts): Identity {
  const rules = serverRules(api);
  const links = createLinks({ api, clock, cluster, kv, log });
  const provisioner = createProvisioner({ config, api, log });
  return {
    signIn: (request) =>
      signIn(
        {
          config,
          api,
          links: links.store,
          rules,
          directory,
          provisioner,
          log,
          clock,
          onLinked: links.changed,
        },
        request,
      ),
    links,
    serverRules: rules,
  };
}
