/**
 * Compares the desired app registration with the current one and plans the steps: pure, so that the steps can be
 * previewed.
 */

import { hostClientIds } from "../../microsoft/config/index.ts";
import { SCOPE } from "../../microsoft/entra/verify-tab-token.ts";
import type {
  Application,
  DelegatedGrant,
  RoleAssignment,
  ServicePrincipal,
} from "../../microsoft/graph/applications.ts";
import type { DeclaredPermissions } from "../../platform/permissions.ts";
import { applicationIdUri, type SectionReader } from "../../platform/settings/index.ts";

export interface Desired {
  readonly displayName: string;
  /** The site's host, as in `api://{host}/{clientId}`. */
  readonly hostname: string;
  readonly clientIds: readonly string[];
  /** Delegated Graph permissions: an admin consents for everybody. */
  readonly delegated: readonly string[];
  /** Graph application permissions. */
  readonly roles: readonly string[];
  /** Web addresses to which Entra redirects people. */
  readonly redirectUris: readonly string[];
  /**
   * Keeps version 1 tokens when an admin has chosen them: only they report a second factor, which the policy `claim`
   * requires. The set-up itself uses version 2, which the Application ID URI needs.
   */
  readonly keepsVersion1?: boolean;
  /** Months until a new secret expires; `null` creates none. */
  readonly secretMonths: number | null;
}

/** With `email`, `acct` and `xms_edov`, sign-in can distinguish guests and verified addresses. */
export const CLAIMS = ["email", "acct", "xms_edov"] as const;
/** Some tenants accept the Application ID URI only with this version. */
export const TOKEN_VERSION = 2;

export function desiredRegistration(
  options: Pick<Desired, "displayName" | "hostname" | "secretMonths" | "keepsVersion1"> & {
    readonly moreClientIds: readonly string[];
    readonly needs: RegistrationNeeds;
  },
): Desired {
  const { moreClientIds, needs, ...rest } = options;
  return { ...rest, ...needs, clientIds: [...new Set([...hostClientIds, ...moreClientIds])] };
}

export type RegistrationNeeds = Pick<Desired, "delegated" | "roles" | "redirectUris">;

/** Returns exactly what the enabled features declare. `pluginUrl` has no trailing slash. */
export function registrationNeeds(
  permissions: DeclaredPermissions,
  section: SectionReader,
  pluginUrl: string,
): RegistrationNeeds {
  const delegated = permissions.needed("delegated", section);
  return {
    delegated: [...new Set([...permissions.needed("sign_in", section), ...delegated])],
    roles: permissions.needed("application", section),
    redirectUris: permissions.redirects(section).map((path) => `${pluginUrl}${path}`),
  };
}

/** The registration as it is in Entra. */
export interface Current {
  readonly application: Application | null;
  readonly principal: ServicePrincipal | null;
  readonly assignments: readonly RoleAssignment[];
  readonly grants: readonly DelegatedGrant[];
  /** Graph's own principal in this tenant: permission ids differ between clouds. */
  readonly graph: ServicePrincipal;
}

export const stepKinds = [
  "application",
  "token_version",
  "identifier_uri",
  "scope",
  "clients",
  "claims",
  "redirect_uri",
  "permissions",
  "principal",
  "roles",
  "consent",
  "secret",
] as const;
export type StepKind = (typeof stepKinds)[number];

export interface Step {
  readonly kind: StepKind;
  readonly action: "create" | "change" | "keep";
  /** The value that is created or changed, in readable form. */
  readonly detail: string;
}

export function planRegistration(current: Current, desired: Desired): Step[] {
  const app = current.application;
  const step = (kind: StepKind, missing: readonly string[], whole: string, exists = app !== null): Step =>
    missing.length === 0
      ? { kind, action: "keep", detail: whole }
      : { kind, action: exists ? "change" : "create", detail: missing.join(", ") };

  const uri = applicationIdUri(desired, app?.appId ?? "{client ID}");
  const hasUri = app?.identifierUris.includes(uri) ?? false;
  const version = app?.api?.requestedAccessTokenVersion;
  const hasTokenVersion = version === TOKEN_VERSION || keepsVersion1(app, desired);
  const scope = scopeOf(app);
  return [
    app
      ? { kind: "application", action: "keep", detail: `${app.displayName ?? ""} (${app.appId})` }
      : { kind: "application", action: "create", detail: `${desired.displayName}, this directory only` },
    step("token_version", hasTokenVersion ? [] : [`${TOKEN_VERSION}`], `${version ?? TOKEN_VERSION}`),
    step("identifier_uri", hasUri ? [] : [uri], uri),
    step("scope", scope?.isEnabled ? [] : [SCOPE], SCOPE, scope !== null),
    step("clients", missingClients(app, desired), `${desired.clientIds.length}`),
    step("claims", missingClaims(app), CLAIMS.join(", ")),
    ...(desired.redirectUris.length > 0
      ? [step("redirect_uri", missingRedirects(app, desired), desired.redirectUris.join(", "))]
      : []),
    step(
      "permissions",
      missingPermissions(app, current.graph, desired),
      [...desired.delegated, ...desired.roles].join(", "),
    ),
    current.principal
      ? { kind: "principal", action: "keep", detail: current.principal.id }
      : { kind: "principal", action: "create", detail: desired.displayName },
    step("roles", missingRoles(current, desired), desired.roles.join(", ")),
    step("consent", missingGrants(current, desired), desired.delegated.join(", ")),
    desired.secretMonths === null
      ? { kind: "secret", action: "keep", detail: "" }
      : { kind: "secret", action: "create", detail: `${desired.secretMonths} months` },
  ];
}

/** The version of tokens that the registration requests once the plan is done. */
export function finalTokenVersion(app: Application | null, desired: Desired): number {
  return keepsVersion1(app, desired) ? 1 : TOKEN_VERSION;
}

/** Only when the Application ID URI exists already: some tenants accept a new one only with version 2. */
function keepsVersion1(app: Application | null, desired: Desired): boolean {
  if (app?.api?.requestedAccessTokenVersion !== 1 || desired.keepsVersion1 !== true) return false;
  return app.identifierUris.includes(applicationIdUri(desired, app.appId));
}

export function scopeOf(app: Application | null) {
  return app?.api?.oauth2PermissionScopes.find(({ value }) => value === SCOPE) ?? null;
}

export function missingClients(app: Application | null, desired: Desired): string[] {
  const scope = scopeOf(app);
  const allowed = (app?.api?.preAuthorizedApplications ?? [])
    .filter(({ delegatedPermissionIds }) => scope && delegatedPermissionIds.includes(scope.id))
    .map(({ appId }) => appId.toLowerCase());
  return desired.clientIds.filter((id) => !allowed.includes(id.toLowerCase()));
}

export function missingClaims(app: Application | null): string[] {
  const names = app?.optionalClaims?.accessToken.map(({ name }) => name) ?? [];
  return CLAIMS.filter((name) => !names.includes(name));
}

export function missingRedirects(app: Application | null, desired: Desired): string[] {
  return desired.redirectUris.filter((uri) => !app?.web?.redirectUris.includes(uri));
}

/** Maps permission names to Graph's ids. `null`: this cloud does not have the permission. */
export function permissionIds(graph: ServicePrincipal, desired: Desired) {
  const idOf = (list: ServicePrincipal["appRoles"], name: string) =>
    list.find(({ value }) => value === name)?.id ?? null;
  return [
    ...desired.delegated.map((name) => ({
      name,
      type: "Scope",
      id: idOf(graph.oauth2PermissionScopes, name),
    })),
    ...desired.roles.map((name) => ({ name, type: "Role", id: idOf(graph.appRoles, name) })),
  ];
}

function missingPermissions(app: Application | null, graph: ServicePrincipal, desired: Desired): string[] {
  const asked = (app?.requiredResourceAccess ?? []).flatMap(({ resourceAccess }) =>
    resourceAccess.map(({ id }) => id),
  );
  return permissionIds(graph, desired)
    .filter(({ id }) => id !== null && !asked.includes(id))
    .map(({ name }) => name);
}

export function missingRoles({ assignments, graph }: Current, desired: Desired): string[] {
  const held = assignments
    .filter(({ resourceId }) => resourceId === graph.id)
    .map(({ appRoleId }) => appRoleId);
  return permissionIds(graph, desired)
    .filter(({ type, id }) => type === "Role" && id !== null && !held.includes(id))
    .map(({ name }) => name);
}

export function missingGrants({ grants, graph }: Current, desired: Desired): string[] {
  const granted = grants
    .filter(({ resourceId, consentType }) => resourceId === graph.id && consentType === "AllPrincipals")
    .flatMap(({ scope }) => (scope ?? "").split(" "));
  return desired.delegated.filter((name) => !granted.includes(name));
}
