import React, { useEffect, useState } from "react";
import { control } from "./control.ts";

type Values = Record<string, string | number | boolean | null>;
type State = Record<"entra" | "graph" | "teams", Values>;

interface Lever {
  readonly on: "entra" | "graph" | "teams";
  readonly label: string;
  readonly says: string;
  readonly set: Values;
  readonly unset: Values;
}

const levers: readonly Lever[] = [
  {
    on: "entra",
    label: "Entra is unreachable",
    says: "Known keys go on; new ones cannot be fetched.",
    set: { unreachable: true },
    unset: { unreachable: false },
  },
  {
    on: "entra",
    label: "Entra is slow",
    says: "Every answer takes 3 seconds.",
    set: { delayMs: 3000 },
    unset: { delayMs: 0 },
  },
  {
    on: "entra",
    label: "The key set is empty",
    says: "Nobody can be let in.",
    set: { keys: "empty" },
    unset: { keys: "right" },
  },
  {
    on: "entra",
    label: "Consent for User.Read is missing",
    says: "The directory cannot be asked.",
    set: { consent: "missing" },
    unset: { consent: "granted" },
  },
  {
    on: "graph",
    label: "Graph is unreachable",
    says: "Activities wait in the outbox.",
    set: { unreachable: true },
    unset: { unreachable: false },
  },
  {
    on: "graph",
    label: "Graph throttles",
    says: "429 with Retry-After: 5.",
    set: { status: 429, retryAfter: 5 },
    unset: { status: null, retryAfter: null },
  },
  {
    on: "graph",
    label: "Graph fails",
    says: "503 to everything.",
    set: { status: 503, retryAfter: null },
    unset: { status: null },
  },
  {
    on: "teams",
    label: "Teams needs consent",
    says: "resourceRequiresConsent until the member presses the button.",
    set: { consent: "needed" },
    unset: { consent: "given" },
  },
  {
    on: "teams",
    label: "The token is of another tenant",
    says: "Right signature, wrong tenant.",
    set: { kind: "other tenant" },
    unset: { kind: "good" },
  },
  {
    on: "teams",
    label: "The token has expired",
    says: "Three hours old.",
    set: { kind: "expired" },
    unset: { kind: "good" },
  },
  {
    on: "teams",
    label: "The token is forged",
    says: "HS256, signed with the public key.",
    set: { kind: "HS256 with the public key" },
    unset: { kind: "good" },
  },
];

const load = () => control<State>("/faults");

/** Levers for real-life failures. Open the tab again to see their effect on a member. */
export function Faults() {
  const [state, setState] = useState<State | null>(null);
  useEffect(() => void load().then(setState), []);
  if (!state) return null;
  const pull = async (lever: Lever, on: boolean) => {
    const change = on ? lever.set : lever.unset;
    setState({ ...state, [lever.on]: { ...state[lever.on], ...change } });
    await control(`/faults/${lever.on}`, change);
    setState(await load());
  };
  const isSet = ({ on, set }: Lever) => Object.entries(set).every(([key, value]) => state[on][key] === value);
  return (
    <aside className="drawer" aria-label="Faults">
      <div className="levers">
        {levers.map((lever) => (
          <label key={lever.label}>
            <input
              type="checkbox"
              checked={isSet(lever)}
              onChange={({ target }) => pull(lever, target.checked)}
            />
            <span>
              <strong>{lever.label}</strong>
              <small>{lever.says}</small>
            </span>
          </label>
        ))}
      </div>
      <footer>
        <button type="button" onClick={() => control("/healthy", {}).then(load).then(setState)}>
          Everything works again
        </button>
        <button type="button" onClick={() => control("/entra/rotate", {})}>
          Rotate the signing key
        </button>
        <button type="button" onClick={() => control("/sessions/revoke", { username: "alex" })}>
          End Alex’s session
        </button>
        <button type="button" onClick={() => control("/connections/lose", { username: "alex" })}>
          Lose Alex’s connection
        </button>
        <button type="button" onClick={() => control("/plugin/crash", {})}>
          Kill the plugin
        </button>
        <button type="button" onClick={() => control("/plugin/restart", {})}>
          Restart the plugin
        </button>
      </footer>
    </aside>
  );
}
