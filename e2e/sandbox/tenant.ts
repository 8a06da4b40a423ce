/**
 * The state of one organisation at Entra, Graph and Teams: people, registrations, consent, catalog, installs. It
 * stays in one file, because consent refers to registrations, installs refer to the catalog, and all of them refer to
 * people.
 */

import { randomBytes, randomUUID } from "node:crypto";

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

export interface Application {
  /** Object id, used in /applications/{id}. */
  readonly id: string;
  /** Client id. */
  readonly appId: string;
  displayName: string;
  identifierUris: string[];
  signInAudience: string;
  api: {
    requestedAccessTokenVersion: number | null;
    oauth2PermissionScopes: { id: string; value: string; isEnabled?: boolean; [key: string]: unknown }[];
    preAuthorizedApplications: { appId: string; delegatedPermissionIds: string[] }[];
  };
  requiredResourceAccess: { resourceAppId: string; resourceAccess: { id: string; type: string }[] }[];
  /** Allowed redirect URIs (platform Web). */
  redirectUris?: string[];
  optionalClaims: unknown;
  passwordCredentials: { keyId: string; displayName: string; hint: string; endDateTime: string }[];
  keyCredentials: { keyId: string; displayName: string; key: string; endDateTime: string }[];
  federatedIdentityCredentials: {
    id: string;
    name: string;
    issuer: string;
    subject: string;
    audiences: string[];
  }[];
}

export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly appRoles: { id: string; value: string }[];
  readonly oauth2PermissionScopes: { id: string; value: string }[];
}

export interface CatalogApp {
  /** Catalog id; deliberately differs from the manifest's id. */
  readonly id: string;
  /** Id in the manifest. */
  readonly externalId: string;
  displayName: string;
  /** `webApplicationInfo.id`: the Entra app that may send activities. */
  entraAppId: string;
  readonly definitions: { id: string; version: string; publishingState: "published" | "submitted" }[];
  manifest: TeamsManifest;
  /** `de` → the texts of that language, by their path in the manifest. */
  languages: ReadonlyMap<string, Readonly<Record<string, string>>>;
  icons: { color: string; outline: string };
}

export interface TeamsManifest {
  readonly id: string;
  readonly version: string;
  readonly name: { readonly short: string; readonly full?: string };
  readonly description: { readonly short: string; readonly full: string };
  readonly accentColor: string;
  readonly staticTabs?: readonly {
    readonly entityId: string;
    readonly name?: string;
    readonly contentUrl?: string;
    readonly websiteUrl?: string;
    readonly scopes: readonly string[];
  }[];
  readonly webApplicationInfo?: { readonly id: string; readonly resource?: string };
  readonly activities?: {
    readonly activityTypes?: readonly {
      readonly type: string;
      readonly description: string;
      readonly templateText: string;
    }[];
  };
  readonly authorization?: {
    readonly permissions?: { readonly resourceSpecific?: readonly { readonly name: string }[] };
  };
  readonly [key: string]: unknown;
}

/** One entry of a person's activity feed. */
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

/**
 * Graph permissions with Microsoft's ids, to the extent that set-up and checks use them (docs/facts/microsoft.md
 * 6.3).
 */
const delegated: Record<string, string> = {
  openid: "37f7f235-527c-4136-accd-4a02d197296e",
  profile: "14dad69e-099b-42c9-810b-d002981feec1",
  email: "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
  offline_access: "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
  "User.Read": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
  "User.ReadBasic.All": "b340eb25-3456-403f-be2f-af7a0d370277",
  "User.Read.All": "a154be20-db9c-4678-8ab7-66f6cc099a59",
  "Chat.Read": "f501c180-9344-439a-bca0-6cbf209fd270",
  "ChatMessage.Read": "cdcdac3a-fd45-410d-83ef-554db620e5c7",
  "ChatMessage.Send": "116b7235-7cc6-461e-b163-8e55691d839e",
  "ChannelMessage.Read.All": "767156cb-16ae-4d10-8f8b-41b657c8c8c8",
  "ChannelMessage.ReadWrite": "5922d31f-46c8-4404-9eaf-2117e390a8a4",
  "ChannelMember.Read.All": "2eadaff8-0bce-4198-a6b9-2cfc35a30075",
  "ChannelMessage.Send": "ebf0f66e-9fb1-49e4-a278-222f76911cf4",
  "Team.ReadBasic.All": "485be79e-c497-4b35-9400-0e3fa7f2a5d4",
  "Channel.ReadBasic.All": "9d8982ae-4365-4f57-95e9-d6032a4c0b87",
  "Files.Read.All": "df85f4d6-205c-4ac5-a5ea-6bf408dba283",
  "Files.ReadWrite.All": "863451e7-0667-486c-a5d6-d135439485f0",
  "Calendars.ReadWrite": "1ec239c2-d7c9-4623-a91a-a9775856bb36",
  "Calendars.ReadWrite.Shared": "12466101-c9b8-439a-8589-dd09ee67e8e9",
  "MailboxSettings.Read": "87f447af-9fa4-4c32-9dfa-4a57a73d18ce",
};
/** Delegated permissions to which a person cannot consent alone. */
const adminOnly = new Set(["User.Read.All", "ChannelMessage.Read.All"]);
const application: Record<string, string> = {
  "TeamsActivity.Send": "a267235f-af13-44dc-8385-c1dc93023186",
  "AppCatalog.Read.All": "e12dae10-5a57-4817-b79d-dfbec5348930",
  "User.ReadBasic.All": "97235f07-e226-4f63-ace3-39588e11d3a1",
  "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
  "Chat.Read.All": "6b7d71aa-70aa-4810-a8d9-5d9fb2830017",
  "Presence.Read.All": "a70e0c2d-e793-494c-94c4-118fa0a67f42",
  "ChannelMessage.Read.All": "7b2449af-6ccd-4f4d-9f78-e550c193f0d1",
  "Channel.ReadBasic.All": "59a6b24b-4225-4393-8165-ebaec5f55d7a",
  "ChannelMember.Read.All": "3b55498e-47ec-484f-8136-9013221c06a9",
  "Team.ReadBasic.All": "2280dda6-0bfd-44ee-a2f4-cb867cfc4c1e",
  "Files.Read.All": "01d4889c-1287-42c6-ac1f-5d1e02578ef6",
  "Calendars.Read": "798ee544-9d2d-430c-a058-570e29e34338",
  "MailboxSettings.Read": "40f97065-369a-49f4-947c-6a255697ae91",
  "TeamsAppInstallation.ReadWriteSelfForUser.All": "908de74d-f8b2-4d6b-a9ed-2a17b3b78179",
};
const entries = (permissions: Record<string, string>) =>
  Object.entries(permissions).map(([value, id]) => ({ id, value }));

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
