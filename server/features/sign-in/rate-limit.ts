/** A leaky bucket per key: allows bursts, limits the rate. In memory, so per node. */

export interface RateLimitRules {
  /** Capacity: the number of attempts at once. */
  readonly burst: number;
  /** Attempts that leak out per second. */
  readonly perSecond: number;
}

/** More keys than this within one drain time are an attack on our memory; the oldest are dropped. */
const MAX_KEYS = 20_000;

export class RateLimit {
  readonly #rules: RateLimitRules;
  readonly #clock: () => number;
  readonly #levels = new Map<string, { level: number; at: number }>();

  constructor(rules: RateLimitRules, clock: () => number) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Takes `cost` if it fits and returns 0; otherwise returns the seconds until it fits. */
  take(key: string, cost = 1): number {
    const level = this.#level(key);
    const over = level + cost - this.#rules.burst;
    if (over > 0) return Math.ceil(over / this.#rules.perSecond);
    this.#set(key, level + cost);
    return 0;
  }

  /** Adds a cost that became known later; fills the bucket at most to its capacity. */
  add(key: string, cost: number): void {
    this.#set(key, Math.min(this.#level(key) + cost, this.#rules.burst));
  }

  #level(key: string): number {
    const known = this.#levels.get(key);
    if (!known) return 0;
    const drained = (Math.max(0, this.#clock() - known.at) / 1000) * this.#rules.perSecond;
    return Math.max(0, known.level - drained);
  }

  #set(key: string, level: number): void {
    this.#levels.delete(key);
    this.#levels.set(key, { level, at: this.#clock() });
    if (this.#levels.size <= MAX_KEYS) return;
    const [oldest] = this.#levels.keys();
    if (oldest !== undefined) this.#levels.delete(oldest);
  }
}

/** A household or host has a whole /64 of IPv6, so only the first half of the address is compared. */
export function addressKey(address: string): string {
  if (!address.includes(":") || /^::ffff:\d+\./i.test(address)) return address.replace(/^::ffff:/i, "");
  const [head = "", tail] = address.toLowerCase().split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  return [...groups, ...Array<string>(missing).fill("0"), ...rest]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
