/**
 * Sends one request to Graph and reacts to its answer:
 *
 *   202                     delivered
 *   429, 5xx, no answer     wait (Retry-After, else growing), then repeat the same request
 *   401                     the client has already tried a new token; an admin must check
 *   403 roles missing       an admin must grant them; retry now and then
 *   409 several apps        an admin must remove one
 *   412 token too short     get a new token, repeat the same request
 *   403, 404, 400           caused by one recipient: split the batch until that person is found and skipped for a while
 */

import { type Activity, type Graph, GraphError } from "../../../microsoft/graph/index.ts";
import { Breaker, type Clock } from "../../../platform/work/pace.ts";
import { steady } from "../../../platform/work/steady.ts";
import type { ActivityMetrics } from "../metrics.ts";
import type { Log } from "../ports.ts";
import { explain, type Meaning, meaningOf } from "./failures.ts";

export interface Recipient {
  readonly userId: string;
  readonly objectId: string;
}

/** An activity without what delivery fills in: the app's id and the link. */
export interface Message extends Omit<Activity, "catalogAppId" | "webUrl"> {
  /** The sub-page of the tab that a click opens. */
  readonly subPageId: string;
}

export interface Trouble {
  readonly at: number;
  readonly code: string;
  /** For the admin; without names and message text. */
  readonly says: string;
  readonly cure: string;
}

export interface Addressing {
  /** Returns the app's id and the link. Throws when the app is not in the catalog, or when Graph does not answer. */
  address(subPageId: string): Promise<{ catalogAppId: string; webUrl: string }>;
  /** Looks the app up again. Returns `true` when its id has changed. */
  renew(): Promise<boolean>;
}

export interface DeliveryPorts {
  readonly graph: Pick<Graph, "sendActivityNotificationToRecipients">;
  readonly addressing: Addressing;
  readonly forgetToken: () => void;
  readonly metrics: ActivityMetrics;
  readonly log: Log;
  readonly clock: Clock;
  readonly intervalMs: number;
}

export interface Until {
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

export interface Steps<R extends Recipient> {
  /** Returns the people of a batch who should still get this message. */
  readonly confirm: (batch: readonly R[]) => Promise<readonly R[]>;
  readonly settled: (recipients: readonly R[]) => Promise<void>;
}

/** `stopped`: the entry expired, or this node must stop delivering. */
export type Outcome = "done" | "stopped";

/** How long to skip a person who has not installed the app, or whom Entra does not know. */
const UNREACHABLE_MS = 6 * 60 * 60_000;
/**
 * The same while nothing has been accepted since the settings changed. Until the package of a new registration is
 * uploaded, Graph answers "not installed" for everybody, and nobody must be skipped for hours because of that.
 */
const UNPROVEN_MS = 5 * 60_000;
const MAX_UNREACHABLE = 50_000;
/** The halves of a batch that was just confirmed need no second check. */
const CONFIRMED_MS = 1_000;
/** So many refusals in a row have a common cause, and say nothing about the single people. */
const SUSPICIOUS_REFUSALS = 5;
/** How long to wait for the admin's repair before the next attempt. */
const ADMIN_REST_MS = 60_000;

export class Delivery {
  readonly #ports: DeliveryPorts;
  /** For waits. Deadlines have the time of the machine's clock. */
  readonly #steady: Clock;
  readonly #breaker = new Breaker();
  readonly #unreachable = new Map<string, number>();
  #nextAt = 0;
  #trouble: Trouble | null = null;
  #wake = new AbortController();
  /** How often the settings have changed. */
  #settings = 0;
  #refusalsInARow = 0;
  /** True when something was accepted with the current settings. */
  #proven = false;

  constructor(ports: DeliveryPorts) {
    this.#ports = ports;
    this.#steady = steady(ports.clock);
  }

  /** The latest failure that no success has followed. */
  get trouble(): Trouble | null {
    return this.#trouble;
  }

  get resting(): boolean {
    return this.#breaker.open;
  }

  /** The settings have changed, which may have fixed the problem. */
  wake(): void {
    this.#settings += 1;
    this.#breaker.reset();
    this.#unreachable.clear();
    this.#proven = false;
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  reachable(userId: string): boolean {
    const until = this.#unreachable.get(userId);
    if (until === undefined) return true;
    if (until > this.#steady.now()) return false;
    this.#unreachable.delete(userId);
    return true;
  }

  /**
   * Sends the same activity to up to MAX_RECIPIENTS people. Returns when it is done, or when `until` ends it.
   * `confirm` checks a batch once more when its turn has come, which may be long after the decision.
   */
  async send<R extends Recipient>(
    message: Message,
    recipients: readonly R[],
    until: Until,
    { confirm, settled }: Steps<R>,
  ): Promise<Outcome> {
    const clock = this.#steady;
    const waiting: (readonly R[])[] = [recipients];
    const confirmed = new WeakMap<readonly R[], number>();
    const tried = { freshToken: false };
    for (let batch = waiting.pop(); batch; ) {
      const started = clock.now();
      if (!(await this.#turn(until))) return "stopped";
      const last = confirmed.get(batch) ?? Number.NEGATIVE_INFINITY;
      if (clock.now() - last > CONFIRMED_MS) {
        batch = await confirm(batch);
        confirmed.set(batch, clock.now());
      }
      if (batch.length === 0) {
        this.#giveBack(started);
        batch = waiting.pop();
        continue;
      }
      const settings = this.#settings;
      const error = await this.#try(message, batch);
      // A refusal that was under way when the settings changed says nothing about the new ones.
      if (error !== null && settings !== this.#settings) continue;
      const next = error === null ? "settled" : await this.#after(error, message, batch, tried);
      if (next === "again") continue;
      if (next === "halves") {
        const half = Math.ceil(batch.length / 2);
        const at = confirmed.get(batch) ?? Number.NEGATIVE_INFINITY;
        const rest = batch.slice(half);
        batch = batch.slice(0, half);
        for (const part of [rest, batch]) confirmed.set(part, at);
        waiting.push(rest);
        continue;
      }
      await settled(batch);
      batch = waiting.pop();
    }
    return "done";
  }

  /** Returns a turn that was not used. */
  #giveBack(now: number): void {
    this.#nextAt = Math.min(this.#nextAt, now);
  }

  /** Returns the error, or null when Graph has accepted. */
  async #try(message: Message, batch: readonly Recipient[]): Promise<unknown> {
    const started = this.#steady.now();
    const settings = this.#settings;
    try {
      await this.#once(message, batch);
    } catch (error) {
      return error;
    }
    this.#ports.metrics.requestTook((this.#steady.now() - started) / 1000);
    this.#breaker.succeeded();
    this.#trouble = null;
    this.#refusalsInARow = 0;
    if (settings === this.#settings) this.#proven = true;
    this.#ports.metrics.accepted(message.type, batch.length);
    return null;
  }

  async #after(
    error: unknown,
    message: Message,
    batch: readonly Recipient[],
    tried: { freshToken: boolean },
  ): Promise<"again" | "halves" | "settled"> {
    const meaning = meaningOf(error);
    this.#ports.metrics.failed(meaning);
    if (meaning === "token" && !tried.freshToken) {
      tried.freshToken = true;
      this.#ports.forgetToken();
      return "again";
    }
    if (meaning !== "recipient") {
      this.#failed(error, meaning);
      return "again";
    }
    // An app that was uploaded again has another catalog id, and with the old id nobody seems to have installed it.
    // The id is looked up rarely.
    if (await this.#renewed()) return "again";
    if (batch.length > 1 && this.#refusalsInARow < SUSPICIOUS_REFUSALS) return "halves";
    this.#refused(message.type, batch, error);
    return "settled";
  }

  async #once(message: Message, batch: readonly Recipient[]): Promise<void> {
    const { subPageId, ...rest } = message;
    const address = await this.#ports.addressing.address(subPageId);
    await this.#ports.graph.sendActivityNotificationToRecipients(
      { ...rest, ...address },
      batch.map((one) => one.objectId),
    );
  }

  /** Waits for a turn: the tenant's rate limit, and a pause after failures. */
  async #turn({ signal, deadline }: Until): Promise<boolean> {
    const { clock, intervalMs } = this.#ports;
    for (;;) {
      if (signal.aborted) return false;
      const left = deadline - clock.now();
      if (left <= 0) return false;
      const now = this.#steady.now();
      const wait = Math.max(this.#nextAt - now, this.#breaker.rest(now));
      if (wait <= 0) break;
      await this.#steady.sleep(Math.min(wait, left), AbortSignal.any([signal, this.#wake.signal]));
    }
    this.#nextAt = this.#steady.now() + intervalMs;
    return true;
  }

  async #renewed(): Promise<boolean> {
    try {
      return await this.#ports.addressing.renew();
    } catch {
      return false;
    }
  }

  #failed(error: unknown, meaning: Meaning): void {
    const clock = this.#steady;
    const asked = error instanceof GraphError ? error.retryAfterMs : null;
    this.#breaker.failed(clock.now(), clock.random(), meaning === "admin" ? ADMIN_REST_MS : asked);
    this.#note(error);
  }

  #refused(type: string, batch: readonly Recipient[], error: unknown): void {
    this.#refusalsInARow += 1;
    this.#ports.metrics.refused(type, batch.length);
    this.#note(error);
    // A refusal of a whole batch says nothing about the individual people in it.
    if (batch.length > 1) return;
    const gone = error instanceof GraphError && (error.status === 403 || error.status === 404);
    if (!gone) return;
    if (this.#unreachable.size >= MAX_UNREACHABLE) this.#unreachable.clear();
    const until = this.#steady.now() + (this.#proven ? UNREACHABLE_MS : UNPROVEN_MS);
    for (const one of batch) this.#unreachable.set(one.userId, until);
  }

  #note(error: unknown): void {
    const trouble = { at: this.#ports.clock.now(), ...explain(error) };
    if (this.#trouble?.code !== trouble.code) {
      this.#ports.log.warn("Activity notifications are not getting through", {
        code: trouble.code,
        error: trouble.says,
        cure: trouble.cure,
      });
    }
    this.#trouble = trouble;
  }
}
