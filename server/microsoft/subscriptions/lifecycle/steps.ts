/**
 * Carries out the steps of a plan: creates, renews or removes a subscription at Graph.
 *
 * Every step stores its intention before it calls Graph, so that another node can continue after a crash.
 */

import type { Clock } from "../../../platform/work/clock.ts";
import { Pacing } from "../../../platform/work/pacing.ts";
import type { Logger } from "../../../runtime/mattermost/index.ts";
import type { ConfigSource } from "../../config/index.ts";
import type { Credential, GraphClient } from "../../graph/index.ts";
import { GraphError, passing } from "../../graph/index.ts";
import { clientState, newRegistrationId } from "../incoming/client-state.ts";
import type { CurrentCertificate } from "../incoming/content-keys.ts";
import { detailOf, type ProblemCode, problemOf, waitMs } from "../problems.ts";
import { createSubscription, deleteSubscription, renewSubscription } from "./graph-subscriptions.ts";
import { lifetimeMs, renewAt, type Step, type Target, type Wished } from "./plan.ts";
import { explain } from "./refusal.ts";
import type { Registration, Registrations } from "./registrations.ts";

export interface StepPorts {
  readonly config: ConfigSource;
  readonly graph: GraphClient;
  /** Graph as the app that a registration belongs to, when that is no longer the configured one. */
  readonly formerGraph: (registration: Registration) => GraphClient | null;
  /** Application permissions in the app's token. */
  readonly roles: () => Promise<readonly string[]>;
  /** Drops the app's token: one that was issued before the consent lacks the permission. */
  readonly forgetToken: () => void;
  readonly registrations: Registrations;
  readonly secret: () => Promise<Uint8Array>;
  /** When this server last answered a validation request, in milliseconds since 1970. */
  readonly lastHandshakeAt: () => number | null;
  readonly onStep: (action: "connected" | "refreshed" | "deleted") => void;
  readonly clock: Clock;
  readonly log: Pick<Logger, "warn" | "info">;
}

/** What the steps need from the keeper. */
export interface StepContext {
  /** Returns the credential of a wish, even of one that no longer exists. */
  readonly credentialOf: (wish: string) => Credential | undefined;
  /** Called when Graph may have a subscription that no registration names. */
  readonly onStray: () => void;
}

export interface Aim {
  readonly target: Target;
  readonly certificate: CurrentCertificate | null;
}

/** A part of the 25 calls a second that Graph allows an app for making subscriptions. */
const CALLS_PER_SECOND = 8;

export class Steps {
  readonly #ports: StepPorts;
  readonly #context: StepContext;
  readonly #pacing: Pacing;
  /** Wishes that were refused because a permission is missing. */
  readonly #unpermitted = new Set<string>();

  constructor(ports: StepPorts, context: StepContext) {
    this.#ports = ports;
    this.#context = context;
    this.#pacing = new Pacing({ perSecond: CALLS_PER_SECOND, burst: CALLS_PER_SECOND }, ports.clock);
  }

  async perform(step: Step, aim: Aim, signal: AbortSignal): Promise<void> {
    await this.#pacing.take(signal);
    if (signal.aborted) return;
    if (step.do === "create") return this.#create(step.wished, aim, signal);
    if (step.do === "renew") return this.#renew(step.wished, step.registration, aim, signal);
    if (step.do === "remove") return this.#remove(step.registration, signal);
    return this.#failed(step.wished.id, "encryption_key_missing", null);
  }

  async #create({ id: wish, wish: wanted }: Wished, aim: Aim, signal: AbortSignal): Promise<void> {
    const { registrations, graph, secret, clock, onStep, forgetToken } = this.#ports;
    const { target, certificate } = aim;
    if (this.#unpermitted.delete(wish)) forgetToken();
    const startedAt = clock.now();
    const id = newRegistrationId();
    const expiresAt = startedAt + lifetimeMs(wanted);
    const changeTypes = wanted.changeTypes.join(",");
    // The webhook must know the subscription before Graph does: notifications may arrive before the answer.
    await registrations.set({
      id,
      wish,
      resource: wanted.resource,
      changeTypes,
      notificationUrl: target.notificationUrl,
      tenantId: target.tenantId,
      clientId: target.clientId,
      certificateId: wanted.includeResourceData ? target.certificateId : null,
      subscriptionId: null,
      madeAt: startedAt,
      renewedAt: 0,
      renewAt: expiresAt,
      expiresAt,
      asked: null,
    });
    const options = { credential: wanted.credential, signal };
    try {
      const made = await createSubscription(
        graph,
        {
          resource: wanted.resource,
          changeType: changeTypes,
          notificationUrl: target.notificationUrl,
          lifecycleUrl: target.lifecycleUrl,
          clientState: clientState(id, await secret()),
          expiresAt,
          certificate: wanted.includeResourceData ? certificate : null,
        },
        options,
      );
      // First the gap, then the id: after a crash in between, the subscription is made again and the gap stays due.
      await registrations.changeState(wish, (state) => ({ ...state, fillAt: clock.now(), problem: null }));
      const stored = await registrations.update(id, (current) => ({
        ...current,
        subscriptionId: made.id,
        expiresAt: made.expiresAt,
        renewAt: renewAt(clock.now(), made.expiresAt, clock.random()),
      }));
      // The wish was withdrawn during the call.
      if (!stored) await this.#attempt(deleteSubscription(graph, made.id, options));
      onStep("connected");
    } catch (error) {
      if (signal.aborted) return;
      // A definite refusal means that nothing exists. Otherwise the answer may be lost, and the registration waits
      // for it.
      if (error instanceof GraphError && !passing(error)) await registrations.remove(id);
      const { roles, lastHandshakeAt } = this.#ports;
      const why = await explain(error, wanted, target, { graph, roles, lastHandshakeAt, startedAt, signal });
      if (why.stray) this.#context.onStray();
      if (why.code === "permission_missing") this.#unpermitted.add(wish);
      await this.#failed(wish, why.code, error);
    }
  }

  async #renew(wished: Wished, registration: Registration, aim: Aim, signal: AbortSignal): Promise<void> {
    const { registrations, graph, clock, onStep } = this.#ports;
    const { wish: wanted } = wished;
    const certificate = wanted.includeResourceData ? aim.certificate : null;
    const isNew = certificate !== null && certificate.id !== registration.certificateId;
    const subscription = {
      id: registration.subscriptionId ?? "",
      expiresAt: clock.now() + lifetimeMs(wanted),
      certificate: isNew ? certificate : null,
    };
    try {
      const renewed = await renewSubscription(graph, subscription, { credential: wanted.credential, signal });
      const at = clock.now();
      await registrations.update(registration.id, (current) => ({
        ...current,
        renewedAt: at,
        renewAt: renewAt(at, renewed.expiresAt, clock.random()),
        expiresAt: renewed.expiresAt,
        certificateId: isNew ? certificate.id : current.certificateId,
        asked: current.asked === "removed" ? "removed" : null,
      }));
      await this.#worked(wished.id);
      onStep("refreshed");
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof GraphError && error.status === 404) {
        await this.#remove(registration, signal);
        await this.#create(wished, aim, signal);
        return;
      }
      await this.#failed(wished.id, problemOf(error), error);
    }
  }

  async #remove(registration: Registration, signal: AbortSignal): Promise<void> {
    const { clock, config, formerGraph, graph, onStep, registrations } = this.#ports;
    const { id, subscriptionId, wish, expiresAt, tenantId, clientId } = registration;
    const ours = config.current.registration;
    const isCurrent = ours?.tenantId === tenantId && ours.clientId === clientId;
    const client = isCurrent ? graph : formerGraph(registration);
    if (subscriptionId !== null && client && expiresAt > clock.now()) {
      const options = { credential: this.#context.credentialOf(wish), signal };
      const error = await this.#attempt(deleteSubscription(client, subscriptionId, options));
      // A deletion that was refused will be refused again. The subscription expires by itself, and its notifications
      // are dropped.
      if (isCurrent && error && (passing(error) || signal.aborted)) return;
      onStep("deleted");
    }
    await registrations.remove(id);
  }

  async #worked(wish: string): Promise<void> {
    await this.#ports.registrations.changeState(wish, (state) =>
      state.problem === null || state.problem.code === "gap_not_filled" ? state : { ...state, problem: null },
    );
  }

  async #failed(wish: string, code: ProblemCode, error: unknown): Promise<void> {
    const { registrations, clock, log } = this.#ports;
    const detail = error === null ? "" : detailOf(error);
    let isNew = false;
    await registrations.changeState(wish, (state) => {
      const before = state.problem?.code === code ? state.problem : null;
      isNew = before === null;
      const tries = (before?.tries ?? 0) + 1;
      const nextTryAt = clock.now() + waitMs(code, tries, clock.random(), error);
      return { ...state, problem: { code, detail, since: before?.since ?? clock.now(), tries, nextTryAt } };
    });
    if (isNew) log.warn("A subscription at Microsoft does not work", { code, detail });
  }

  /** Returns the error, or null. */
  async #attempt(call: Promise<void>): Promise<unknown> {
    return call.then(
      () => null,
      (error: unknown) => error ?? new Error("unknown"),
    );
  }
}
