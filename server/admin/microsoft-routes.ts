/** Routes for actions with a Microsoft sign-in: publishing the app, creating or repairing the registration. */

import { z } from "zod";
import type { Purpose } from "../microsoft/entra/sign-in-client.ts";
import { applicationsOf } from "../microsoft/graph/applications.ts";
import { findInCatalog, publishApp, updateApp } from "../microsoft/graph/catalog.ts";
import type { GraphClient } from "../microsoft/graph/index.ts";
import type { Audit } from "../platform/audit/audit.ts";
import { ProductError } from "../platform/errors.ts";
import { Routes, readShape } from "../platform/http/index.ts";
import { registrationSettings, signInSettings } from "../platform/settings/index.ts";
import { lazy } from "../runtime/lazy.ts";
import type { SecondFactorMembers } from "./checks/member-checks.ts";
import { permissionsFor } from "./guide-routes.ts";
import type { MicrosoftSignIns } from "./microsoft-sign-in.ts";
import { incomplete, type PackagePort } from "./package-routes.ts";
import { type Applied, applyRegistration, type Made, type Progress, readCurrent } from "./setup/apply.ts";
import { type DesiredPorts, desiredOf } from "./setup/desired.ts";
import {
  type Current,
  type Desired,
  finalTokenVersion,
  planRegistration,
  type StepKind,
} from "./setup/plan.ts";
import { changeSettings, type SettingsStore } from "./setup/settings-store.ts";

export interface MicrosoftPorts extends DesiredPorts {
  readonly signIns: MicrosoftSignIns;
  readonly graph: GraphClient;
  readonly settings: SettingsStore;
  readonly catalogVersionSeen: (version: string | null) => void;
  readonly compareVersions: (a: string, b: string) => number;
  /** Stores when the credential that was just created ends. */
  readonly credentialMade: (made: {
    readonly clientId: string;
    readonly secret: string;
    readonly ends: Date;
  }) => Promise<void>;
  /** Counts the members with a second factor in Mattermost. */
  readonly secondFactors: () => Promise<SecondFactorMembers>;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly audit: Audit;
}

interface Run {
  state: "running" | "done" | "failed" | "undone";
  progress: readonly Progress[];
  clientId: string | null;
  deferred: readonly StepKind[];
  /** Values that could not be saved, for the admin to copy once. */
  copy: Record<string, string> | null;
  leftBehind: readonly string[];
  undo: Applied["undo"] | null;
}

/** Limit of dialogs that nobody closed; their sign-ins are dropped, too. */
const MAX_RUNS = 12;

const purpose = lazy(() => z.object({ purpose: z.enum(["publish", "setup"]) }));
const publishRequest = lazy(() => z.object({ review: z.boolean().default(false) }));
const setupRequest = lazy(() =>
  z.object({
    /** Repair the registration in the settings, or create a new one. */
    registration: z.enum(["existing", "new"]),
    /** Microsoft's own limit for secrets created in the portal is 24 months. */
    secretMonths: z.int().min(1).max(24).nullable(),
  }),
);

export function microsoftRoutes(ports: MicrosoftPorts, teamsApp: PackagePort): Routes {
  const app = new Routes();
  const runs = new Map<string, Run>();
  const base = "/api/v1/admin/microsoft";
  const actor = (c: { env: { userId: string | null } }) => c.env.userId ?? "";

  app.post(base, "admin", async (c) => {
    const { purpose: wanted } = await readShape(c.req.raw, purpose());
    return c.json(await ports.signIns.start(actor(c), wanted));
  });

  app.get(`${base}/:id`, "admin", async (c) => {
    const id = c.req.param("id");
    const signIn = await ports.signIns.look(actor(c), id);
    const run = runs.get(id);
    return c.json({ signIn, run: run ? view(run) : null });
  });

  app.delete(`${base}/:id`, "admin", (c) => {
    const id = c.req.param("id");
    ports.signIns.end(actor(c), id);
    runs.delete(id);
    return c.json({ ended: true });
  });

  app.post(`${base}/:id/publish`, "admin", async (c) => {
    const { review } = await readShape(c.req.raw, publishRequest());
    const token = tokenOf(c, "publish").accessToken;
    const { teamsApp: configured, cloud } = ports.config.current;
    if (!cloud.catalogApi || !configured)
      throw new ProductError("not_configured", "no catalog in this cloud");
    const entry = await findInCatalog(ports.graph, configured.id, token);
    const highest = entry?.definitions
      .map(({ version }) => version)
      .sort(ports.compareVersions)
      .at(-1);
    ports.catalogVersionSeen(highest ?? null);
    const made = await teamsApp.issue();
    if ("problems" in made) return incomplete(c, made.problems);
    if (entry && highest === made.version) {
      return c.json({ action: "unchanged", version: made.version, catalogId: entry.id });
    }
    const options = { token, review };
    let catalogId = entry?.id;
    if (catalogId === undefined) catalogId = await publishApp(ports.graph, made.bytes, options);
    else await updateApp(ports.graph, catalogId, made.bytes, options);
    ports.catalogVersionSeen(made.version);
    const action = review ? "submitted" : entry ? "updated" : "published";
    ports.audit({
      event: "app_published",
      userId: actor(c),
      success: true,
      meta: { action, version: made.version, catalogId },
    });
    return c.json({ action, version: made.version, catalogId });
  });

  app.post(`${base}/:id/plan`, "admin", async (c) => {
    const request = await readShape(c.req.raw, setupRequest());
    const { accessToken } = tokenOf(c, "setup");
    const desired = desiredOf(ports, request.secretMonths);
    const current = await readCurrent(applicationsOf(ports.graph, accessToken), existingClient(request));
    const steps = planRegistration(current, desired);
    const members = await lockedOut(current, desired);
    return c.json({ steps, permissions: permissionsFor(ports, c), lockedOut: members?.count ?? 0 });
  });

  app.post(`${base}/:id/apply`, "admin", async (c) => {
    const request = await readShape(c.req.raw, setupRequest());
    const id = c.req.param("id");
    const userId = actor(c);
    const token = tokenOf(c, "setup");
    const before = runs.get(id);
    if (before?.state === "running") throw new ProductError("request_invalid", "already running");
    const desired = desiredOf(ports, request.secretMonths);
    const applications = applicationsOf(ports.graph, token.accessToken);
    const run: Run = {
      state: "running",
      progress: [],
      clientId: null,
      deferred: [],
      copy: null,
      leftBehind: [],
      undo: null,
    };
    // Before the first answer of Microsoft, so that a double press begins one run.
    runs.set(id, run);
    const current = await readCurrent(applications, existingClient(request)).catch((error: unknown) => {
      if (before) runs.set(id, before);
      else runs.delete(id);
      throw error;
    });
    for (const oldest of runs.keys()) {
      if (runs.size <= MAX_RUNS) break;
      runs.delete(oldest);
    }
    // The answer does not wait: the dialog polls the progress, so a proxy's time limit does not matter.
    applyRegistration(current, desired, {
      applications,
      newId: ports.newId,
      now: ports.now,
      sleep: ports.sleep,
      onProgress: (progress) => {
        run.progress = progress;
      },
      save: (made) => save(made, token.tenantId, run),
    })
      .then((applied) => {
        run.state = applied.ok ? "done" : "failed";
        run.clientId = applied.clientId;
        run.deferred = applied.deferred;
        run.undo = applied.ok ? applied.undo : null;
      })
      .catch((error: unknown) => {
        run.state = "failed";
        run.leftBehind = [error instanceof Error ? error.message : String(error)];
      })
      .finally(() => {
        const meta = { clientId: run.clientId ?? "", deferred: run.deferred.join(" ") };
        ports.audit({ event: "registration_set_up", userId, success: run.state === "done", meta });
      });
    return c.json({ started: true }, 202);
  });

  app.post(`${base}/:id/undo`, "admin", async (c) => {
    const run = runs.get(c.req.param("id"));
    tokenOf(c, "setup");
    if (!run?.undo) throw new ProductError("request_invalid", "nothing to undo");
    const { undo } = run;
    run.undo = null;
    run.leftBehind = await undo();
    run.state = "undone";
    run.copy = null;
    const meta = { clientId: run.clientId ?? "", leftBehind: run.leftBehind.length };
    ports.audit({
      event: "registration_undone",
      userId: actor(c),
      success: run.leftBehind.length === 0,
      meta,
    });
    return c.json(view(run));
  });

  return app;

  function tokenOf(
    c: { env: { userId: string | null }; req: { param(name: "id"): string | undefined } },
    wanted: Purpose,
  ) {
    return ports.signIns.token(actor(c), c.req.param("id") ?? "", wanted);
  }

  /** Counts the members who could not sign in with the result of the plan: see secondFactorCheck. */
  async function lockedOut({ application }: Current, desired: Desired) {
    if (ports.config.current.section(signInSettings).mfa_accounts !== "claim") return null;
    return finalTokenVersion(application, desired) === 1 ? null : ports.secondFactors();
  }

  function existingClient({ registration }: z.output<ReturnType<typeof setupRequest>>): string | null {
    const { m365_client_id: id } = ports.config.current.section(registrationSettings);
    if (registration === "new" || id === "") return null;
    return id;
  }

  async function save(made: Made, tenantId: string, run: Run): Promise<() => Promise<void>> {
    const appId = ports.config.current.teamsApp?.id ?? ports.newId();
    const changes = {
      m365_tenant_id: tenantId,
      m365_client_id: made.clientId,
      app_id: appId,
      ...(made.secret ? { m365_client_secret: made.secret.text } : {}),
    };
    if (made.secret) {
      const { text: secret, ends } = made.secret;
      await ports.credentialMade({ clientId: made.clientId, secret, ends });
    }
    try {
      return await changeSettings(ports.settings, changes);
    } catch {
      // The configuration is read-only: the registration is fine, but its values must be copied by hand.
      run.copy = changes;
      return async () => {};
    }
  }
}

function view({ undo, ...run }: Run) {
  return { ...run, canUndo: undo !== null };
}
