/** Carries out each step of the plan at Microsoft, and undoes it. */

import { SCOPE } from "../../microsoft/entra/verify-tab-token.ts";
import {
  type Application,
  type Applications,
  GRAPH_APP_ID,
  type ServicePrincipal,
} from "../../microsoft/graph/applications.ts";
import { GraphError } from "../../microsoft/graph/index.ts";
import { applicationIdUri } from "../../platform/settings/index.ts";
import {
  CLAIMS,
  type Current,
  type Desired,
  missingClaims,
  missingClients,
  missingGrants,
  missingRedirects,
  missingRoles,
  permissionIds,
  type StepKind,
  scopeOf,
} from "./plan.ts";

export interface Made {
  readonly clientId: string;
  readonly secret: { readonly text: string; readonly ends: Date } | null;
}

export interface ActionPorts {
  readonly applications: Applications;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export interface Actions {
  readonly run: Readonly<Record<StepKind, () => Promise<void>>>;
  /** Returns what has been created so far. */
  made(): Made;
  /** Undoes everything, newest first. Returns what could not be undone. */
  undo(): Promise<string[]>;
  /** Registers an undo that runs before those registered earlier. */
  onUndo(undo: Undo): void;
}

type Undo = () => Promise<void>;

/** A new object does not appear everywhere in the directory at once (docs/facts/microsoft.md 6.2). */
const REPLICATION_WAITS_MS = [1_000, 2_000, 4_000, 8_000, 8_000];

export function createActions(start: Current, desired: Desired, ports: ActionPorts): Actions {
  const { applications } = ports;
  const undos: Undo[] = [];
  let app: Application | null = start.application;
  let principal: ServicePrincipal | null = start.principal;
  let secret: Made["secret"] = null;
  let gone = false;

  /** Reads the current registration, because a change must send back everything that it does not change. */
  async function fresh(): Promise<Application> {
    const found = await patiently(async () => {
      const seen = app && (await applications.application(app.appId));
      if (!seen)
        throw new GraphError({
          status: 404,
          code: "NotFound",
          says: "not there yet",
          requestId: null,
          retryAfterMs: null,
        });
      return seen;
    });
    app = found;
    return found;
  }

  /** Changes members of the registration; the undo restores them. */
  async function change(next: (seen: Application) => Partial<Application>): Promise<void> {
    const seen = await fresh();
    const changed = next(seen);
    const before = Object.fromEntries(Object.keys(changed).map((key) => [key, seen[key] ?? emptyOf(key)]));
    await patiently(() => applications.changeApplication(seen.id, changed));
    undos.push(() => applications.changeApplication(seen.id, before));
  }

  async function patiently<T>(action: () => Promise<T>): Promise<T> {
    for (const wait of REPLICATION_WAITS_MS) {
      try {
        return await action();
      } catch (error) {
        if (!(error instanceof GraphError) || (error.status !== 404 && error.status !== 400)) throw error;
        // Only objects that this run has just created can still be missing in parts of the directory.
        if (start.application && start.principal) throw error;
        await ports.sleep(wait);
      }
    }
    return action();
  }

  const run: Actions["run"] = {
    async application() {
      const made = await applications.createApplication({
        displayName: desired.displayName,
        signInAudience: "AzureADMyOrg",
        // Version 2 before the URI: a tenant's policy may exempt only apps with v2 tokens (docs/facts/microsoft.md 6.2).
        api: { requestedAccessTokenVersion: 2 },
      });
      app = made;
      undos.push(async () => {
        await applications.deleteApplication(made.id);
        gone = true;
      });
    },
    token_version: () => change((seen) => ({ api: { ...api(seen), requestedAccessTokenVersion: 2 } })),
    identifier_uri: () =>
      change((seen) => ({
        identifierUris: [...new Set([...seen.identifierUris, applicationIdUri(desired, seen.appId)])],
      })),
    async scope() {
      const existing = scopeOf(await fresh());
      const id = existing?.id ?? ports.newId();
      await change((seen) => ({
        api: {
          ...api(seen),
          oauth2PermissionScopes: [
            ...api(seen).oauth2PermissionScopes.filter((scope) => scope.id !== id),
            { ...newScope(id), ...existing, isEnabled: true },
          ],
        },
      }));
      if (existing) return;
      // Entra deletes a scope only after it was disabled.
      undos.push(async () => {
        const seen = await fresh();
        const scopes = api(seen).oauth2PermissionScopes.map((scope) =>
          scope.id === id ? { ...scope, isEnabled: false } : scope,
        );
        await applications.changeApplication(seen.id, {
          api: { ...api(seen), oauth2PermissionScopes: scopes },
        });
      });
    },
    async clients() {
      // After the scope exists, because Entra refuses its id in the same call.
      await change((seen) => {
        const scope = scopeOf(seen);
        if (!scope) throw new Error(`the scope ${SCOPE} is not there`);
        const missing = missingClients(seen, desired);
        const others = api(seen).preAuthorizedApplications.filter(
          ({ appId }) => !missing.includes(appId.toLowerCase()),
        );
        const added = missing.map((appId) => ({ appId, delegatedPermissionIds: [scope.id] }));
        return { api: { ...api(seen), preAuthorizedApplications: [...others, ...added] } };
      });
    },
    claims: () =>
      change((seen) => ({
        optionalClaims: {
          ...seen.optionalClaims,
          accessToken: [
            ...(seen.optionalClaims?.accessToken ?? []),
            ...CLAIMS.filter((name) => missingClaims(seen).includes(name)).map((name) => ({ name })),
          ],
        },
      })),
    redirect_uri: () =>
      change((seen) => ({
        web: {
          ...seen.web,
          redirectUris: [...(seen.web?.redirectUris ?? []), ...missingRedirects(seen, desired)],
        },
      })),
    permissions: () =>
      change((seen) => {
        const wanted = permissionIds(start.graph, desired).flatMap(({ id, type }) =>
          id ? [{ id, type }] : [],
        );
        const others = seen.requiredResourceAccess.filter(
          ({ resourceAppId }) => resourceAppId !== GRAPH_APP_ID,
        );
        const asked = seen.requiredResourceAccess
          .filter(({ resourceAppId }) => resourceAppId === GRAPH_APP_ID)
          .flatMap(({ resourceAccess }) => resourceAccess);
        const added = wanted.filter(({ id }) => !asked.some((one) => one.id === id));
        return {
          requiredResourceAccess: [
            ...others,
            { resourceAppId: GRAPH_APP_ID, resourceAccess: [...asked, ...added] },
          ],
        };
      }),
    async principal() {
      const { appId } = await fresh();
      const made = await patiently(() => applications.createServicePrincipal(appId));
      principal = made;
      undos.push(() => applications.deleteServicePrincipal(made.id));
    },
    async roles() {
      const holder = needed(principal);
      const missing = missingRoles({ ...start, principal: holder }, desired);
      for (const { name, id, type } of permissionIds(start.graph, desired)) {
        if (type !== "Role" || id === null || !missing.includes(name)) continue;
        const assignment = await patiently(() => applications.assignRole(start.graph.id, holder.id, id));
        undos.push(() => applications.removeRole(start.graph.id, assignment));
      }
    },
    async consent() {
      const holder = needed(principal);
      const missing = missingGrants(start, desired);
      const existing = start.grants.find(
        ({ resourceId, consentType }) => resourceId === start.graph.id && consentType === "AllPrincipals",
      );
      if (existing) {
        const before = existing.scope ?? "";
        await applications.changeGrant(existing.id, `${before} ${missing.join(" ")}`.trim());
        undos.push(() => applications.changeGrant(existing.id, before));
      } else {
        const id = await patiently(() =>
          applications.createGrant(holder.id, start.graph.id, desired.delegated.join(" ")),
        );
        undos.push(() => applications.deleteGrant(id));
      }
    },
    async secret() {
      const { id } = await fresh();
      const ends = ports.now();
      ends.setUTCMonth(ends.getUTCMonth() + (desired.secretMonths ?? 12));
      const added = await patiently(() => applications.addPassword(id, "Mattermost", ends));
      undos.push(() => applications.removePassword(id, added.keyId));
      secret = { text: added.secretText, ends: new Date(added.endDateTime ?? ends) };
    },
  };

  async function undo(): Promise<string[]> {
    const left: string[] = [];
    for (let last = undos.pop(); last; last = undos.pop()) {
      try {
        await last();
      } catch (error) {
        left.push(error instanceof Error ? error.message : String(error));
      }
    }
    // When the registration is deleted, everything that belongs to it is gone, whatever failed before.
    return gone ? [] : left;
  }

  return {
    run,
    undo,
    made: () => ({ clientId: needed(app).appId, secret }),
    onUndo: (undo) => void undos.push(undo),
  };
}

function needed<T>(value: T | null): T {
  if (value === null) throw new Error("an earlier step has not made what this one needs");
  return value;
}

/** The value that Graph accepts for an absent member. */
const emptyOf = (key: string): unknown =>
  key === "web" ? { redirectUris: [] } : key === "optionalClaims" || key === "api" ? {} : [];

function api(app: Application) {
  const { oauth2PermissionScopes = [], preAuthorizedApplications = [], ...rest } = app.api ?? {};
  return { ...rest, oauth2PermissionScopes, preAuthorizedApplications };
}

const newScope = (id: string) => ({
  id,
  value: SCOPE,
  type: "User",
  isEnabled: true,
  adminConsentDisplayName: "Sign in to Mattermost",
  adminConsentDescription: "Lets Microsoft Teams, Outlook and Microsoft 365 sign people in to Mattermost.",
  userConsentDisplayName: "Sign in to Mattermost",
  userConsentDescription: "Lets Microsoft Teams, Outlook and Microsoft 365 sign you in to Mattermost.",
});
