/** Settings of one feature: reads them, changes them one by one, and reads them again when they changed elsewhere. */

import * as React from "react";
import { listen, ownEvent } from "./live.ts";
import type { FeatureRegistry } from "./registry.ts";

export type SettingsState<T> =
  | { readonly at: "loading" }
  | { readonly at: "failed"; readonly error: Error }
  | { readonly at: "ready"; readonly settings: T };

export interface SettingsOptions<T, Change> {
  readonly registry: FeatureRegistry;
  readonly api: { settings(): Promise<T>; change(part: Change): Promise<T> };
  /** Applies a change for display until the server has answered. */
  readonly apply: (settings: T, part: Change) => T;
  /** The plugin's events after which the settings are read again. */
  readonly events: readonly string[];
}

export interface Settings<T, Change> {
  readonly state: SettingsState<T>;
  /** The result of the last change. */
  readonly saved: "saved" | { readonly error: Error } | null;
  load(): Promise<void>;
  change(part: Change): Promise<void>;
}

export function useSettings<T, Change>(options: SettingsOptions<T, Change>): Settings<T, Change> {
  const { api, apply, registry } = options;
  const [state, setState] = React.useState<SettingsState<T>>({ at: "loading" });
  const [saved, setSaved] = React.useState<Settings<T, Change>["saved"]>(null);
  const asked = React.useRef(0);
  const events = React.useRef(options.events);
  /** Changes are sent one after another, so the response to a change includes all earlier ones. */
  const last = React.useRef<Promise<void>>(Promise.resolve());
  const pending = React.useRef(0);
  const isOld = React.useRef(false);
  const isShown = React.useRef(true);
  const load = React.useCallback(async () => {
    // A response now could lack a change that is still being sent, and its control would flip back for a moment.
    isOld.current = pending.current > 0;
    if (isOld.current) return;
    asked.current += 1;
    const mine = asked.current;
    const next: SettingsState<T> = await api.settings().then(
      (settings) => ({ at: "ready", settings }),
      (error: Error) => ({ at: "failed", error }),
    );
    if (mine === asked.current) setState(next);
  }, [api]);
  React.useEffect(() => {
    isShown.current = true;
    void load();
    const ends = events.current.map((name) => listen(registry, ownEvent(name), () => void load()));
    return () => {
      isShown.current = false;
      asked.current += 1;
      for (const end of ends) end();
    };
  }, [load, registry]);
  const change = async (part: Change) => {
    if (state.at !== "ready") return;
    asked.current += 1;
    const mine = asked.current;
    setState({ at: "ready", settings: apply(state.settings, part) });
    setSaved(null);
    pending.current += 1;
    const send = async () => {
      try {
        const settings = await api.change(part);
        if (mine !== asked.current) return;
        setState({ at: "ready", settings });
        // An earlier one may have failed meanwhile.
        setSaved((before) => before ?? "saved");
      } catch (error) {
        isOld.current = true;
        setSaved({ error: error as Error });
      } finally {
        pending.current -= 1;
        if (isOld.current && isShown.current) await load();
      }
    };
    last.current = last.current.then(send);
    await last.current;
  };
  return { state, saved, load, change };
}
