/**
 * Notices that the plugin was switched off while the tab is open, and that it is back. Mattermost in the frame does
 * not report it: it is the server's own page and keeps working.
 *
 * It requests one of the plugin's static files. The server answers that itself, without the plugin's process: with
 * 404 while the plugin is disabled, or 501 while plugins are switched off altogether (app/plugin_requests.go,
 * ServePluginPublicRequest). Any other answer, or none, does not show whether the plugin is on.
 */

export interface PluginWatchPorts {
  readonly pluginPath: string;
  readonly fetch: typeof globalThis.fetch;
  /** Calls `then` once, later; the returned function cancels it. */
  readonly later: (ms: number, then: () => void) => () => void;
  readonly changed: (away: boolean) => void;
}

/** One small request a minute for each open tab. */
const WATCH_EVERY_MS = 60_000;
/** Interval while the plugin is away. An update takes less than a second. */
const AWAY_EVERY_MS = 15_000;
/** A request without an answer must not end the watch. */
const ANSWER_LIMIT_MS = 10_000;
/** After this many such answers in a row the plugin is switched off; an update gives fewer. */
const MISSES = 2;

export interface PluginWatch {
  /** Sends a request now, because the network or the person is back. */
  checkNow(): void;
}

export function watchPlugin({ pluginPath, fetch, later, changed }: PluginWatchPorts): PluginWatch {
  let misses = 0;
  let checking = false;
  let cancel = later(WATCH_EVERY_MS, () => void check());

  const check = async (): Promise<void> => {
    if (checking) return;
    checking = true;
    cancel();
    const away = await isAway();
    checking = false;
    const before = misses;
    if (away !== null) misses = away ? misses + 1 : 0;
    if (before < MISSES && misses === MISSES) changed(true);
    if (before >= MISSES && misses === 0) changed(false);
    cancel = later(misses === 0 ? WATCH_EVERY_MS : AWAY_EVERY_MS, () => void check());
  };

  const isAway = async (): Promise<boolean | null> => {
    const stop = new AbortController();
    const answered = later(ANSWER_LIMIT_MS, () => stop.abort());
    try {
      const { status } = await fetch(`${pluginPath}/public/tab/assets.json`, {
        cache: "no-store",
        signal: stop.signal,
      });
      if (status === 200) return false;
      return status === 404 || status === 501 ? true : null;
    } catch {
      return null;
    } finally {
      answered();
    }
  };

  return { checkNow: () => void check() };
}
