import { base } from "./api.ts";
import { useStore } from "./use-store.ts";

const listeners = new Set<() => void>();
const changed = () => {
  for (const listener of listeners) listener();
};
window.addEventListener("popstate", changed);

/** Paths exclude the sub-path, like those of the web app's own history. */
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

/**
 * Plugins and the shell around us use it to navigate inside the app (WebappUtils of the web app, 10.x and 11.x).
 */
Object.assign(window, { WebappUtils: { browserHistory }, basename: base });

export function usePath(): string {
  return useStore(onChange, currentPath);
}

function onChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const currentPath = () => location.pathname.slice(base.length) || "/";

/** Keys of the web app's local storage are prefixed with the sub-path (stores/local_storage_store). */
const scoped = (key: string) => (base === "" ? key : `${base}:${key}`);

function store(key: string, value: string): void {
  try {
    localStorage.setItem(scoped(key), value);
  } catch {
    // Some browser settings block it in a frame of another site.
  }
}

/**
 * Only the login form sets "true"; a deliberate log-out sets "false". A sign-in by cookies sets no value.
 */
export const wasLoggedIn = (value: boolean): void => store("was_logged_in", String(value));

/** The team whose channel the person looked at last; `/_redirect` knows nothing else. */
export const previousTeam = {
  get: (userId: string) => localStorage.getItem(scoped(`user_prev_team:${userId}`)),
  set: (userId: string, teamId: string) => store(`user_prev_team:${userId}`, teamId),
};
