/** The faults of Entra that a test can set. */

export interface EntraFaults {
  delayMs: number;
  unreachable: boolean;
  metadata: "right" | "other issuer" | "other key address" | "broken" | "error";
  keys: "right" | "empty" | "only foreign" | "broken" | "huge" | "error";
  tokens: "right" | "error" | "throttled";
  /** Consent of the person to delegated Graph permissions. */
  consent: "granted" | "missing" | "interaction needed";
  /** Lifetime of Graph tokens in seconds; null: 60 to 90 minutes, as Entra chooses. */
  tokenLifetime: number | null;
  /** The same, only for tokens of people. */
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
