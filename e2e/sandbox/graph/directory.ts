/**
 * People, registrations, service principals and consent, to the extent that set-up and checks use them
 * (docs/facts/microsoft.md 6).
 */

import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { GraphToken } from "../entra/server.ts";
import type { Person, Tenant } from "../tenant.ts";
import type { Application } from "../tenant-apps.ts";
import { badRequest, forbidden, notFound } from "./refusal.ts";

type Vars = { Variables: { token: GraphToken } };
type Json = Record<string, unknown>;

const uriOfOwnApp = (uri: string, appId: string) =>
  new RegExp(`^api://([a-z0-9.-]+(:\\d+)?/)?${appId}(/.*)?$`, "i").test(uri);

export function directoryRoutes(tenant: Tenant): Hono<Vars> {
  const app = new Hono<Vars>();
  const list = (value: unknown[]) => ({ value });
  const json = async (c: Context): Promise<Json> => (await c.req.json().catch(() => ({}))) as Json;
  const filter = (c: Context, property: string) =>
    new RegExp(`^${property} eq '(.*)'$`).exec(c.req.query("$filter") ?? "")?.[1]?.replaceAll("''", "'");
  /** Delegated callers need the scope, app-only callers the role. */
  const need = (c: Context<Vars>, ...permissions: string[]) => {
    const { scp, roles } = c.get("token");
    if (!permissions.some((each) => scp.includes(each) || roles.includes(each)))
      throw forbidden("Insufficient privileges to complete the operation.");
  };
  const personJson = (person: Person) => ({
    id: person.objectId,
    displayName: person.displayName,
    userPrincipalName: person.userPrincipalName,
    mail: person.mail,
    preferredLanguage: person.locale,
    userType: person.guest ? "Guest" : "Member",
    accountEnabled: person.enabled ?? true,
    ...(person.givenName ? { givenName: person.givenName } : {}),
    ...(person.surname ? { surname: person.surname } : {}),
  });
  const application = (c: Context): Application => {
    const found = tenant.applications.get(c.req.param("id") ?? "");
    if (!found) throw notFound("The application");
    return found;
  };

  app.get("/me", (c) => {
    need(c, "User.Read", "User.ReadBasic.All", "User.Read.All");
    const person = tenant.people.get(c.get("token").oid ?? "");
    if (!person) throw badRequest("/me request is only valid with delegated authentication flow.");
    return c.json(personJson(person));
  });
  app.get("/me/memberOf", (c) => {
    const person = tenant.people.get(c.get("token").oid ?? "");
    return c.json(
      list(
        (person?.roles ?? []).map((displayName) => ({
          "@odata.type": "#microsoft.graph.directoryRole",
          displayName,
        })),
      ),
    );
  });
  // Like Graph: `in` takes at most 15 values, and accountEnabled is not in the basic profile.
  app.get("/users", (c) => {
    need(c, "User.Read.All");
    const ids = /^id in \((.*)\)$/.exec(c.req.query("$filter") ?? "")?.[1]?.match(/'[^']+'/g);
    if (!ids) throw badRequest("The sandbox knows `id in (…)` only.");
    if (ids.length > 15) throw badRequest("Too many child clauses specified in search filter expression.");
    const people = ids.flatMap((id) => tenant.people.get(id.slice(1, -1)) ?? []);
    return c.json(list(people.map(personJson)));
  });
  app.get("/users/:id", (c) => {
    need(c, "User.Read.All", "User.ReadBasic.All");
    const person = tenant.person(c.req.param("id"));
    if (!person) throw notFound("The user");
    return c.json(personJson(person));
  });
  app.get("/organization", (c) =>
    c.json(
      list([
        {
          id: tenant.id,
          displayName: "Sandbox",
          verifiedDomains: [{ name: tenant.domain, isDefault: true }],
        },
      ]),
    ),
  );

  app.get("/applications", (c) => {
    need(c, "Application.Read.All", "Application.ReadWrite.All");
    const appId = filter(c, "appId");
    const name = filter(c, "displayName");
    const all = [...tenant.applications.values()];
    return c.json(
      list(all.filter((each) => (appId ? each.appId === appId : name ? each.displayName === name : true))),
    );
  });
  app.get("/applications/:id", (c) => {
    need(c, "Application.Read.All", "Application.ReadWrite.All");
    return c.json(application(c));
  });
  app.post("/applications", async (c) => {
    need(c, "Application.ReadWrite.All");
    const body = await json(c);
    if (typeof body.displayName !== "string" || body.displayName === "")
      throw badRequest("displayName is required.");
    const { id: _, appId: __, ...given } = body;
    return c.json(tenant.addApplication(given as Partial<Application> & { displayName: string }), 201);
  });
  app.patch("/applications/:id", async (c) => {
    need(c, "Application.ReadWrite.All");
    const known = application(c);
    const change = (await json(c)) as Partial<Application>;
    for (const uri of change.identifierUris ?? [])
      if (!uriOfOwnApp(uri, known.appId))
        throw badRequest(
          `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`,
        );
    // The scope must exist, from an earlier call, before a client can be authorised for it.
    const ids = known.api.oauth2PermissionScopes.map((each) => each.id);
    const unknown = change.api?.preAuthorizedApplications
      ?.flatMap((each) => each.delegatedPermissionIds)
      .find((id) => !ids.includes(id));
    if (unknown)
      throw badRequest(
        `Property api.preAuthorizedApplications has an invalid delegated permission id '${unknown}'.`,
      );
    // Graph resets members of a complex value that are not sent, so callers send it whole.
    if (change.api) {
      const reset = {
        requestedAccessTokenVersion: null,
        oauth2PermissionScopes: [],
        preAuthorizedApplications: [],
      };
      known.api = Object.assign(reset, change.api);
      delete change.api;
    }
    Object.assign(known, change);
    return c.body(null, 204);
  });
  app.delete("/applications/:id", (c) => {
    need(c, "Application.ReadWrite.All");
    const { id, appId } = application(c);
    tenant.applications.delete(id);
    const principal = tenant.principalOf(appId);
    if (principal) tenant.servicePrincipals.delete(principal.id);
    return c.body(null, 204);
  });
  app.post("/applications/:id/addPassword", async (c) => {
    need(c, "Application.ReadWrite.All");
    const { passwordCredential = {} } = (await json(c)) as {
      passwordCredential?: { displayName?: string; endDateTime?: string };
    };
    const end = new Date(passwordCredential.endDateTime ?? Date.now() + 730 * 86_400_000);
    const { secretText, keyId } = tenant.addSecret(application(c), passwordCredential.displayName, end);
    return c.json({
      keyId,
      secretText,
      hint: secretText.slice(0, 3),
      displayName: passwordCredential.displayName ?? null,
      endDateTime: end.toISOString(),
    });
  });
  app.post("/applications/:id/removePassword", async (c) => {
    need(c, "Application.ReadWrite.All");
    const known = application(c);
    const { keyId } = await json(c);
    const hint = known.passwordCredentials.find((each) => each.keyId === keyId)?.hint;
    known.passwordCredentials = known.passwordCredentials.filter((each) => each.keyId !== keyId);
    const secrets = tenant.secrets.get(known.appId);
    for (const secret of secrets ?? []) if (hint && secret.startsWith(hint)) secrets?.delete(secret);
    return c.body(null, 204);
  });

  app.get("/servicePrincipals", (c) => {
    need(c, "Application.Read.All", "Application.ReadWrite.All");
    const appId = filter(c, "appId");
    return c.json(
      list([...tenant.servicePrincipals.values()].filter((each) => !appId || each.appId === appId)),
    );
  });
  app.post("/servicePrincipals", async (c) => {
    need(c, "Application.ReadWrite.All");
    const { appId } = await json(c);
    const known = tenant.byClientId(String(appId));
    if (!known)
      throw badRequest(
        `The appId '${appId}' of the service principal does not reference a valid application object.`,
      );
    return c.json(tenant.principalOf(known.appId) ?? tenant.addPrincipal(known), 201);
  });
  app.delete("/servicePrincipals/:id", (c) => {
    need(c, "Application.ReadWrite.All");
    if (!tenant.servicePrincipals.delete(c.req.param("id"))) throw notFound("The service principal");
    return c.body(null, 204);
  });
  app.get("/servicePrincipals/:id/appRoleAssignments", (c) =>
    c.json(list(tenant.appRoleAssignments.filter((each) => each.principalId === c.req.param("id")))),
  );
  app.get("/servicePrincipals/:id/appRoleAssignedTo", (c) =>
    c.json(list(tenant.appRoleAssignments.filter((each) => each.resourceId === c.req.param("id")))),
  );
  app.post("/servicePrincipals/:id/appRoleAssignedTo", async (c) => {
    need(c, "AppRoleAssignment.ReadWrite.All");
    const { principalId, resourceId, appRoleId } = (await json(c)) as Record<string, string>;
    if (!tenant.servicePrincipals.has(principalId ?? "")) throw notFound("The principal");
    const same = tenant.appRoleAssignments.some(
      (each) => each.principalId === principalId && each.appRoleId === appRoleId,
    );
    if (same) throw badRequest("Permission being assigned already exists on the object");
    const assignment = {
      id: randomUUID(),
      principalId: principalId ?? "",
      resourceId: resourceId ?? "",
      appRoleId: appRoleId ?? "",
    };
    tenant.appRoleAssignments.push(assignment);
    return c.json(assignment, 201);
  });
  app.delete("/servicePrincipals/:id/appRoleAssignedTo/:assignment", (c) => {
    need(c, "AppRoleAssignment.ReadWrite.All");
    const at = tenant.appRoleAssignments.findIndex((each) => each.id === c.req.param("assignment"));
    if (at < 0) throw notFound("The assignment");
    tenant.appRoleAssignments.splice(at, 1);
    return c.body(null, 204);
  });

  app.get("/servicePrincipals/:id/oauth2PermissionGrants", (c) =>
    c.json(list(tenant.grants.filter((each) => each.clientId === c.req.param("id")))),
  );
  app.get("/oauth2PermissionGrants", (c) => {
    const clientId = filter(c, "clientId");
    return c.json(list(tenant.grants.filter((each) => !clientId || each.clientId === clientId)));
  });
  app.post("/oauth2PermissionGrants", async (c) => {
    need(c, "DelegatedPermissionGrant.ReadWrite.All");
    const { clientId, resourceId, scope, consentType } = (await json(c)) as Record<string, string>;
    const grant = {
      id: randomUUID(),
      clientId: clientId ?? "",
      resourceId: resourceId ?? "",
      scope: scope ?? "",
      consentType: consentType ?? "",
    };
    tenant.grants.push(grant);
    return c.json(grant, 201);
  });
  app.patch("/oauth2PermissionGrants/:id", async (c) => {
    need(c, "DelegatedPermissionGrant.ReadWrite.All");
    const grant = tenant.grants.find((each) => each.id === c.req.param("id"));
    if (!grant) throw notFound("The grant");
    grant.scope = String((await json(c)).scope ?? grant.scope);
    return c.body(null, 204);
  });
  app.delete("/oauth2PermissionGrants/:id", (c) => {
    need(c, "DelegatedPermissionGrant.ReadWrite.All");
    const at = tenant.grants.findIndex((each) => each.id === c.req.param("id"));
    if (at < 0) throw notFound("The grant");
    tenant.grants.splice(at, 1);
    return c.body(null, 204);
  });
  return app;
}
