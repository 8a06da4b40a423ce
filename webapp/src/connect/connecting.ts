/**
 * Connects an account from a page of Mattermost: in a separate window or, inside the Teams tab, through the shell
 * around the page.
 *
 *   click ─▶ (tab) shell asks with its token ─▶ connected
 *                └─ consent is needed ─▶ "Allow" ─▶ window ─▶ Microsoft
 */

import { shellOf } from "../in-tab.ts";
import type { ConnectionStore } from "./connection.ts";

export type Attempt =
  | { readonly at: "idle" }
  /** The shell is asking, or the window is open. */
  | { readonly at: "waiting"; readonly inWindow: boolean }
  /** Microsoft requires the person's consent first. */
  | { readonly at: "consent" }
  | { readonly at: "blocked" }
  | { readonly at: "failed" };

export const CONNECT_ASKS = "mission_collaboration_connect";
export const CONNECT_ANSWERS = "mission_collaboration_connect_answer";

/** Polling interval, in case the web socket, which reports at once, is broken. */
const LOOK_EVERY_MS = 4_000;
const GIVE_UP_MS = 10 * 60_000;
const SHELL_LIMIT_MS = 30_000;

export interface Connecting {
  attempt(): Attempt;
  /** Call it only in the handler of a click, because browsers open windows only then. */
  begin(): void;
  openWindow(): void;
  subscribe(listener: () => void): () => void;
  /** Called when the connection has changed: the attempt is over. */
  settled(): void;
}

export function createConnecting(store: ConnectionStore, inner: Window = window): Connecting {
  const listeners = new Set<() => void>();
  let attempt: Attempt = { at: "idle" };
  let timer: ReturnType<typeof setInterval> | undefined;

  const set = (next: Attempt) => {
    attempt = next;
    if (next.at !== "waiting") clearInterval(timer);
    for (const listener of listeners) listener();
  };

  function watch(): void {
    clearInterval(timer);
    const until = Date.now() + GIVE_UP_MS;
    timer = setInterval(() => {
      if (Date.now() > until) return set({ at: "idle" });
      void store.refresh();
    }, LOOK_EVERY_MS);
  }

  const self: Connecting = {
    attempt: () => attempt,
    begin() {
      const shell = shellOf(inner);
      if (!shell) return self.openWindow();
      set({ at: "waiting", inWindow: false });
      void askShell(shell, inner).then((answer) => {
        if (answer === "connected") void store.refresh();
        else set({ at: answer });
      });
    },
    openWindow() {
      const base = (inner as { basename?: string }).basename ?? "";
      const opened = inner.open(
        `${base}/plugins/mission-collaboration/oauth2/connect?return=settings`,
        "mission-collaboration-connect",
        "popup,width=560,height=760",
      );
      if (!opened) return set({ at: "blocked" });
      set({ at: "waiting", inWindow: true });
      watch();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settled: () => set({ at: "idle" }),
  };
  // The person came back from the other window.
  inner.addEventListener("focus", () => {
    if (attempt.at === "waiting") void store.refresh();
  });
  return self;
}

function askShell(shell: Window, inner: Window): Promise<"connected" | "consent" | "failed"> {
  return new Promise((resolve) => {
    const done = (answer: "connected" | "consent" | "failed") => {
      clearTimeout(timer);
      inner.removeEventListener("message", onMessage);
      resolve(answer);
    };
    const onMessage = ({ data, origin, source }: MessageEvent) => {
      if (source !== shell || origin !== inner.location.origin || data?.type !== CONNECT_ANSWERS) return;
      done(data.outcome === "connected" || data.outcome === "consent" ? data.outcome : "failed");
    };
    const timer = setTimeout(() => done("failed"), SHELL_LIMIT_MS);
    inner.addEventListener("message", onMessage);
    shell.postMessage({ type: CONNECT_ASKS }, inner.location.origin);
  });
}
