/**
 * Carries out the steps of a plan: creates, renews or removes a subscription at Graph.
 *
 * Every step stores what it is about to do before it asks Graph, so that another node can go on after a kill.
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
  /** Graph as the app that a registration belongs to, where that is not the configured one any more. */
  readonly formerGraph: (registration: Registration) => GraphClient | null;
  /** Application permissions in the app's token. */
  readonly roles: () => Promise<readonly string[]>;
  /** A token that was taken before the consent does not know of it. */
  readonly forgetToken: () => void;
  readonly registrations: Registrations;
  readonly secret: () => Promise<Uint8Array>;
  /** Milliseconds since 1970 of the last handshake that this server answered. */
  readonly lastHandshakeAt: () => number | null;
  readonly onStep: (action: "connected" | "refreshed" | "deleted") => void;
  readonly clock: Clock;
  readonly log: Pick<Logger, "warn" | "info">;
}

/** The keeper's own, which the steps need. */
export interface StepContext {
  /** Of a wish, also of one that is gone by now. */
  readonly credentialOf: (wish: string) => Credential | undefined;
  /** Graph may have a subscription that no registration names. */
  readonly onStray: () => void;
}

export interface Aim {
  readonly target: Target;
  readonly certificate: CurrentCertificate | null;
}

/** Of the 25 a second that Graph allows an app for making subscriptions. */
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
    // Before Graph knows the subscription, the webhook does: notifications may be faster than the answer.
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
      // First the gap, then the id: a kill in between makes the subscription once more, and the gap stays due.
      await registrations.changeState(wish, (state) => ({ ...state, fillAt: clock.now(), problem: null }));
      const stored = await registrations.update(id, (current) => ({
        ...current,
        subscriptionId: made.id,
        expiresAt: made.expiresAt,
        renewAt: renewAt(clock.now(), made.expiresAt, clock.random()),
      }));
      // The wish went away during the call.
      if (!stored) await this.#attempt(deleteSubscription(graph, made.id, options));
      onStep("connected");
    } catch (error) {
      if (signal.aborted) return;
      // Refused for certain: nothing exists. Otherwise the answer may be lost, and the registration waits for it.
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
      // A refused deletion stays refused. The subscription expires by itself, and its notifications are dropped.
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

  /** The error, or null. */
  async #attempt(call: Promise<void>): Promise<unknown> {
    return call.then(
      () => null,
      (error: unknown) => error ?? new Error("unknown"),
    );
  }
}
