/** Checks that ask Microsoft: does the registration exist, does the credential work, what is it allowed to do? */

import { z } from "zod";
import type { Config } from "../../microsoft/config/index.ts";
import { hostClientIds } from "../../microsoft/config/index.ts";
import { refusalOf } from "../../microsoft/entra/refusals.ts";
import { rolesOf } from "../../microsoft/entra/token-roles.ts";
import { applicationsOf } from "../../microsoft/graph/applications.ts";
import { findInCatalog } from "../../microsoft/graph/catalog.ts";
import { type GraphClient, GraphError } from "../../microsoft/graph/index.ts";
import { type Cause, causeOf, type Fetch } from "../../microsoft/network/index.ts";
import { ProductError } from "../../platform/errors.ts";
import type { Permission } from "../../platform/permissions.ts";
import { registrationSettings } from "../../platform/settings/index.ts";
import { lazy } from "../../runtime/lazy.ts";
import { type Finding, ok, problem, see, unknown, warning } from "./report.ts";

const metadata = lazy(() =>
  z.object({
    issuer: z.string(),
    jwks_uri: z.string(),
    cloud_instance_name: z.string().optional(),
    tenant_region_sub_scope: z.string().nullish(),
  }),
);

/** The tenant's metadata document. Three checks need it; one request reads it. */
export type Metadata =
  | {
      readonly read: true;
      readonly document: z.output<ReturnType<typeof metadata>>;
      readonly date: Date | null;
    }
  | { readonly read: false; readonly why: "not_configured" }
  | { readonly read: false; readonly why: "no_tenant" }
  | { readonly read: false; readonly why: "unreachable"; readonly cause: Cause };

export async function readMetadata({ cloud, section }: Config, fetch: Fetch): Promise<Metadata> {
  const { m365_tenant_id } = section(registrationSettings);
  if (m365_tenant_id === "") return { read: false, why: "not_configured" };
  const url = `${cloud.loginUrl}/${m365_tenant_id}/v2.0/.well-known/openid-configuration`;
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (response.status === 400 || response.status === 404) {
      return { read: false, why: "no_tenant" };
    }
    const date = Date.parse(response.headers.get("Date") ?? "");
    return {
      read: true,
      document: metadata().parse(await response.json()),
      date: Number.isNaN(date) ? null : new Date(date),
    };
  } catch (error) {
    return { read: false, why: "unreachable", cause: causeOf(error) };
  }
}

/** The signing keys as the sign-in itself uses them. */
export interface KeysInUse {
  readonly issuer: string;
  readonly kids: readonly string[];
  readonly unusable: readonly { readonly why: string }[];
}

export async function entraCheck(
  { cloud }: Config,
  metadata: Metadata,
  fetch: Fetch,
  keysInUse?: () => Promise<KeysInUse | null>,
): Promise<Finding> {
  const url = cloud.loginUrl;
  if (!metadata.read) {
    if (metadata.why === "not_configured") return unknown("no_tenant_id");
    if (metadata.why === "no_tenant") {
      return problem(see("no_such_tenant", { url }), "tenant_unknown", "m365_tenant_id");
    }
    return problem([...see("entra_unreachable", { url }), metadata.cause], "network", "outgoing_proxy");
  }
  const { issuer, jwks_uri } = metadata.document;
  try {
    const seen = (await keysInUse?.().catch(inWords)) ?? null;
    if (seen && "refused" in seen) return problem(see("keys_refused", { detail: seen.refused }), "network");
    const [first] = seen?.unusable ?? [];
    if (seen && first) {
      const bad = seen.unusable.length;
      return warning(see("keys_unusable", { bad, total: bad + seen.kids.length, why: first.why }), "keys");
    }
    const response = await fetch(jwks_uri, { headers: { Accept: "application/json" } });
    const { keys } = z.object({ keys: z.array(z.unknown()).min(1) }).parse(await response.json());
    return ok(see("keys", { count: keys.length, host: new URL(jwks_uri).host, issuer }));
  } catch {
    return problem(see("keys_unread", { url: jwks_uri }), "network", "outgoing_proxy");
  }
}

const inWords = (error: unknown) => ({ refused: error instanceof Error ? error.message : String(error) });

/** The names of the clouds in the metadata document. */
const instances: Readonly<Record<string, string>> = {
  commercial: "microsoftonline.com",
  gcchigh: "microsoftonline.us",
  dod: "microsoftonline.us",
  china: "partner.microsoftonline.cn",
};

export function cloudCheck({ cloud }: Config, metadata: Metadata): Finding {
  if (!metadata.read) return unknown("metadata_unread");
  const { cloud_instance_name: instance, tenant_region_sub_scope: region, issuer } = metadata.document;
  const expected = instances[cloud.name];
  if (expected === undefined || instance === undefined) return ok(see("issuer", { issuer }));
  const wrong = (is: string) =>
    problem(see("other_cloud", { is, cloud: cloud.name }), "cloud", "national_cloud");
  if (instance !== expected) return wrong(instance);
  // Both government clouds share the login host; only Graph and Teams differ.
  if (cloud.name === "gcchigh" && region === "DOD") return wrong("DoD");
  if (cloud.name === "dod" && region === "DODCON") return wrong("GCC High");
  return ok(see("cloud", { instance: region ? `${instance} (${region})` : instance }));
}

/** Tokens are accepted with a skew of up to five minutes; from two minutes on, the check warns. */
export function clockCheck(metadata: Metadata, now: Date): Finding {
  if (!metadata.read || !metadata.date) return unknown("no_time");
  const seconds = Math.abs(Math.round((now.getTime() - metadata.date.getTime()) / 1000));
  const seen = see("clock", { seconds });
  if (seconds > 300) return problem(seen, "clock");
  return seconds > 120 ? warning(seen, "clock") : ok(seen);
}

export type TokenAnswer = { readonly token: string } | { readonly finding: Finding };

export async function takeToken(config: Config, tokens: TokenSource): Promise<TokenAnswer> {
  if (!config.registration) return { finding: unknown("no_registration") };
  if (config.credentials.length === 0) {
    return { finding: warning("no_credential", "no_credential", "m365_client_secret") };
  }
  try {
    // Requests a fresh token: the current one would work for an hour after the secret was deleted.
    tokens.forget();
    return { token: await tokens.token(0) };
  } catch (error) {
    if (!(error instanceof ProductError)) throw error;
    const { detail } = error;
    const refused = /^AADSTS\d+$/.test(detail) ? refusalOf(detail) : null;
    if (refused) {
      const setting = refused.setting ?? "m365_client_secret";
      return { finding: problem(see("token_refused", { code: detail }), refused.code, setting) };
    }
    if (error.code === "credential_unusable") {
      return { finding: problem("token_none", "credential_unusable", "m365_client_certificate") };
    }
    const url = config.cloud.loginUrl;
    const seen = [...see("token_none"), ...see("entra_unreachable", { url }), causeOf(error)];
    return { finding: problem(seen, "network", "outgoing_proxy") };
  }
}

export interface TokenSource {
  token(minimumMinutesLeft: number): Promise<string>;
  forget(): void;
}

export function credentialCheck(answer: TokenAnswer): Finding {
  return "finding" in answer ? answer.finding : ok("token_ok");
}

/** Compares the permissions in the token with those that the enabled features declare. */
export function rolesCheck(needed: readonly Permission[], answer: TokenAnswer): Finding {
  if ("finding" in answer) return unknown("needs_credential");
  const roles = rolesOf(answer.token);
  const granted = roles.length > 0 ? see("roles", { roles: roles.join(", ") }) : see("roles_none");
  const missing = needed.filter(({ kind, name }) => kind === "application" && !roles.includes(name));
  if (missing.length === 0) return ok(granted);
  const without = missing.flatMap(({ kind, name }) => [
    { code: "role_missing", values: { role: name } },
    { code: `without.${kind}.${name}` },
  ]);
  const state = missing.every(({ optional }) => optional) ? "warning" : "problem";
  return { state, seen: [...granted, ...without], cure: "role" };
}

/** Days before the end on which admins receive a message. */
export const EXPIRY_DAYS = [30, 7, 1] as const;

export function expiryCheck(end: Date | null, now: Date, setting = "m365_client_secret"): Finding {
  if (!end) return unknown("expiry_unknown", "expiry_unknown");
  const count = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
  const date = end.toISOString().slice(0, 10);
  if (count < 0) return problem(see("expired", { date }), "renew", setting);
  const seen = see("expires", { date, count });
  if (count <= EXPIRY_DAYS[1]) return problem(seen, "renew", setting);
  return count <= EXPIRY_DAYS[0] ? warning(seen, "renew", setting) : ok(seen);
}

export interface RegistrationSeen {
  readonly finding: Finding;
  /** The end of the credential that lasts longest; `null` when it could not be read. */
  readonly credentialEnds: Date | null;
}

/** Reads the registration from Entra, if the app is allowed to (the set-up does not request Application.Read.All). */
export async function lookAtRegistration(config: Config, graph: GraphClient): Promise<RegistrationSeen> {
  const { registration } = config;
  if (!registration) return { finding: unknown("no_registration"), credentialEnds: null };
  const uri = registration.applicationIdUri;
  const expected = see("registration_expected", { uri });
  let seen: Awaited<ReturnType<ReturnType<typeof applicationsOf>["application"]>>;
  try {
    seen = await applicationsOf(graph).application(registration.clientId);
  } catch (error) {
    const forbidden = error instanceof GraphError && error.status === 403;
    const why = see(forbidden ? "registration_forbidden" : "registration_unread");
    return { finding: unknown([...why, ...expected]), credentialEnds: null };
  }
  if (!seen) {
    return { finding: unknown([...see("registration_absent"), ...expected]), credentialEnds: null };
  }
  const ends = [...seen.passwordCredentials, ...seen.keyCredentials].flatMap(({ endDateTime }) =>
    endDateTime ? [Date.parse(endDateTime)] : [],
  );
  const credentialEnds = ends.length > 0 ? new Date(Math.max(...ends)) : null;
  const scope = seen.api?.oauth2PermissionScopes.find(({ value }) => value === "access_as_user");
  const allowed = seen.api?.preAuthorizedApplications.map(({ appId }) => appId.toLowerCase()) ?? [];
  const absent = hostClientIds.filter((id) => !allowed.includes(id));
  const is = seen.identifierUris.join(" ");
  const wrong = [
    ...(seen.identifierUris.includes(uri)
      ? []
      : is === ""
        ? see("registration_uri_empty", { uri })
        : see("registration_uri", { is, uri })),
    ...(scope?.isEnabled ? [] : see("registration_scope")),
    ...(absent.length > 0
      ? see("registration_clients", { count: absent.length, first: absent[0] ?? "" })
      : []),
  ];
  const finding =
    wrong.length === 0
      ? ok(see("registration_ok", { uri, count: allowed.length }))
      : problem(wrong, "registration");
  return { finding, credentialEnds };
}

export async function catalogCheck(
  config: Config,
  graph: GraphClient,
  lastVersion: string | null,
  compare: (a: string, b: string) => number,
): Promise<{ finding: Finding; version: string | null }> {
  if (!config.cloud.catalogApi) return { finding: unknown("no_catalog_api"), version: null };
  if (!config.teamsApp) return { finding: unknown("no_app_id"), version: null };
  try {
    const entry = await findInCatalog(graph, config.teamsApp.id);
    const versions =
      entry?.definitions.filter(({ state }) => state !== "rejected").map(({ version }) => version) ?? [];
    const version = versions.sort(compare).at(-1) ?? null;
    if (!entry) return { finding: problem("catalog_absent", "catalog", "app_package"), version };
    const waiting = entry.definitions.some(({ state }) => state === "submitted");
    const review = waiting ? see("catalog_review") : [];
    if (version !== null && lastVersion !== null && compare(version, lastVersion) < 0) {
      const older = [...see("catalog_older", { version, last: lastVersion }), ...review];
      return { finding: warning(older, "catalog_older", "app_package"), version };
    }
    const seen = version === null ? see("catalog_no_version") : see("catalog_version", { version });
    return { finding: ok([...seen, ...review]), version };
  } catch (error) {
    return { finding: graphTrouble(error, "AppCatalog.Read.All"), version: null };
  }
}

const installedApps = lazy(() => z.object({ value: z.array(z.object({ id: z.string() })) }));

export async function installedCheck(
  config: Config,
  graph: GraphClient,
  objectId: string | null,
): Promise<Finding> {
  if (!config.teamsApp) return unknown("no_app_id");
  if (objectId === null) return unknown("not_opened");
  const filter = encodeURIComponent(`teamsApp/externalId eq '${config.teamsApp.id}'`);
  const path = `/users/${encodeURIComponent(objectId)}/teamwork/installedApps?$expand=teamsApp&$filter=${filter}`;
  try {
    const { value } = await graph.request({ path, answer: installedApps() });
    return value.length > 0 ? ok("installed") : warning("not_installed", "install");
  } catch (error) {
    return graphTrouble(error, "TeamsAppInstallation.ReadForUser.All");
  }
}

/** A permission that is not granted is not a failure: the app works without this check. */
function graphTrouble(error: unknown, right: string): Finding {
  if (error instanceof GraphError) {
    const { status, code } = error;
    if (status === 403 || status === 401) return unknown(see("graph_forbidden", { right }));
    return unknown(see("graph_answered", { status, code }));
  }
  return unknown(error instanceof ProductError ? "needs_credential" : "graph_silent");
}
