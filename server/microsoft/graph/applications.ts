/**
 * App registrations and their parts, as a signed-in Microsoft admin changes them (docs/facts/microsoft.md 6). Every
 * call uses the admin's token; this module makes no decisions.
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import { fixedToken, type GraphClient } from "./request.ts";

export const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";

const permissionScope = lazy(() =>
  z.looseObject({
    id: z.string(),
    value: z.string().nullish(),
    isEnabled: z.boolean().default(true),
  }),
);
const preAuthorized = lazy(() =>
  z.looseObject({ appId: z.string(), delegatedPermissionIds: z.array(z.string()) }),
);
const resourceAccess = lazy(() =>
  z.looseObject({
    resourceAppId: z.string(),
    resourceAccess: z.array(z.looseObject({ id: z.string(), type: z.string() })),
  }),
);
const credential = lazy(() =>
  z.looseObject({
    keyId: z.string(),
    displayName: z.string().nullish(),
    endDateTime: z.string().nullish(),
  }),
);
const application = lazy(() =>
  z.looseObject({
    id: z.string(),
    appId: z.string(),
    displayName: z.string().nullish(),
    signInAudience: z.string().nullish(),
    identifierUris: z.array(z.string()).default([]),
    api: z
      .looseObject({
        requestedAccessTokenVersion: z.number().nullish(),
        oauth2PermissionScopes: z.array(permissionScope()).default([]),
        preAuthorizedApplications: z.array(preAuthorized()).default([]),
      })
      .nullish(),
    web: z.looseObject({ redirectUris: z.array(z.string()).default([]) }).nullish(),
    optionalClaims: z
      .looseObject({ accessToken: z.array(z.looseObject({ name: z.string() })).default([]) })
      .nullish(),
    requiredResourceAccess: z.array(resourceAccess()).default([]),
    passwordCredentials: z.array(credential()).default([]),
    keyCredentials: z.array(credential()).default([]),
  }),
);
/** As Graph returns it, including members we do not know, because a change must send complex values back whole. */
export type Application = z.output<ReturnType<typeof application>>;

const servicePrincipal = lazy(() =>
  z.object({
    id: z.string(),
    appId: z.string(),
    appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })).default([]),
    oauth2PermissionScopes: z.array(z.object({ id: z.string(), value: z.string().nullish() })).default([]),
  }),
);
export type ServicePrincipal = z.output<ReturnType<typeof servicePrincipal>>;

const roleAssignment = lazy(() =>
  z.object({ id: z.string(), appRoleId: z.string(), resourceId: z.string() }),
);
export type RoleAssignment = z.output<ReturnType<typeof roleAssignment>>;

const grant = lazy(() =>
  z.object({
    id: z.string(),
    resourceId: z.string(),
    consentType: z.string(),
    scope: z.string().nullish(),
  }),
);
export type DelegatedGrant = z.output<ReturnType<typeof grant>>;

const listOf = <T extends z.ZodType>(item: T) => z.object({ value: z.array(item) });
const onlyId = lazy(() => z.object({ id: z.string() }));
const newSecret = lazy(() =>
  z.object({ keyId: z.string(), secretText: z.string(), endDateTime: z.string().nullish() }),
);

export interface Applications {
  application(appId: string): Promise<Application | null>;
  createApplication(body: object): Promise<Application>;
  changeApplication(objectId: string, change: object): Promise<void>;
  deleteApplication(objectId: string): Promise<void>;
  servicePrincipal(appId: string): Promise<ServicePrincipal | null>;
  createServicePrincipal(appId: string): Promise<ServicePrincipal>;
  deleteServicePrincipal(id: string): Promise<void>;
  roleAssignments(servicePrincipalId: string): Promise<RoleAssignment[]>;
  assignRole(resourceId: string, principalId: string, roleId: string): Promise<string>;
  removeRole(resourceId: string, assignmentId: string): Promise<void>;
  grants(servicePrincipalId: string): Promise<DelegatedGrant[]>;
  createGrant(clientId: string, resourceId: string, scope: string): Promise<string>;
  changeGrant(grantId: string, scope: string): Promise<void>;
  deleteGrant(grantId: string): Promise<void>;
  /** Graph returns `secretText` only this once. */
  addPassword(
    objectId: string,
    displayName: string,
    end: Date,
  ): Promise<z.output<ReturnType<typeof newSecret>>>;
  removePassword(objectId: string, keyId: string): Promise<void>;
}

/** Without `token` the app uses its own permissions, which allow at most reading. */
export function applicationsOf(graph: GraphClient, adminToken?: string): Applications {
  const asAdmin = adminToken === undefined ? {} : { credential: fixedToken(adminToken) };
  const ask = <T>(path: string, answer: z.ZodType<T>) => graph.request({ path, answer, ...asAdmin });
  const post = <T>(path: string, body: object, answer: z.ZodType<T>) =>
    graph.request({ method: "POST", path, body, answer, ...asAdmin });
  const run = (method: "POST" | "PATCH" | "DELETE", path: string, body?: object) =>
    graph.request({ method, path, ...asAdmin, ...(body ? { body } : {}) });
  const at = encodeURIComponent;
  const quoted = (text: string) => at(`'${text.replaceAll("'", "''")}'`);

  return {
    async application(appId) {
      const path = `/applications?$filter=${at("appId eq ")}${quoted(appId)}`;
      return (await ask(path, listOf(application()))).value[0] ?? null;
    },
    createApplication: (body) => post("/applications", body, application()),
    changeApplication: (objectId, change) => run("PATCH", `/applications/${at(objectId)}`, change),
    deleteApplication: (objectId) => run("DELETE", `/applications/${at(objectId)}`),
    async servicePrincipal(appId) {
      // Graph's own service principal has thousands of members that we do not need.
      const select = "$select=id,appId,appRoles,oauth2PermissionScopes";
      const path = `/servicePrincipals?$filter=${at("appId eq ")}${quoted(appId)}&${select}`;
      return (await ask(path, listOf(servicePrincipal()))).value[0] ?? null;
    },
    createServicePrincipal: (appId) => post("/servicePrincipals", { appId }, servicePrincipal()),
    deleteServicePrincipal: (id) => run("DELETE", `/servicePrincipals/${at(id)}`),
    async roleAssignments(id) {
      return (await ask(`/servicePrincipals/${at(id)}/appRoleAssignments`, listOf(roleAssignment()))).value;
    },
    async assignRole(resourceId, principalId, appRoleId) {
      const path = `/servicePrincipals/${at(resourceId)}/appRoleAssignedTo`;
      return (await post(path, { principalId, resourceId, appRoleId }, onlyId())).id;
    },
    removeRole: (resourceId, assignmentId) =>
      run("DELETE", `/servicePrincipals/${at(resourceId)}/appRoleAssignedTo/${at(assignmentId)}`),
    async grants(id) {
      return (await ask(`/servicePrincipals/${at(id)}/oauth2PermissionGrants`, listOf(grant()))).value;
    },
    async createGrant(clientId, resourceId, scope) {
      const body = { clientId, consentType: "AllPrincipals", resourceId, scope };
      return (await post("/oauth2PermissionGrants", body, onlyId())).id;
    },
    changeGrant: (id, scope) => run("PATCH", `/oauth2PermissionGrants/${at(id)}`, { scope }),
    deleteGrant: (id) => run("DELETE", `/oauth2PermissionGrants/${at(id)}`),
    addPassword: (objectId, displayName, end) =>
      post(
        `/applications/${at(objectId)}/addPassword`,
        { passwordCredential: { displayName, endDateTime: end.toISOString() } },
        newSecret(),
      ),
    removePassword: (objectId, keyId) =>
      run("POST", `/applications/${at(objectId)}/removePassword`, { keyId }),
  };
}
