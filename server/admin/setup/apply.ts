/** Carries out a plan step by step, and undoes what it created when a step fails. */

import { type Applications, GRAPH_APP_ID } from "../../microsoft/graph/applications.ts";
import { GraphError } from "../../microsoft/graph/index.ts";
import { type ActionPorts, createActions, type Made } from "./actions.ts";
import { type Current, type Desired, planRegistration, type Step, type StepKind } from "./plan.ts";

export type { Made } from "./actions.ts";

export type StepState = "waiting" | "running" | "done" | "kept" | "deferred" | "failed" | "undone";

export interface Progress {
  readonly step: Step;
  readonly state: StepState;
  /** Graph's own text of a failure. */
  readonly says: string;
}

export interface ApplyPorts extends ActionPorts {
  readonly onProgress: (progress: readonly Progress[]) => void;
  /** Saves the result and returns its undo. When it throws, everything is undone. */
  readonly save: (made: Made) => Promise<() => Promise<void>>;
}

export interface Applied {
  readonly ok: boolean;
  readonly clientId: string | null;
  /** Permissions that another admin must grant; until then the registration works in a reduced form. */
  readonly deferred: readonly StepKind[];
  /** Undoes everything this run created, newest first. Resolves with what could not be undone. */
  readonly undo: () => Promise<string[]>;
}

/** Granting permissions requires a higher role than creating a registration, so somebody else may do it later. */
const DEFERRABLE: ReadonlySet<StepKind> = new Set(["roles", "consent"]);

export async function readCurrent(applications: Applications, clientId: string | null): Promise<Current> {
  const graph = await applications.servicePrincipal(GRAPH_APP_ID);
  if (!graph) throw new Error("the tenant has no service principal of Microsoft Graph");
  const application = clientId === null ? null : await applications.application(clientId);
  const principal = application && (await applications.servicePrincipal(application.appId));
  return {
    application,
    principal,
    graph,
    assignments: principal ? await applications.roleAssignments(principal.id) : [],
    grants: principal ? await applications.grants(principal.id) : [],
  };
}

export async function applyRegistration(
  start: Current,
  desired: Desired,
  ports: ApplyPorts,
): Promise<Applied> {
  const steps = planRegistration(start, desired);
  const actions = createActions(start, desired, ports);
  const progress: Progress[] = steps.map((step) => ({ step, state: "waiting", says: "" }));
  const deferred: StepKind[] = [];

  const mark = (index: number, state: StepState, says = "") => {
    const at = progress[index];
    if (at) progress[index] = { step: at.step, state, says };
    ports.onProgress([...progress]);
  };

  ports.onProgress(progress);
  for (const [index, step] of steps.entries()) {
    if (step.action === "keep") {
      mark(index, "kept");
      continue;
    }
    mark(index, "running");
    try {
      await actions.run[step.kind]();
      mark(index, "done");
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      if (DEFERRABLE.has(step.kind) && error instanceof GraphError && error.status === 403) {
        deferred.push(step.kind);
        mark(index, "deferred", says);
        continue;
      }
      return fail(index, says);
    }
  }
  const made = actions.made();
  try {
    actions.onUndo(await ports.save(made));
  } catch (error) {
    return fail(steps.length - 1, error instanceof Error ? error.message : String(error));
  }
  return { ok: true, clientId: made.clientId, deferred, undo: actions.undo };

  async function fail(index: number, says: string): Promise<Applied> {
    mark(index, "failed", says);
    const left = await actions.undo();
    for (const [at, { state }] of progress.entries()) if (state === "done") mark(at, "undone");
    if (left.length > 0) mark(index, "failed", `${says} (left behind: ${left.join("; ")})`);
    return { ok: false, clientId: null, deferred, undo: actions.undo };
  }
}
