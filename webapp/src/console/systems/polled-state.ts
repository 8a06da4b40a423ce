/** Polls a state while its page is open: frequently while the checks run, rarely otherwise. */

import * as React from "react";
import { isSystemAdmin } from "../access.ts";
import { type Action, useAction } from "../parts.tsx";
import type { Checked } from "./api.ts";

const SOON_MS = 3_000;
const LATER_MS = 30_000;

const others = new Set<() => void>();
/** Called after a repair: all open parts of the page read their state again. */
export function refreshSystems(): void {
  for (const refresh of others) refresh();
}

export interface PolledState<T> {
  readonly state: T | null;
  readonly action: Action;
  /** Takes a newer state, such as the answer to a button. */
  readonly press: (ask: () => Promise<T>) => Promise<void>;
}

/** `isWaiting`: the admin changed a setting a moment ago, and the plugin may not have read it yet. */
export function usePolledState<T extends Checked>(
  open: boolean,
  read: () => Promise<T>,
  isWaiting = false,
): PolledState<T> {
  const [state, setState] = React.useState<T | null>(null);
  const action = useAction();
  const { run } = action;
  const latest = React.useRef(read);
  latest.current = read;
  const press = (ask: () => Promise<T>) => run(async () => setState(await ask()));
  const pause = state?.checking || isWaiting ? SOON_MS : LATER_MS;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time the page is opened
  React.useEffect(() => {
    if (open && isSystemAdmin()) void press(() => latest.current());
  }, [open]);
  React.useEffect(() => {
    if (!open || !isSystemAdmin()) return;
    // In the background: a failed read is repeated, and the page keeps its state.
    const refresh = () => void latest.current().then(setState, () => undefined);
    const timer = setInterval(refresh, pause);
    others.add(refresh);
    return () => {
      clearInterval(timer);
      others.delete(refresh);
    };
  }, [open, pause]);
  return { state, action, press };
}
