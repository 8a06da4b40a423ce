/** Reads a state while its page is open: frequently while the checks run, rarely otherwise. */

import * as React from "react";
import { isSystemAdmin } from "../access.ts";
import { type Action, useAction } from "../parts.tsx";
import type { Checked } from "./api.ts";

const SOON_MS = 3_000;
const LATER_MS = 30_000;

const others = new Set<() => void>();
/** Something was repaired: all open parts read their state again. */
export function lookAgain(): void {
  for (const look of others) look();
}

export interface Look<T> {
  readonly state: T | null;
  readonly action: Action;
  /** Takes a newer state, such as the answer to a button. */
  readonly press: (ask: () => Promise<T>) => Promise<void>;
}

/** `isWaiting`: something was changed a moment ago, and the server may not know yet. */
export function useLook<T extends Checked>(
  open: boolean,
  read: () => Promise<T>,
  isWaiting = false,
): Look<T> {
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
    const look = () => void latest.current().then(setState, () => undefined);
    const timer = setInterval(look, pause);
    others.add(look);
    return () => {
      clearInterval(timer);
      others.delete(look);
    };
  }, [open, pause]);
  return { state, action, press };
}
