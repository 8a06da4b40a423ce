/** A cached document: renewed in time, requested once at a time, and still used during an outage of its source. */

export interface KeepRules {
  /** A document younger than this is used without asking the source. */
  readonly freshMs: number;
  /** Between `freshMs` and this age it is used and renewed in the background; beyond it, it is not used. */
  readonly maxAgeMs: number;
  /** Minimum time between two requests that an outsider could provoke. */
  readonly cooldownMs: number;
  /** The same after a failure: short, so that a brief fault at the first sign-in of the day does not last. */
  readonly retryMs: number;
}

export class KeptDocument<T> {
  readonly #load: () => Promise<T>;
  readonly #rules: KeepRules;
  readonly #clock: () => number;
  #value: { readonly document: T; readonly at: number } | null = null;
  #failure: { readonly error: unknown; readonly at: number } | null = null;
  #running: Promise<T> | null = null;

  constructor(load: () => Promise<T>, rules: KeepRules, clock: () => number) {
    this.#load = load;
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Returns the document; loads it when there is none that may still be used. */
  async current(): Promise<T> {
    const kept = this.#value;
    const age = kept ? this.#clock() - kept.at : Number.POSITIVE_INFINITY;
    // A clock that was set back makes ages negative; such a document is treated as old, or it would stay fresh for
    // ever.
    if (kept && age >= 0 && age < this.#rules.freshMs) return kept.document;
    if (kept && age >= 0 && age < this.#rules.maxAgeMs) {
      if (!this.#pausing()) this.#request().catch(() => undefined);
      return kept.document;
    }
    if (this.#pausing() && this.#failure) throw this.#failure.error;
    return this.#request();
  }

  /**
   * Requests the document again, because the cached one lacks something; returns the cached one during the cooldown.
   */
  async renewed(): Promise<T> {
    if (this.#value && (this.#pausing() || this.#clock() - this.#value.at < this.#rules.cooldownMs)) {
      return this.#running ?? this.#value.document;
    }
    try {
      return await this.#request();
    } catch (error) {
      if (this.#value) return this.#value.document;
      throw error;
    }
  }

  #pausing(): boolean {
    const age = this.#failure ? this.#clock() - this.#failure.at : Number.POSITIVE_INFINITY;
    // A wrong clock makes certificates invalid, so the failure may be from before it was set back.
    return age >= 0 && age < this.#rules.retryMs;
  }

  #request(): Promise<T> {
    this.#running ??= this.#load()
      .then(
        (document) => {
          this.#value = { document, at: this.#clock() };
          this.#failure = null;
          return document;
        },
        (error: unknown) => {
          this.#failure = { error, at: this.#clock() };
          throw error;
        },
      )
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }
}
