/**
 * Makes the wishes true: one subscription for each, on one node at a time.
 *
 *   every minute, or when something changed:
 *   wishes ─▶ certificate ─▶ (now and then: what does Graph have?) ─▶ plan ─▶ create │ renew │ remove
 *
 * Every step stores what it is about to do before it asks Graph, so that another node can go on after a kill.
 */

import type { Clock } from "../../platform/work/clock.ts";
import { Pacing } from "../../platform/work/pacing.ts";
import type { Logger } from "../../runtime/mattermost/index.ts";
import type { ConfigSource } from "../config/index.ts";
import type { Credential, GraphClient } from "../graph/index.ts";
import { GraphError, passing } from "../graph/index.ts";
import { clientState, newRegistrationId } from "./client-state.ts";
import type { ContentKeys, CurrentCertificate } from "./content-keys.ts";
import { createSubscription, deleteSubscription, renewSubscription } from "./graph-subscriptions.ts";
import { ANSWER_MS, lifetimeMs, plan, renewAt, type Step, type Target, type Wished } from "./plan.ts";
import { detailOf, type ProblemCode, problemOf, waitMs } from "./problems.ts";
import { explain } from "./refusal.ts";
import type { Registration, Registrations, WishState } from "./registrations.ts";
import { sweep } from "./sweep.ts";
import { type ChangeListener, wishId } from "./wish.ts";

export interface KeeperPorts {
  readonly config: ConfigSource;
  readonly graph: GraphClient;
  /** Graph as the app that a registration belongs to, where that is not the configured one any more. */
  readonly formerGraph: (registration: Registration) => GraphClient | null;
  /** Application permissions in the app's token. */
  readonly roles: () => Promise<readonly string[]>;
  /** A token that was taken before the consent does not know of it. */
  readonly forgetToken: () => void;
  readonly listeners: () => readonly ChangeListener[];
  readonly registrations: Registrations;
  readonly keys: ContentKeys;
  readonly secret: () => Promise<Uint8Array>;
  /** Where Graph shall report; null while the configuration does not say. */
  readonly addresses: () => { readonly changes: string; readonly lifecycle: string } | null;
  /** Milliseconds since 1970 of the last handshake that this server answered. */
  readonly lastHandshakeAt: () => number | null;
  readonly onStep: (action: "connected" | "refreshed" | "deleted") => void;
  readonly clock: Clock;
  readonly log: Pick<Logger, "warn" | "info">;
}

/** What one round found: the gaps are filled with it. */
export interface Round {
  readonly wishes: readonly Wished[];
  readonly delivery: "webhook" | "polling";
  /** Nothing is wished and nothing is left: no round is needed until something changes. */
  readonly idle: boolean;
}

const AT_ONCE = 4;
/** Of the 25 a second that Graph allows an app for making subscriptions. */
const CALLS_PER_SECOND = 8;
const SWEEP_MS = 3_600_000;

export class Keeper {
  readonly #ports: KeeperPorts;
  readonly #pacing: Pacing;
  /** Credentials of wishes, also of those that are gone by now: their subscriptions must be removed. */
  readonly #credentials = new Map<string, Credential>();
  /** Wishes that were refused for want of a permission. */
  readonly #unpermitted = new Set<string>();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #eager = false;

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
    this.#pacing = new Pacing({ perSecond: CALLS_PER_SECOND, burst: CALLS_PER_SECOND }, ports.clock);
  }

  /** One round. Rejects when the store fails; what Graph refuses becomes a problem of its wish. */
  async round(signal: AbortSignal): Promise<Round> {
    const { config, registrations, keys, clock } = this.#ports;
    // Before the settings are read: what is put right meanwhile is for the next round.
    const isEager = this.#eager;
    this.#eager = false;
    const delivery = config.current.settings.change_delivery;
    const { wishes, unknown } = await this.#wishes();
    const kept = delivery === "webhook" ? wishes : [];
    const target = await this.#target(kept);
    const round = { wishes: target ? wishes : [], delivery };
    if (!target) return { ...round, idle: true };
    await this.#makeStates(wishes);

    await this.#sweepIfDue(kept, target, signal);
    // A feature that cannot say what it wishes keeps what it has.
    const decided = (await registrations.all()).filter(
      ({ wish }) => !unknown.some((name) => wish.startsWith(name)),
    );
    const states = await registrations.states();
    const steps = plan(kept, decided, isEager ? withoutWaits(states) : states, target.target, clock.now());
    const work = steps.values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const ofOneWish of work) {
          for (const step of ofOneWish) {
            if (signal.aborted) return;
            await this.#perform(step, target, signal);
          }
        }
      }),
    );
    if (signal.aborted) return { ...round, idle: false };
    const left = await registrations.all();
    await this.#forget(wishes, left, unknown);
    await keys.tidy(new Set(left.flatMap(({ certificateId }) => certificateId ?? [])));
    return { ...round, idle: wishes.length === 0 && left.length === 0 && unknown.length === 0 };
  }

  /** The next round asks Graph what exists. */
  sweepSoon(): void {
    this.#sweptAt = Number.NEGATIVE_INFINITY;
  }

  /** An admin has changed something: the next round tries what was refused, however long it should have waited. */
  retrySoon(): void {
    this.#eager = true;
  }

  async #sweepIfDue(kept: readonly Wished[], { target }: Aim, signal: AbortSignal): Promise<void> {
    const { registrations, graph, secret, clock, log } = this.#ports;
    const registered = await registrations.all();
    // Its answer was lost: Graph has it or not.
    const unanswered = registered.some(
      ({ subscriptionId, madeAt }) => subscriptionId === null && clock.now() - madeAt >= ANSWER_MS,
    );
    if (!unanswered && clock.now() - this.#sweptAt < SWEEP_MS) return;
    if (kept.length === 0 && registered.length === 0) return;
    const isPersonal = (wish: string) => this.#credentials.has(wish);
    const ports = { registrations, graph, secret, now: clock.now, log, isPersonal };
    if (await sweep(registered, target, ports, signal)) this.#sweptAt = clock.now();
  }

  async #wishes(): Promise<{ wishes: Wished[]; unknown: string[] }> {
    const { listeners, log } = this.#ports;
    const wishes: Wished[] = [];
    const unknown: string[] = [];
    for (const listener of listeners()) {
      if (!listener.enabled()) continue;
      try {
        for (const wish of await listener.wishes()) {
          const id = wishId(listener, wish.key);
          wishes.push({ id, wish, listener });
          if (wish.credential) this.#credentials.set(id, wish.credential);
        }
      } catch (error) {
        log.warn("A feature could not say what it wants to hear of", { feature: listener.name, error });
        unknown.push(wishId(listener, ""));
      }
    }
    return { wishes, unknown };
  }

  async #target(wishes: readonly Wished[]): Promise<Aim | null> {
    const { config, addresses, keys } = this.#ports;
    const { registration } = config.current;
    const urls = addresses();
    if (!registration || !urls) return null;
    const wantsContent = wishes.some(({ wish }) => wish.includeResourceData);
    const certificate = wantsContent ? await keys.current() : null;
    const target = {
      notificationUrl: urls.changes,
      lifecycleUrl: urls.lifecycle,
      tenantId: registration.tenantId,
      clientId: registration.clientId,
      certificateId: certificate?.id ?? null,
    };
    return { target, certificate };
  }

  /** From its first round on, everything that happens is to be seen. */
  async #makeStates(wishes: readonly Wished[]): Promise<void> {
    const { registrations, clock } = this.#ports;
    const known = await registrations.states();
    const at = clock.now();
    // All at once: they share the writes of their records.
    await Promise.all(
      wishes
        .filter(({ id }) => (known.get(id)?.seenUntil ?? null) === null)
        .map(({ id }) => registrations.changeState(id, (state) => ({ ...state, seenUntil: at, fillAt: at }))),
    );
  }

  async #perform(step: Step, aim: Aim, signal: AbortSignal): Promise<void> {
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
      if (why.stray) this.sweepSoon();
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
      const options = { credential: this.#credentials.get(wish), signal };
      const error = await this.#attempt(deleteSubscription(client, subscriptionId, options));
      // What is refused stays refused; it expires by itself, and what it sends is not accepted any more.
      if (isCurrent && error && (passing(error) || signal.aborted)) return;
      onStep("deleted");
    }
    await registrations.remove(id);
  }

  /** States of wishes that nobody has any more. */
  async #forget(
    wishes: readonly Wished[],
    left: readonly Registration[],
    unknown: readonly string[],
  ): Promise<void> {
    const { registrations } = this.#ports;
    const wanted = new Set([...wishes.map(({ id }) => id), ...left.map(({ wish }) => wish)]);
    for (const wish of (await registrations.states()).keys()) {
      if (wanted.has(wish) || unknown.some((name) => wish.startsWith(name))) continue;
      await registrations.removeState(wish);
      this.#credentials.delete(wish);
    }
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

interface Aim {
  readonly target: Target;
  readonly certificate: CurrentCertificate | null;
}

function withoutWaits(states: ReadonlyMap<string, WishState>): ReadonlyMap<string, WishState> {
  return new Map(
    [...states].map(([wish, state]) => [
      wish,
      state.problem ? { ...state, problem: { ...state.problem, nextTryAt: 0 } } : state,
    ]),
  );
}
