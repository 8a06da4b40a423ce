/** By hand, by script and by the plugin: the same registration, and every right named before anybody signs in. */

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { permissionsFor, SIGN_IN_CLIENT } from "../microsoft/entra/sign-in-client.ts";
import type { ServicePrincipal } from "../microsoft/graph/applications.ts";
import type { Guide } from "./setup/guide.ts";
import {
  type Current,
  desiredRegistration,
  planRegistration,
  type StepKind,
  stepKinds,
} from "./setup/plan.ts";
import { fresh, openStage, repair, setUp, tenant, world } from "./testing/stage.ts";

openStage();

const CLIENT_ID = "22222222-2222-4222-8222-222222222222";
/** A right's id is its name: enough to compare. */
const named = (names: readonly string[]) => names.map((value) => ({ id: `id-${value}`, value }));
const everyRight = [
  "User.Read",
  "openid",
  "profile",
  "offline_access",
  "TeamsActivity.Send",
  "AppCatalog.Read.All",
];
const graph: ServicePrincipal = {
  id: "graph",
  appId: "graph-app",
  appRoles: named(everyRight),
  oauth2PermissionScopes: named(everyRight),
};

/** What stands in Entra while a person types. */
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

/** One entry for each step of the plan: a new step does not compile until the guide says it. */
const typed: Readonly<Record<StepKind, (guide: Guide, at: Typed) => Granted | undefined>> = {
  // Registering makes the application and its principal; a secret is pasted and never read back.
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
});

/** Types what the guide says, without the steps that are forgotten; answers what the plan would still do. */
async function stillToDo(...forgotten: StepKind[]): Promise<StepKind[]> {
  const { ask } = world();
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
  test("the plan finds nothing to do in a registration that was made by the guide", async () => {
    expect(await stillToDo()).toEqual([]);
  });
  for (const kind of [
    "token_version",
    "identifier_uri",
    "clients",
    "claims",
    "permissions",
    "roles",
    "consent",
  ] as const) {
    test(`a person who forgets ${kind} is told so`, async () =>
      expect(await stillToDo(kind)).toEqual([kind]));
  }
  test("a person who forgets the scope has no client for it either", async () =>
    expect(await stillToDo("scope")).toEqual(["scope", "clients"]));
});

describe("by script", () => {
  for (const script of ["azureCli", "powerShell"] as const) {
    test(`${script} names every value of the guide`, async () => {
      const { answer: guide } = await world().ask("GET", "/api/v1/admin/setup/guide");
      const { scope, tokenVersion, claims, clientIds, delegated, roles } = guide as Guide;
      const text: string = guide[script];
      for (const value of [scope, ...claims, ...clientIds, ...delegated, ...roles])
        expect(text).toContain(value);
      expect(text).toMatch(new RegExp(`requestedAccessTokenVersion"?\\s*[:=]\\s*${tokenVersion}`, "i"));
      expect(text).toContain("api://");
    });
  }
});

describe("by the plugin", () => {
  test("it makes what the guide says", async () => {
    const { ask } = await setUp();
    const { answer: guide } = await ask("GET", "/api/v1/admin/setup/guide");
    const [app] = tenant.applications.values();
    if (!app) throw new Error("no registration");
    expect(app.identifierUris).toEqual([guide.applicationIdUri]);
    expect(app.api.requestedAccessTokenVersion).toBe(guide.tokenVersion);
    expect(app.api.preAuthorizedApplications.map(({ appId }) => appId)).toEqual(guide.clientIds);
    expect(tenant.scopesOf(app.appId)).toEqual(guide.delegated);
    expect(tenant.rolesOf(app.appId)).toEqual(guide.roles);
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
  test("are counted with the plan where its tokens say nothing of a second factor", async () => {
    expect(await lockedOut({}, 2)).toBe(1);
  });
  test("are no concern where Entra is trusted, the policy keeps them out, or version 1 stays", async () => {
    expect(await lockedOut({ mfa_accounts: "trust_entra" }, 2)).toBe(0);
    expect(await lockedOut({ mfa_accounts: "never" }, 2)).toBe(0);
    expect(await lockedOut({}, 1)).toBe(0);
  });
  test("nor where there are none", async () => expect(await lockedOut({}, 2, false)).toBe(0));
});

test("the admin guide names the client and every right that is asked for", async () => {
  const guide = await readFile(new URL("../../docs/admin-guide.md", import.meta.url), "utf8");
  const rights = Object.values(permissionsFor).flat();
  for (const word of [SIGN_IN_CLIENT.name, SIGN_IN_CLIENT.id, ...rights]) expect(guide).toContain(word);
});
