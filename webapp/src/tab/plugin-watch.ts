/**
 * Notices that the plugin was switched off while the tab is open, and that it is back. Mattermost in the frame does
 * not tell: it is the server's own page and works on.
 *
 * Asked is one of the plugin's static files. The server answers it itself, without the plugin's process, and with 404
 * while the plugin is disabled or 501 while plugins are switched off altogether (app/plugin_requests.go,
 * ServePluginPublicRequest). Any other answer, and none, says nothing about the plugin.
 */

export interface PluginWatchPorts {
  readonly pluginPath: string;
  readonly fetch: typeof globalThis.fetch;
  /** Calls once, later; the returned function prevents it. */
  readonly later: (ms: number, then: () => void) => () => void;
  readonly changed: (away: boolean) => void;
}

/** One small request a minute for each open tab. */
const WATCH_EVERY_MS = 60_000;
/** After an answer that says "away", until it is there again. An update takes less than a second. */
const AWAY_EVERY_MS = 15_000;
/** So many answers in a row say that it is more than an update. */
const TWICE = 2;

export interface PluginWatch {
  /** Asks now: the network or the person is back. */
  look(): void;
}

export function watchPlugin({ pluginPath, fetch, later, changed }: PluginWatchPorts): PluginWatch {
  let misses = 0;
  let looking = false;
  let cancel = later(WATCH_EVERY_MS, () => void look());

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    cancel();
    const away = await isAway();
    looking = false;
    const before = misses;
    if (away !== null) misses = away ? misses + 1 : 0;
    if (before < TWICE && misses === TWICE) changed(true);
    if (before >= TWICE && misses === 0) changed(false);
    cancel = later(misses === 0 ? WATCH_EVERY_MS : AWAY_EVERY_MS, () => void look());
  };

  const isAway = async (): Promise<boolean | null> => {
    try {
      const { status } = await fetch(`${pluginPath}/public/tab/assets.json`, { cache: "no-store" });
      if (status === 200) return false;
      return status === 404 || status === 501 ? true : null;
    } catch {
      return null;
    }
  };

  return { look: () => void look() };
}
