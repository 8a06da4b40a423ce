/**
 * Keeps one subscription for each wish; runs on one node at a time.
 *
 *   every minute, or when something has changed:
 *   wishes ─▶ certificate ─▶ (now and then: what does Graph have?) ─▶ plan ─▶ create │ renew │ remove
 */

import { networkSettings } from "../../../platform/settings/index.ts";
import { atOnce } from "../../../platform/work/at-once.ts";
import type { Credential } from "../../graph/index.ts";
import type { ContentKeys } from "../incoming/content-keys.ts";
import { type ChangeListener, wishId } from "../wish.ts";
import { ANSWER_MS, plan, type Wished } from "./plan.ts";
import type { Registration, WishState } from "./registrations.ts";
import { type Aim, type StepPorts, Steps } from "./steps.ts";
import { sweep } from "./sweep.ts";

export interface KeeperPorts extends StepPorts {
  readonly listeners: () => readonly ChangeListener[];
  readonly keys: ContentKeys;
  /** The addresses to which Graph sends notifications; null while the configuration is incomplete. */
  readonly addresses: () => { readonly changes: string; readonly lifecycle: string } | null;
}

/** The result of one round, used for gap filling. */
export interface Round {
  readonly wishes: readonly Wished[];
  readonly delivery: "webhook" | "polling";
  /** Nothing is wished and nothing is left: no round is needed until something changes. */
  readonly idle: boolean;
}

const AT_ONCE = 4;
const SWEEP_MS = 3_600_000;

export class Keeper {
  readonly #ports: KeeperPorts;
  readonly #steps: Steps;
  /** Credentials of wishes, including former ones, because their subscriptions must still be removed. */
  readonly #credentials = new Map<string, Credential>();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #eager = false;

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
    this.#steps = new Steps(ports, {
      credentialOf: (wish) => this.credentialOf(wish),
      onStray: () => this.sweepSoon(),
    });
  }

  /** Runs one round. Rejects when the store fails; a refusal by Graph becomes a problem of its wish. */
  async round(signal: AbortSignal): Promise<Round> {
    const { config, registrations, keys, clock } = this.#ports;
    // Before the settings are read, so that a repair during this round is picked up by the next one.
    const isEager = this.#eager;
    this.#eager = false;
    const delivery = config.current.section(networkSettings).change_delivery;
    const { wishes, unknown } = await this.#wishes();
    const kept = delivery === "webhook" ? wishes : [];
    const target = await this.#target(kept);
    const round = { wishes: target ? wishes : [], delivery };
    if (!target) return { ...round, idle: true };
    const states = await this.#makeStates(wishes);

    // Registrations are read again only after a change: with 10,000 wishes the records have 6 MB.
    const before = await registrations.all();
    const registered = (await this.#sweepIfDue(before, kept, target, signal))
      ? await registrations.all()
      : before;
    // A feature that fails to list its wishes keeps its subscriptions.
    const decided = registered.filter(({ wish }) => !unknown.some((name) => wish.startsWith(name)));
    const steps = plan({
      ...{ wishes: kept, registrations: decided, target: target.target, now: clock.now() },
      states: isEager ? withoutWaits(states) : states,
    });
    await atOnce([...steps.values()], AT_ONCE, async (ofOneWish) => {
      for (const step of ofOneWish) {
        if (signal.aborted) return;
        await this.#steps.perform(step, target, signal);
      }
    });
    if (signal.aborted) return { ...round, idle: false };
    const left = steps.size > 0 ? await registrations.all() : registered;
    await this.#forget(wishes, left, unknown, steps.size > 0 ? await registrations.states() : states);
    await keys.tidy(new Set(left.flatMap(({ certificateId }) => certificateId ?? [])));
    return { ...round, idle: wishes.length === 0 && left.length === 0 && unknown.length === 0 };
  }

  /** Returns the credential of a wish; undefined: the app's own. */
  credentialOf(wish: string): Credential | undefined {
    return this.#credentials.get(wish);
  }

  /** Makes the next round ask Graph which subscriptions exist. */
  sweepSoon(): void {
    this.#sweptAt = Number.NEGATIVE_INFINITY;
  }

  /** Makes the next round retry refused steps at once, because an admin has changed something. */
  retrySoon(): void {
    this.#eager = true;
  }

  /** Returns true when Graph was asked, so that registrations may have changed. */
  async #sweepIfDue(
    registered: readonly Registration[],
    kept: readonly Wished[],
    { target }: Aim,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { registrations, graph, secret, clock, log } = this.#ports;
    // The answer was lost: Graph may or may not have the subscription.
    const unanswered = registered.some(
      ({ subscriptionId, madeAt }) => subscriptionId === null && clock.now() - madeAt >= ANSWER_MS,
    );
    if (!unanswered && clock.now() - this.#sweptAt < SWEEP_MS) return false;
    if (kept.length === 0 && registered.length === 0) return false;
    const isPersonal = (wish: string) => this.#credentials.has(wish);
    const ports = { registrations, graph, secret, now: clock.now, log, isPersonal };
    if (await sweep(registered, target, ports, signal)) this.#sweptAt = clock.now();
    return true;
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
        log.warn("A feature could not name the resources that it follows", { feature: listener.name, error });
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

  /** Creates missing states: changes count from a wish's first round on. Returns the states of all wishes. */
  async #makeStates(wishes: readonly Wished[]): Promise<ReadonlyMap<string, WishState>> {
    const { registrations, clock } = this.#ports;
    const known = await registrations.states();
    const at = clock.now();
    const unmade = wishes.filter(({ id }) => (known.get(id)?.seenUntil ?? null) === null);
    if (unmade.length === 0) return known;
    // All at the same time, so that they share the writes of their records.
    await Promise.all(
      unmade.map(({ id }) =>
        registrations.changeState(id, (state) => ({ ...state, seenUntil: at, fillAt: at })),
      ),
    );
    return registrations.states();
  }

  /** Removes states of wishes that no longer exist. */
  async #forget(
    wishes: readonly Wished[],
    left: readonly Registration[],
    unknown: readonly string[],
    states: ReadonlyMap<string, WishState>,
  ): Promise<void> {
    const { registrations } = this.#ports;
    const wanted = new Set([...wishes.map(({ id }) => id), ...left.map(({ wish }) => wish)]);
    for (const wish of states.keys()) {
      if (wanted.has(wish) || unknown.some((name) => wish.startsWith(name))) continue;
      await registrations.removeState(wish);
      this.#credentials.delete(wish);
    }
  }
}

function withoutWaits(states: ReadonlyMap<string, WishState>): ReadonlyMap<string, WishState> {
  return new Map(
    [...states].map(([wish, state]) => [
      wish,
      state.problem ? { ...state, problem: { ...state.problem, nextTryAt: 0 } } : state,
    ]),
  );
}
