/**
 * The guide, the scripts and the plugin create the same registration, and list every permission before the sign-in.
 */

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { declaredFeatures, productPermissions } from "../../build/product-features.ts";
import { permissionsFor, SIGN_IN_CLIENT } from "../microsoft/entra/sign-in-client.ts";
import type { ServicePrincipal } from "../microsoft/graph/applications.ts";
import { permissionTables } from "../platform/i18n/permissions.ts";
import { sectionReader } from "../platform/settings/index.ts";
import type { Guide } from "./setup/guide.ts";
import {
  type Current,
  desiredRegistration,
  planRegistration,
  registrationNeeds,
  type StepKind,
  stepKinds,
} from "./setup/plan.ts";
import { fresh, openStage, repair, setUp, tenant, world } from "./testing/stage.ts";

openStage();

const CLIENT_ID = "22222222-2222-4222-8222-222222222222";
/** Makes an id from a permission's name, which is enough to compare. */
const named = (names: readonly string[]) => names.map((value) => ({ id: `id-${value}`, value }));
/** A feature that is switched on needs a delegated permission, and so the redirect URI. */
const switches = { chats_enabled: true };
const needs = registrationNeeds(
  productPermissions(),
  sectionReader(switches),
  "https://chat.sandbox.example/plugins/mission-collaboration",
);
const everyRight = [...needs.delegated, ...needs.roles];
const graph: ServicePrincipal = {
  id: "graph",
  appId: "graph-app",
  appRoles: named(everyRight),
  oauth2PermissionScopes: named(everyRight),
};

/** The registration while a person enters the guide's values. */
interface Typed extends Current {
  application: NonNullable<Current["application"]>;
}
type Granted = Partial<Pick<Current, "assignments" | "grants">>;
const nothingYet = (): Typed => ({
  application: {
    id: "object",
    appId: CLIENT_ID,
    displayName: "Mattermost",
    signInAudience: "AzureADMyOrg",
    identifierUris: [],
    api: { requestedAccessTokenVersion: null, oauth2PermissionScopes: [], preAuthorizedApplications: [] },
    optionalClaims: { accessToken: [] },
    requiredResourceAccess: [],
    passwordCredentials: [],
    keyCredentials: [],
  },
  principal: { id: "principal", appId: CLIENT_ID, appRoles: [], oauth2PermissionScopes: [] },
  assignments: [],
  grants: [],
  graph,
});

/** One entry for each step of the plan: a new step does not compile until the guide covers it. */
const typed: Readonly<Record<StepKind, (guide: Guide, at: Typed) => Granted | undefined>> = {
  // Registering creates the application and its principal; a secret is pasted and never read back.
  application: () => undefined,
  principal: () => undefined,
  secret: () => undefined,
  token_version: ({ tokenVersion }, { application }) => {
    if (application.api) application.api.requestedAccessTokenVersion = tokenVersion;
    return undefined;
  },
  identifier_uri: ({ applicationIdUri }, { application }) => {
    application.identifierUris = [applicationIdUri.replace("{Application (client) ID}", application.appId)];
    return undefined;
  },
  scope: ({ scope }, { application }) => {
    application.api?.oauth2PermissionScopes.push({ id: "scope", value: scope, isEnabled: true });
    return undefined;
  },
  clients: ({ clientIds }, { application }) => {
    for (const appId of clientIds)
      application.api?.preAuthorizedApplications.push({ appId, delegatedPermissionIds: ["scope"] });
    return undefined;
  },
  claims: ({ claims }, { application }) => {
    application.optionalClaims = { accessToken: claims.map((name) => ({ name })) };
    return undefined;
  },
  redirect_uri: ({ redirectUris }, { application }) => {
    application.web = { redirectUris: [...redirectUris] };
    return undefined;
  },
  permissions: ({ delegated, roles }, { application }) => {
    application.requiredResourceAccess = [
      {
        resourceAppId: graph.appId,
        resourceAccess: [
          ...delegated.map((name) => ({ id: `id-${name}`, type: "Scope" })),
          ...roles.map((name) => ({ id: `id-${name}`, type: "Role" })),
        ],
      },
    ];
    return undefined;
  },
  roles: ({ roles }) => ({
    assignments: roles.map((name) => ({ id: name, appRoleId: `id-${name}`, resourceId: graph.id })),
  }),
  consent: ({ delegated }) => ({
    grants: [{ id: "grant", resourceId: graph.id, consentType: "AllPrincipals", scope: delegated.join(" ") }],
  }),
};

const desired = desiredRegistration({
  displayName: "Mattermost",
  hostname: "chat.sandbox.example",
  secretMonths: null,
  moreClientIds: [],
  needs,
});

/** Enters what the guide says, without the forgotten steps. Returns what the plan would still do. */
async function stillToDo(...forgotten: StepKind[]): Promise<StepKind[]> {
  const { ask } = world({ settings: switches });
  const { answer: guide } = await ask("GET", "/api/v1/admin/setup/guide");
  let at = nothingYet();
  for (const kind of stepKinds) {
    if (!forgotten.includes(kind)) at = { ...at, ...typed[kind](guide, at) };
  }
  return planRegistration(at, desired)
    .filter(({ action }) => action !== "keep")
    .map(({ kind }) => kind);
}

describe("by hand", () => {
  test("the plan finds nothing to do in a registration that follows the guide", async () => {
    expect(await stillToDo()).toEqual([]);
  });
  for (const kind of [
    "token_version",
    "identifier_uri",
    "clients",
    "claims",
    "redirect_uri",
    "permissions",
    "roles",
    "consent",
  ] as const) {
    test(`the plan names a forgotten step: ${kind}`, async () =>
      expect(await stillToDo(kind)).toEqual([kind]));
  }
  test("forgetting the scope also leaves its client missing", async () =>
    expect(await stillToDo("scope")).toEqual(["scope", "clients"]));
});

describe("by script", () => {
  for (const script of ["azureCli", "powerShell"] as const) {
    test(`${script} contains every value of the guide`, async () => {
      const { answer: guide } = await world({ settings: switches }).ask("GET", "/api/v1/admin/setup/guide");
      const { scope, tokenVersion, claims, clientIds, delegated, roles, redirectUris } = guide as Guide;
      expect(redirectUris).toHaveLength(1);
      const text: string = guide[script];
      for (const value of [scope, ...claims, ...clientIds, ...delegated, ...roles, ...redirectUris])
        expect(text).toContain(value);
      expect(text).toMatch(new RegExp(`requestedAccessTokenVersion"?\\s*[:=]\\s*${tokenVersion}`, "i"));
      expect(text).toContain("api://");
    });
  }
});

describe("by the plugin", () => {
  test("creates the registration of the guide", async () => {
    const { ask } = await setUp({ settings: switches });
    const { answer: guide } = await ask("GET", "/api/v1/admin/setup/guide");
    const [app] = tenant.applications.values();
    if (!app) throw new Error("no registration");
    expect(app.identifierUris).toEqual([guide.applicationIdUri]);
    expect(app.api.requestedAccessTokenVersion).toBe(guide.tokenVersion);
    expect(app.api.preAuthorizedApplications.map(({ appId }) => appId)).toEqual(guide.clientIds);
    expect(tenant.scopesOf(app.appId)).toEqual(guide.delegated);
    expect(tenant.rolesOf(app.appId)).toEqual(guide.roles);
    expect(guide.redirectUris).toEqual([
      "https://chat.sandbox.example/plugins/mission-collaboration/oauth2/complete",
    ]);
    expect((app as { web?: unknown }).web).toEqual({ redirectUris: guide.redirectUris });
  });
});

describe("the registration has what enabled features need, and nothing else", () => {
  const guideOf = async (settings: Record<string, unknown>) =>
    (await world({ settings }).ask("GET", "/api/v1/admin/setup/guide")).answer as Guide;

  test("sign-in and activities alone", async () => {
    const { delegated, roles, redirectUris } = await guideOf({});
    expect(delegated).toEqual(["User.Read", "openid", "profile", "offline_access"]);
    expect(roles).toEqual(["TeamsActivity.Send", "AppCatalog.Read.All"]);
    expect(redirectUris).toEqual([]);
  });
  test("without activities, or with resource-specific consent, there is no permission to send", async () => {
    for (const setting of ["disable_user_activity_notifications", "app_resource_specific_consent"])
      expect((await guideOf({ [setting]: true })).roles).toEqual(["AppCatalog.Read.All"]);
  });
  test("chats request the chat permissions, and not the calendar's", async () => {
    const { delegated } = await guideOf({ chats_enabled: true });
    expect(delegated).toContain("Chat.Read");
    expect(delegated).not.toContain("Calendars.ReadWrite");
    expect((await guideOf({ calendar_enabled: true })).delegated).toContain("Calendars.ReadWrite");
  });
  test("each permission states its purpose and what is lost without it", async () => {
    const { ask } = world({ settings: { chats_enabled: true } });
    const path = "/api/v1/admin/setup/guide";
    const { answer } = await ask("GET", path, undefined, { "Accept-Language": "de" });
    const row = (name: string) => answer.permissions.find((one: { name: string }) => one.name === name);
    expect(row("TeamsActivity.Send")).toEqual({
      ...{ kind: "application", name: "TeamsActivity.Send", optional: false },
      why: "Sendet Aktivitäten an den Teams-Aktivitätsfeed.",
      without: "Niemand kann benachrichtigt werden.",
    });
    expect(row("AppCatalog.Read.All").optional).toBe(true);
    expect(row("Chat.Read").kind).toBe("delegated");
    expect(row("Calendars.ReadWrite")).toBeUndefined();
  });
  test("every permission of the product has these texts", () => {
    const declared = declaredFeatures().flatMap(({ permissions = [] }) => permissions);
    for (const { kind, name } of declared)
      for (const key of [`why.${kind}.${name}`, `seen.without.${kind}.${name}`])
        expect([key, permissionTables().en[key] !== undefined]).toEqual([key, true]);
  });
  test("a feature that is switched on later is one step of the repair, which can be undone", async () => {
    const { ask, dialog, settled, change } = await setUp();
    change({ chats_enabled: true });
    const { answer } = await ask("POST", `${dialog}/plan`, repair);
    const changed = answer.steps.filter(({ action }: { action: string }) => action !== "keep");
    expect(changed.map(({ kind }: { kind: StepKind }) => kind)).toEqual([
      ...["redirect_uri", "permissions", "roles", "consent"],
    ]);
    await ask("POST", `${dialog}/apply`, repair);
    expect(await settled(dialog)).toMatchObject({ state: "done", deferred: [] });
    const [app] = tenant.applications.values();
    expect(tenant.scopesOf(app?.appId ?? "")).toContain("Chat.Read");
    await ask("POST", `${dialog}/undo`);
    expect(tenant.scopesOf(app?.appId ?? "")).not.toContain("Chat.Read");
    expect((app as { web?: unknown }).web).toEqual({ redirectUris: [] });
  });
});

describe("members with a second factor in Mattermost", () => {
  const lockedOut = async (settings: object, version: number | null, secondFactor = true) => {
    const { ask, signIn, settled, change } = world({ secondFactor });
    const dialog = await signIn("setup");
    await ask("POST", `${dialog}/apply`, fresh);
    await settled(dialog);
    change({ ...settings });
    const app = [...tenant.applications.values()].at(-1);
    if (app) app.api.requestedAccessTokenVersion = version;
    return (await ask("POST", `${dialog}/plan`, repair)).answer.lockedOut;
  };
  test("are counted with the plan when its tokens do not report a second factor", async () => {
    expect(await lockedOut({}, 2)).toBe(1);
  });
  test("do not matter where Entra is trusted, the policy keeps them out, or version 1 stays", async () => {
    expect(await lockedOut({ mfa_accounts: "trust_entra" }, 2)).toBe(0);
    expect(await lockedOut({ mfa_accounts: "never" }, 2)).toBe(0);
    expect(await lockedOut({}, 1)).toBe(0);
  });
  test("are not mentioned when there are none", async () => expect(await lockedOut({}, 2, false)).toBe(0));
});

test("the admin guide names the client and every requested permission", async () => {
  const guide = await readFile(new URL("../../docs/admin-guide.md", import.meta.url), "utf8");
  const rights = Object.values(permissionsFor).flat();
  for (const word of [SIGN_IN_CLIENT.name, SIGN_IN_CLIENT.id, ...rights]) expect(guide).toContain(word);
});
