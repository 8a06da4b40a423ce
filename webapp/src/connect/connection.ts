/** The state of the person's Microsoft 365 account as the server reports it, shared by the panel and the dialog. */

import { get, send } from "../console/api.ts";

/** `GET /api/v1/connection`. */
export interface Connection {
  readonly connected: boolean;
  /** Microsoft requires the person to sign in again. */
  readonly lost?: boolean;
  readonly account?: string;
  /** Milliseconds since 1970. */
  readonly since?: number;
  /** Permissions that the person still has to consent to. */
  readonly missing?: readonly string[];
  readonly mayConnect: boolean;
  /** The reason why they may not connect. Absent when no feature needs an account. */
  readonly refusal?: string;
  readonly mustConnect: boolean;
  readonly maySkip: boolean;
}

export interface ConnectionStore {
  /** null until the server has answered. */
  current(): Connection | null;
  /** Asks the server. Keeps the last state when it does not answer. */
  refresh(): Promise<Connection | null>;
  /** Resolves with false when the server did not do it. */
  disconnect(): Promise<boolean>;
  subscribe(listener: () => void): () => void;
}

const PATH = "/api/v1/connection";

export function createConnectionStore(): ConnectionStore {
  const listeners = new Set<() => void>();
  let known: Connection | null = null;
  let asked = 0;

  const store: ConnectionStore = {
    current: () => known,
    async refresh() {
      asked += 1;
      const mine = asked;
      const answer = await get<Connection>(PATH).catch(() => null);
      // A later request may have been answered first.
      if (answer && mine === asked) {
        known = answer;
        for (const listener of listeners) listener();
      }
      return known;
    },
    async disconnect() {
      const done = await send("DELETE", PATH).then(
        () => true,
        () => false,
      );
      await store.refresh();
      return done;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return store;
}

/** Whether there is anything to show: a feature needs an account. */
export const isOffered = (one: Connection | null): one is Connection =>
  one !== null && (one.connected || one.lost === true || one.mayConnect || one.refusal !== undefined);

export type PanelState = "connected" | "missing" | "lost" | "open" | "refused";

export function panelState(one: Connection): PanelState {
  if (one.connected) return (one.missing ?? []).length > 0 ? "missing" : "connected";
  if (!one.mayConnect) return "refused";
  return one.lost ? "lost" : "open";
}
