/** Checks that ask Microsoft: is the registration there, does the credential work, what may it do? */

import { z } from "zod";
import type { Config } from "../../config/index.ts";
import { hostClientIds } from "../../config/index.ts";
import { refusalOf } from "../../entra/refusals.ts";
import { errors, ProductError } from "../../errors.ts";
import { applicationsOf } from "../../graph/applications.ts";
import { findInCatalog } from "../../graph/catalog.ts";
import { type GraphClient, GraphError } from "../../graph/index.ts";
import { lazy } from "../../lazy.ts";
import { causeOf, type Fetch } from "../../network/index.ts";
import { type Finding, ok, problem, unknown, warning } from "./report.ts";

const metadata = lazy(() =>
  z.object({
    issuer: z.string(),
    jwks_uri: z.string(),
    cloud_instance_name: z.string().optional(),
    tenant_region_sub_scope: z.string().nullish(),
  }),
);

/** What the tenant's metadata document told; three checks read it, one request is made. */
export type Metadata =
  | {
      readonly read: true;
      readonly document: z.output<ReturnType<typeof metadata>>;
      readonly date: Date | null;
    }
  | {
      readonly read: false;
      readonly why: "not_configured" | "no_tenant" | "unreachable";
      readonly detail: string;
    };

export async function readMetadata({ cloud, settings }: Config, fetch: Fetch): Promise<Metadata> {
  if (settings.m365_tenant_id === "") return { read: false, why: "not_configured", detail: "" };
  const url = `${cloud.loginUrl}/${settings.m365_tenant_id}/v2.0/.well-known/openid-configuration`;
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (response.status === 400 || response.status === 404) {
      return { read: false, why: "no_tenant", detail: `HTTP ${response.status}` };
    }
    const date = Date.parse(response.headers.get("Date") ?? "");
    return {
      read: true,
      document: metadata().parse(await response.json()),
      date: Number.isNaN(date) ? null : new Date(date),
    };
  } catch (error) {
    return { read: false, why: "unreachable", detail: causeOf(error) };
  }
}

const lookElsewhere = "Check proxy, DNS and the certificate authorities under Network, and the chosen cloud.";

export async function entraCheck({ cloud }: Config, told: Metadata, fetch: Fetch): Promise<Finding> {
  if (!told.read) {
    if (told.why === "not_configured") return unknown("There is no tenant ID yet.");
    if (told.why === "no_tenant") {
      return problem(
        `${cloud.loginUrl} knows no such tenant.`,
        "Compare the Directory (tenant) ID with the overview page of the app registration, and the cloud.",
        "m365_tenant_id",
      );
    }
    return problem(`${cloud.loginUrl} cannot be reached: ${told.detail}.`, lookElsewhere, "outgoing_proxy");
  }
  try {
    const response = await fetch(told.document.jwks_uri, { headers: { Accept: "application/json" } });
    const { keys } = z.object({ keys: z.array(z.unknown()).min(1) }).parse(await response.json());
    return ok(
      `${keys.length} signing ${keys.length === 1 ? "key" : "keys"} at ${new URL(told.document.jwks_uri).host}, issuer ${told.document.issuer}`,
    );
  } catch {
    return problem(`The signing keys at ${told.document.jwks_uri} cannot be read.`, lookElsewhere);
  }
}

/** Names that the metadata document gives the clouds. */
const instances: Readonly<Record<string, string>> = {
  commercial: "microsoftonline.com",
  gcchigh: "microsoftonline.us",
  dod: "microsoftonline.us",
  china: "partner.microsoftonline.cn",
};

export function cloudCheck({ cloud }: Config, told: Metadata): Finding {
  if (!told.read) return unknown("The tenant's metadata could not be read.");
  const { cloud_instance_name: instance, tenant_region_sub_scope: region } = told.document;
  const expected = instances[cloud.name];
  if (expected === undefined || instance === undefined) return ok(`Issuer ${told.document.issuer}`);
  const wrong = (is: string) =>
    problem(
      `The tenant lives in ${is}, the setting says "${cloud.name}".`,
      "Choose the tenant's cloud on the page Connect to Microsoft, then upload the app package there.",
      "national_cloud",
    );
  if (instance !== expected) return wrong(instance);
  // Both government clouds share the login host; only Graph and Teams differ.
  if (cloud.name === "gcchigh" && region === "DOD") return wrong("DoD");
  if (cloud.name === "dod" && region === "DODCON") return wrong("GCC High");
  return ok(`${instance}${region ? ` (${region})` : ""}`);
}

/** Tokens are accepted within five minutes of skew; from two on somebody should look. */
export function clockCheck(told: Metadata, now: Date): Finding {
  if (!told.read || !told.date) return unknown("Microsoft's time could not be read.");
  const seconds = Math.round((now.getTime() - told.date.getTime()) / 1000);
  const evidence = `This server's clock differs from Microsoft's by ${Math.abs(seconds)} s.`;
  const cure = "Synchronise the clock of the server (NTP): tokens are refused beyond 5 minutes.";
  if (Math.abs(seconds) > 300) return problem(evidence, cure);
  return Math.abs(seconds) > 120 ? warning(evidence, cure) : ok(evidence);
}

export type TokenAnswer = { readonly token: string } | { readonly finding: Finding };

export async function takeToken(config: Config, tokens: TokenSource): Promise<TokenAnswer> {
  if (!config.registration) return { finding: unknown("The registration is not filled in yet.") };
  if (config.credentials.length === 0) {
    return {
      finding: warning(
        "There is no credential.",
        "Sign-in works without one; notifications and directory look-ups need it.",
        "m365_client_secret",
      ),
    };
  }
  try {
    // A fresh one: the token at hand would work for an hour after the secret was deleted.
    tokens.forget();
    return { token: await tokens.token(0) };
  } catch (error) {
    if (!(error instanceof ProductError)) throw error;
    const { code, detail } = error;
    if (code === "microsoft_unreachable") {
      return { finding: problem(`Entra gave no token. ${detail}.`, lookElsewhere, "outgoing_proxy") };
    }
    const setting = refusalOf(detail).setting ?? "m365_client_secret";
    return {
      finding: problem(`Entra gave no token${detail ? `: ${detail}` : ""}.`, errors[code].cure, setting),
    };
  }
}

export interface TokenSource {
  token(minimumMinutesLeft: number): Promise<string>;
  forget(): void;
}

export function credentialCheck(answer: TokenAnswer): Finding {
  return "finding" in answer ? answer.finding : ok("Entra gave a token for it just now.");
}

export function rolesOf(token: string): string[] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return z.object({ roles: z.array(z.string()).default([]) }).parse(claims).roles;
  } catch {
    return [];
  }
}

export function rolesCheck(config: Config, answer: TokenAnswer): Finding {
  if ("finding" in answer) return unknown("Needs a working credential.");
  const roles = rolesOf(answer.token);
  const evidence = roles.length > 0 ? `Granted: ${roles.join(", ")}` : "No right is granted.";
  const grant =
    "Grant it as application permission of Microsoft Graph with admin consent, or run the set-up.";
  const perInstallation = config.settings.app_resource_specific_consent;
  if (!roles.includes("TeamsActivity.Send") && config.notificationsEnabled && !perInstallation) {
    return problem(`${evidence} TeamsActivity.Send is missing: nobody can be notified.`, grant);
  }
  if (!roles.includes("AppCatalog.Read.All")) {
    return warning(
      `${evidence} AppCatalog.Read.All is missing: the app cannot be found in the catalog.`,
      grant,
    );
  }
  return ok(evidence);
}

/** Days before the end at which admins are told. */
export const EXPIRY_DAYS = [30, 7, 1] as const;

export function expiryCheck(end: Date | null, now: Date, setting = "m365_client_secret"): Finding {
  if (!end) {
    return unknown(
      "The date cannot be read: the app lacks Application.Read.All, which it does not need otherwise.",
      "Note the date of expiry where you will see it, or let the set-up create the secret: then it is known.",
    );
  }
  const days = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
  const date = end.toISOString().slice(0, 10);
  const cure = "Create a new credential and put it in before that day; the set-up does both for a secret.";
  if (days < 0) return problem(`Expired on ${date}.`, cure, setting);
  const evidence = `Expires on ${date}, in ${days} days.`;
  if (days <= EXPIRY_DAYS[1]) return problem(evidence, cure, setting);
  return days <= EXPIRY_DAYS[0] ? warning(evidence, cure, setting) : ok(evidence);
}

export interface RegistrationSeen {
  readonly finding: Finding;
  /** End of the credential that lasts longest; `null` when it could not be read. */
  readonly credentialEnds: Date | null;
}

/** What stands in Entra, when the app may read it (Application.Read.All is not asked for). */
export async function lookAtRegistration(config: Config, graph: GraphClient): Promise<RegistrationSeen> {
  const { registration } = config;
  if (!registration)
    return { finding: unknown("The registration is not filled in yet."), credentialEnds: null };
  const expected = `Expected in Entra: Application ID URI ${registration.applicationIdUri}, scope access_as_user.`;
  let seen: Awaited<ReturnType<ReturnType<typeof applicationsOf>["application"]>>;
  try {
    seen = await applicationsOf(graph).application(registration.clientId);
  } catch (error) {
    const why =
      error instanceof GraphError && error.status === 403
        ? "The app may not read it."
        : "It could not be read.";
    return { finding: unknown(`${why} ${expected}`), credentialEnds: null };
  }
  if (!seen) return { finding: unknown(`Graph does not show it. ${expected}`), credentialEnds: null };
  const ends = [...seen.passwordCredentials, ...seen.keyCredentials].flatMap(({ endDateTime }) =>
    endDateTime ? [Date.parse(endDateTime)] : [],
  );
  const credentialEnds = ends.length > 0 ? new Date(Math.max(...ends)) : null;
  const scope = seen.api?.oauth2PermissionScopes.find(({ value }) => value === "access_as_user");
  const allowed = seen.api?.preAuthorizedApplications.map(({ appId }) => appId.toLowerCase()) ?? [];
  const absent = hostClientIds.filter((id) => !allowed.includes(id));
  const wrong = [
    ...(seen.identifierUris.includes(registration.applicationIdUri)
      ? []
      : [
          `its Application ID URI is ${seen.identifierUris.join(" ") || "empty"}, not ${registration.applicationIdUri}`,
        ]),
    ...(scope?.isEnabled ? [] : ["the scope access_as_user is missing or disabled"]),
    ...(absent.length > 0 ? [`${absent.length} Microsoft clients are not authorised (${absent[0]}…)`] : []),
  ];
  const finding =
    wrong.length === 0
      ? ok(`${registration.applicationIdUri}, scope access_as_user, ${allowed.length} authorised clients`)
      : problem(
          `In Entra ${wrong.join("; ")}.`,
          "Run the set-up, which repairs it, or correct it in Entra by hand.",
        );
  return { finding, credentialEnds };
}

export async function catalogCheck(
  config: Config,
  graph: GraphClient,
  lastVersion: string | null,
  compare: (a: string, b: string) => number,
): Promise<{ finding: Finding; version: string | null }> {
  if (!config.cloud.catalogApi) return { finding: unknown("This cloud has no catalog API."), version: null };
  if (!config.teamsApp) return { finding: unknown("There is no app ID yet."), version: null };
  try {
    const entry = await findInCatalog(graph, config.teamsApp.id);
    const versions =
      entry?.definitions.filter(({ state }) => state !== "rejected").map(({ version }) => version) ?? [];
    const version = versions.sort(compare).at(-1) ?? null;
    if (!entry) {
      return {
        finding: problem(
          "The app is not in the catalog of your organisation.",
          "Download the package and upload it in the Teams admin center, or press Publish to Teams.",
          "app_package",
        ),
        version,
      };
    }
    const waiting = entry.definitions.some(({ state }) => state === "submitted");
    const review = waiting ? " A version waits for review in the Teams admin center." : "";
    if (version !== null && lastVersion !== null && compare(version, lastVersion) < 0) {
      return {
        finding: warning(
          `The catalog has ${version}, the last package made is ${lastVersion}.${review}`,
          "Upload the newer package, or press Publish to Teams.",
          "app_package",
        ),
        version,
      };
    }
    return { finding: ok(`Version ${version ?? "unknown"}.${review}`), version };
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
  if (!config.teamsApp) return unknown("There is no app ID yet.");
  if (objectId === null) return unknown("You have not opened the tab in Teams yet.");
  const filter = encodeURIComponent(`teamsApp/externalId eq '${config.teamsApp.id}'`);
  const path = `/users/${encodeURIComponent(objectId)}/teamwork/installedApps?$expand=teamsApp&$filter=${filter}`;
  try {
    const { value } = await graph.request({ path, answer: installedApps() });
    if (value.length > 0) return ok("Installed.");
    return warning(
      "Not installed for you.",
      "In Teams: Apps > Built for your org > Add. A setup policy installs it for everybody.",
    );
  } catch (error) {
    return graphTrouble(error, "TeamsAppInstallation.ReadForUser.All");
  }
}

/** A right that is not granted is no fault: the check is one the app can do without. */
function graphTrouble(error: unknown, right: string): Finding {
  if (error instanceof GraphError && (error.status === 403 || error.status === 401)) {
    return unknown(`The app may not look: ${right} is not granted.`);
  }
  if (error instanceof ProductError) return unknown("Needs a working credential.");
  return unknown(
    error instanceof GraphError ? `Graph answered ${error.status} ${error.code}.` : "Graph did not answer.",
  );
}
