import { useSyncExternalStore } from "react";
import { base } from "./api.ts";

const listeners = new Set<() => void>();
const changed = () => {
  for (const listener of listeners) listener();
};
window.addEventListener("popstate", changed);

/** Paths are without the sub-path, like those of the web app's own history. */
export const browserHistory = {
  push(path: string): void {
    history.pushState(null, "", base + path);
    changed();
  },
  replace(path: string): void {
    history.replaceState(null, "", base + path);
    changed();
  },
};

/** Plugins and the shell around us move inside the app by it (WebappUtils of the web app, 10.x and 11.x). */
Object.assign(window, { WebappUtils: { browserHistory }, basename: base });

export function usePath(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => location.pathname.slice(base.length) || "/",
  );
}

/** Whether the person signed out on purpose ("false") or their session ended ("true"), as the web app keeps it. */
const key = base === "" ? "was_logged_in" : `${base}:was_logged_in`;
export function wasLoggedIn(value: boolean): void {
  try {
    localStorage.setItem(key, String(value));
  } catch {
    // Blocked in a frame of another site by some browsers' settings.
  }
}
