/** What a test may break at Entra. */

export interface EntraFaults {
  delayMs: number;
  unreachable: boolean;
  metadata: "right" | "other issuer" | "other key address" | "broken" | "error";
  keys: "right" | "empty" | "only foreign" | "broken" | "huge" | "error";
  tokens: "right" | "error" | "throttled";
  /** Of the person for delegated Graph permissions. */
  consent: "granted" | "missing" | "interaction needed";
  /** Lifetime of Graph tokens in seconds; null: 60 to 90 minutes, as Entra chooses. */
  tokenLifetime: number | null;
  /** The same for tokens of people alone. */
  delegatedTokenLifetime: number | null;
}

export const noFaults: EntraFaults = {
  delayMs: 0,
  unreachable: false,
  metadata: "right",
  keys: "right",
  tokens: "right",
  consent: "granted",
  tokenLifetime: null,
  delegatedTokenLifetime: null,
};
