/**
 * The state of one organisation at Entra, Graph and Teams: people, registrations, consent, catalog, installs. It
 * stays in one file, because consent refers to registrations, installs refer to the catalog, and all of them refer to
 * people.
 */

import { randomBytes, randomUUID } from "node:crypto";
import type { CatalogApp } from "./teams-catalog.ts";
import type { Application, ServicePrincipal } from "./tenant-apps.ts";
import { adminOnly, application, delegated, entries } from "./tenant-permissions.ts";

/** Graph's own application, the same in every tenant. */
export const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";
/** Teams web client. */
export const TEAMS_WEB_APP_ID = "5e3ce6c0-2b1f-4285-8d4b-75ee78787346";
/** Microsoft Graph Command Line Tools: the public client of the device code flow. */
export const GRAPH_CLI_APP_ID = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

export interface Person {
  readonly objectId: string;
  displayName: string;
  userPrincipalName: string;
  mail: string | null;
  /** A member of another tenant, invited here. */
  guest: boolean;
  /** Absent means true. */
  enabled?: boolean;
  givenName?: string;
  surname?: string;
  /** Directory roles by display name: "Global Administrator", "Teams Administrator". */
  roles: string[];
  locale: string;
}

/** One entry of somebody's activity feed. */
export interface Activity {
  readonly id: string;
  readonly at: number;
  readonly recipientId: string;
  readonly activityType: string;
  /** The type's template with its parameters filled in, in the app's default language. */
  readonly text: string;
  /** The same by language, if the package has it. */
  readonly texts: Readonly<Record<string, string>>;
  readonly preview: string;
  readonly topic: string;
  readonly webUrl: string;
  readonly chainId: number | null;
  readonly catalogId: string;
  read: boolean;
}

export class Tenant {
  readonly id: string;
  readonly domain: string;
  readonly people = new Map<string, Person>();
  readonly applications = new Map<string, Application>();
  readonly servicePrincipals = new Map<string, ServicePrincipal>();
  /** Client secrets by `appId`; registrations themselves only show a hint. */
  readonly secrets = new Map<string, Set<string>>();
  readonly appRoleAssignments: { id: string; principalId: string; resourceId: string; appRoleId: string }[] =
    [];
  readonly grants: {
    id: string;
    clientId: string;
    consentType: string;
    resourceId: string;
    scope: string;
  }[] = [];
  readonly catalog = new Map<string, CatalogApp>();
  /** Object id of a person → catalog ids, with the id of each installation. */
  readonly installs = new Map<string, Map<string, string>>();
  readonly activities: Activity[] = [];
  readonly graphPrincipal: ServicePrincipal;

  constructor(domain: string) {
    this.id = randomUUID();
    this.domain = domain;
    this.graphPrincipal = {
      id: randomUUID(),
      appId: GRAPH_APP_ID,
      displayName: "Microsoft Graph",
      appRoles: entries(application),
      oauth2PermissionScopes: entries(delegated),
    };
    this.servicePrincipals.set(this.graphPrincipal.id, this.graphPrincipal);
  }

  addPerson(part: Partial<Person> & { displayName: string; userPrincipalName: string }): Person {
    const person: Person = {
      objectId: randomUUID(),
      mail: part.userPrincipalName,
      guest: false,
      roles: [],
      locale: "en-us",
      ...part,
    };
    this.people.set(person.objectId, person);
    return person;
  }

  person(idOrName: string): Person | undefined {
    const name = idOrName.toLowerCase();
    return (
      this.people.get(name) ??
      [...this.people.values()].find((each) => each.userPrincipalName.toLowerCase() === name)
    );
  }

  addApplication(part: Partial<Application> & { displayName: string }): Application {
    const app: Application = {
      id: randomUUID(),
      appId: randomUUID(),
      identifierUris: [],
      signInAudience: "AzureADMyOrg",
      requiredResourceAccess: [],
      optionalClaims: null,
      passwordCredentials: [],
      keyCredentials: [],
      federatedIdentityCredentials: [],
      ...part,
      api: {
        requestedAccessTokenVersion: null,
        oauth2PermissionScopes: [],
        preAuthorizedApplications: [],
        ...part.api,
      },
    };
    this.applications.set(app.id, app);
    return app;
  }

  byClientId(appId: string): Application | undefined {
    return [...this.applications.values()].find((each) => each.appId === appId);
  }

  principalOf(appId: string): ServicePrincipal | undefined {
    return [...this.servicePrincipals.values()].find((each) => each.appId === appId);
  }

  addPrincipal(app: Application): ServicePrincipal {
    const principal = {
      id: randomUUID(),
      appId: app.appId,
      displayName: app.displayName,
      appRoles: [],
      oauth2PermissionScopes: app.api.oauth2PermissionScopes.map(({ id, value }) => ({ id, value })),
    };
    this.servicePrincipals.set(principal.id, principal);
    return principal;
  }

  /** Answers the secret once; the registration keeps its first three characters. */
  addSecret(
    app: Application,
    displayName = "secret",
    endDateTime = new Date(Date.now() + 730 * 86_400_000),
  ): { secretText: string; keyId: string } {
    const secretText = `${randomBytes(3).toString("hex")}~${randomBytes(17).toString("base64url")}`;
    const keyId = randomUUID();
    app.passwordCredentials.push({
      keyId,
      displayName,
      hint: secretText.slice(0, 3),
      endDateTime: endDateTime.toISOString(),
    });
    const known = this.secrets.get(app.appId) ?? new Set();
    this.secrets.set(app.appId, known.add(secretText));
    return { secretText, keyId };
  }

  /** Application permissions granted to a client, by value. */
  rolesOf(appId: string): string[] {
    const principal = this.principalOf(appId);
    return this.appRoleAssignments
      .filter((each) => each.principalId === principal?.id && each.resourceId === this.graphPrincipal.id)
      .flatMap(
        (each) => this.graphPrincipal.appRoles.find((role) => role.id === each.appRoleId)?.value ?? [],
      );
  }

  grantRole(appId: string, role: string): void {
    const principal = this.principalOf(appId);
    const appRoleId = application[role];
    if (!principal || !appRoleId) throw new Error(`cannot grant ${role} to ${appId}`);
    this.appRoleAssignments.push({
      id: randomUUID(),
      principalId: principal.id,
      resourceId: this.graphPrincipal.id,
      appRoleId,
    });
  }

  revokeRole(appId: string, role: string): void {
    const principal = this.principalOf(appId);
    const at = this.appRoleAssignments.findIndex(
      (each) => each.principalId === principal?.id && each.appRoleId === application[role],
    );
    if (at >= 0) this.appRoleAssignments.splice(at, 1);
  }

  /** Delegated Graph permissions with admin consent for everybody. */
  scopesOf(appId: string): string[] {
    const principal = this.principalOf(appId);
    return this.grants
      .filter((each) => each.clientId === principal?.id)
      .flatMap((each) => each.scope.trim().split(/\s+/));
  }

  grantScopes(appId: string, scope: string): void {
    const principal = this.principalOf(appId);
    if (!principal) throw new Error(`${appId} has no service principal`);
    this.grants.push({
      id: randomUUID(),
      clientId: principal.id,
      consentType: "AllPrincipals",
      resourceId: this.graphPrincipal.id,
      scope,
    });
  }

  readonly #agreed = new Map<string, Set<string>>();

  /** What admins granted for everybody, and what this person consented to. */
  agreedScopes(appId: string, personId: string): string[] {
    return [...this.scopesOf(appId), ...(this.#agreed.get(`${appId} ${personId}`) ?? [])];
  }

  agree(appId: string, personId: string, scopes: readonly string[]): void {
    const key = `${appId} ${personId}`;
    this.#agreed.set(key, new Set([...(this.#agreed.get(key) ?? []), ...scopes]));
  }

  knowsDelegated = (scope: string): boolean => delegated[scope] !== undefined;
  needsAdmin = (scope: string): boolean => adminOnly.has(scope);

  revokeScopes(appId: string): void {
    const principal = this.principalOf(appId);
    for (let i = this.grants.length - 1; i >= 0; i--)
      if (this.grants[i]?.clientId === principal?.id) this.grants.splice(i, 1);
  }

  /** The complete registration, as an admin creates it by hand (features of the admin guide). */
  register(displayName: string, host: string, tokenVersion: 1 | 2 = 2): { app: Application; secret: string } {
    const scope = { id: randomUUID(), value: "access_as_user", type: "User", isEnabled: true };
    const app = this.addApplication({
      displayName,
      api: {
        requestedAccessTokenVersion: tokenVersion,
        oauth2PermissionScopes: [scope],
        preAuthorizedApplications: [],
      },
      optionalClaims: { accessToken: [{ name: "email" }, { name: "acct" }] },
      requiredResourceAccess: [
        {
          resourceAppId: GRAPH_APP_ID,
          resourceAccess: [
            { id: delegated["User.Read"] ?? "", type: "Scope" },
            { id: application["TeamsActivity.Send"] ?? "", type: "Role" },
            { id: application["AppCatalog.Read.All"] ?? "", type: "Role" },
          ],
        },
      ],
    });
    app.identifierUris.push(`api://${host}/${app.appId}`);
    app.api.preAuthorizedApplications.push({ appId: TEAMS_WEB_APP_ID, delegatedPermissionIds: [scope.id] });
    this.addPrincipal(app);
    const secret = this.addSecret(app).secretText;
    for (const role of ["TeamsActivity.Send", "AppCatalog.Read.All"]) this.grantRole(app.appId, role);
    this.grantScopes(app.appId, "User.Read openid profile email offline_access");
    return { app, secret };
  }

  installFor(personId: string, catalogId: string): string {
    const own = this.installs.get(personId) ?? new Map<string, string>();
    this.installs.set(personId, own);
    const known = own.get(catalogId) ?? Buffer.from(`${personId}##${catalogId}`).toString("base64");
    own.set(catalogId, known);
    return known;
  }

  isInstalled(personId: string, catalogId: string): boolean {
    return this.installs.get(personId)?.has(catalogId) ?? false;
  }
}
