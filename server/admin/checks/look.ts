/** Runs all checks once: each check of the set-up and of the features yields a row. */

import type { Config, ConfigSource } from "../../microsoft/config/index.ts";
import { refusalOf } from "../../microsoft/entra/refusals.ts";
import type { GraphClient } from "../../microsoft/graph/index.ts";
import { type Fetch, ProxyUnusable, proxyFor } from "../../microsoft/network/index.ts";
import type { FeatureCheck } from "../../platform/checks.ts";
import type { DeclaredPermissions } from "../../platform/permissions.ts";
import { problemWith } from "../../platform/settings/index.ts";
import { within } from "../../runtime/within.ts";
import {
  type DirectoryLook,
  departuresCheck,
  type SecondFactorMembers,
  secondFactorCheck,
} from "./member-checks.ts";
import {
  catalogCheck,
  clockCheck,
  cloudCheck,
  credentialCheck,
  entraCheck,
  expiryCheck,
  installedCheck,
  type KeysInUse,
  lookAtRegistration,
  readMetadata,
  rolesCheck,
  type TokenAnswer,
  type TokenSource,
  takeToken,
} from "./microsoft-checks.ts";
import {
  type CheckId,
  type CheckRow,
  checkIds,
  type Finding,
  ok,
  problem,
  type Report,
  see,
  unknown,
  warning,
} from "./report.ts";
import {
  cookiesCheck,
  frameAncestorsCheck,
  frameHeadersCheck,
  type ServerSettings,
  settingsCheck,
  siteReachableCheck,
  siteUrlCheck,
} from "./server-checks.ts";

export interface LookPorts {
  readonly permissions: Pick<DeclaredPermissions, "list">;
  /** Checks that the features declare. */
  readonly contributed?: readonly FeatureCheck[];
  readonly config: ConfigSource;
  readonly serverSettings: () => Promise<ServerSettings>;
  readonly fetch: Fetch;
  readonly proxyEnvironment: Readonly<Record<string, string | undefined>>;
  readonly tokens: TokenSource;
  readonly graph: GraphClient;
  /** Returns the Entra object id of a Mattermost account; null when it is not linked. */
  readonly objectIdOf: (userId: string) => Promise<string | null>;
  /** Entra's code of the last refused on-behalf-of exchange, if consent was the reason. */
  readonly consentTrouble?: () => string | null;
  /** The keys that sign-in uses; rejects when none can be used. */
  readonly keysInUse?: () => Promise<KeysInUse | null>;
  /** Members whom the setting for second factors affects. */
  readonly secondFactors?: () => Promise<SecondFactorMembers>;
  /** Version of the last tab token that was verified on this node. */
  readonly tokenVersion?: () => "1.0" | "2.0" | null;
  /** The daily search for disabled accounts, and the permissions of which it needs one. */
  readonly departures?: {
    last(): Promise<DirectoryLook | null>;
    readonly rights: readonly string[];
  };
  /** The end of the credential that the set-up created, if it created one. */
  readonly knownCredentialEnd?: () => Promise<Date | null>;
  /** Called with the end of the client secret whenever it was read; `null`: it is unknown. */
  readonly secretEndSeen?: (end: Date | null) => void;
  readonly lastPackageVersion: () => Promise<string | null>;
  readonly compareVersions: (a: string, b: string) => number;
  readonly catalogVersionSeen: (version: string | null) => void;
  readonly log: { warn(message: string, fields?: Record<string, unknown>): void };
  readonly now: () => Date;
}

export interface Look {
  /** Returns all rows. With a user, also those that concern this person. */
  all(userId?: string): Promise<Report>;
  /** Returns only the row about the catalog. */
  catalog(): Promise<CheckRow>;
}

const TIMEOUT_MS = 15_000;

type Check = () => Finding | Promise<Finding>;
/** Checks that run only for a person, or only when the plugin can read the data. */
type SometimesId = "departures" | "installed" | "second_factor";
/** A row of the page without its check does not compile. */
type AllChecks = Readonly<Record<Exclude<CheckId, SometimesId>, Check> & Partial<Record<SometimesId, Check>>>;

export function createLook(ports: LookPorts): Look {
  const { contributed = [] } = ports;

  async function all(userId?: string): Promise<Report> {
    const config = ports.config.current;
    const server = await ports.serverSettings();
    const now = ports.now();
    const metadata = readMetadata(config, ports.fetch);
    const token = takeToken(config, ports.tokens);
    // Requests with the app's own token wait for the result of the credential's check.
    const registration = token.then((answer) =>
      "finding" in answer
        ? { finding: unknown("needs_credential"), credentialEnds: null }
        : lookAtRegistration(config, ports.graph),
    );
    const objectId = userId === undefined ? null : await ports.objectIdOf(userId);

    const checks: AllChecks = {
      settings: () => settingsCheck(config),
      site_url: () => siteUrlCheck(config, server),
      site_reachable: () => siteReachableCheck(config, ports.fetch),
      frame_ancestors: () => frameAncestorsCheck(config, server),
      frame_headers: () => frameHeadersCheck(config, ports.fetch),
      cookies: () => cookiesCheck(config, server),
      entra_reachable: async () => entraCheck(config, await metadata, ports.fetch, ports.keysInUse),
      cloud: async () => cloudCheck(config, await metadata),
      clock: async () => clockCheck(await metadata, now),
      proxy: () => proxyCheck(config, ports.proxyEnvironment),
      credential: async () => credentialCheck(await token),
      credential_expiry: async () => {
        const [best] = config.credentials;
        if (!best) return unknown("no_credential");
        if (best.kind === "federated") return ok("federated");
        if (best.kind === "certificate")
          return expiryCheck(new Date(best.expiresAt), now, "m365_client_certificate");
        const seen = (await registration).credentialEnds ?? (await ports.knownCredentialEnd?.()) ?? null;
        ports.secretEndSeen?.(seen);
        return expiryCheck(seen, now);
      },
      roles: async () => rolesCheck(ports.permissions.list(config.section), await token),
      registration: async () => (await registration).finding,
      consent: () => consentCheck(ports.consentTrouble?.() ?? null),
      ...secondFactor(config),
      ...departures(token),
      catalog: async () => ("finding" in (await token) ? unknown("needs_credential") : lookAtCatalog(config)),
      ...(userId === undefined ? {} : { installed: () => installedCheck(config, ports.graph, objectId) }),
      licence: () => ok("licence"),
    };
    const rows = await Promise.all(
      checkIds.flatMap((id) => {
        const check = checks[id];
        return check ? [settle(id, check, ports.log)] : [];
      }),
    );
    const more = await Promise.all(
      contributed.map((check) => settle(check.id, () => check.look(), ports.log)),
    );
    return { at: now.toISOString(), rows: [...rows, ...more].filter((row) => row !== null) };
  }

  function secondFactor(config: Config) {
    const { secondFactors, tokenVersion } = ports;
    if (!secondFactors) return {};
    return { second_factor: () => secondFactorCheck(config, secondFactors, tokenVersion?.() ?? null) };
  }

  function departures(token: Promise<TokenAnswer>) {
    const watch = ports.departures;
    if (!watch) return {};
    return { departures: async () => departuresCheck(await watch.last(), await token, watch.rights) };
  }

  async function lookAtCatalog(config: Config): Promise<Finding> {
    const last = await ports.lastPackageVersion();
    const seen = await catalogCheck(config, ports.graph, last, ports.compareVersions);
    ports.catalogVersionSeen(seen.version);
    return seen.finding;
  }

  return {
    all,
    async catalog() {
      const look = () => lookAtCatalog(ports.config.current);
      return (await settle("catalog", look, ports.log)) ?? { id: "catalog", ...unknown("failed") };
    },
  };
}

function proxyCheck(config: Config, environment: Readonly<Record<string, string | undefined>>): Finding {
  const settings = { setting: config.outgoingProxy?.reveal() ?? "", environment };
  try {
    const ways = [config.cloud.loginUrl, config.cloud.graphUrl].flatMap((url) => {
      const target = new URL(url);
      const proxy = proxyFor(target, settings);
      // Only the host, because a proxy's address may contain a password.
      return proxy === null
        ? see("way_direct", { host: target.host })
        : see("way_proxy", { host: target.host, proxy: new URL(proxy).host });
    });
    return ok(ways);
  } catch (error) {
    if (!(error instanceof ProxyUnusable)) throw error;
    const problems = [problemWith(error.variable, error.code)];
    return { ...problem([], "proxy_variable", "outgoing_proxy"), problems };
  }
}

function consentCheck(number: string | null): Finding {
  if (number === null) return ok("consent_ok");
  return warning(see("consent_refused", { code: number }), refusalOf(number).code);
}

/** A check that throws or hangs yields a row that says so, and does not break the page. */
async function settle(
  id: string,
  check: () => Finding | null | Promise<Finding | null>,
  log: LookPorts["log"],
): Promise<CheckRow | null> {
  try {
    const finding = await within(TIMEOUT_MS, check(), unknown("timeout"));
    return finding && { id, ...finding };
  } catch (error) {
    log.warn("a check failed", { check: id, error: String(error) });
    return { id, ...unknown("failed") };
  }
}
