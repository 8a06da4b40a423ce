/** Changes the plugin's own settings from inside the plugin. */

export interface SettingsStore {
  /** Loads the stored settings, with secrets in clear text: never send them anywhere. */
  load(): Promise<Record<string, unknown>>;
  /** Throws when the configuration is read-only. */
  save(settings: Record<string, unknown>): Promise<void>;
}

/** Changes some settings. Returns a function that restores them. */
export async function changeSettings(
  store: SettingsStore,
  changes: Readonly<Record<string, unknown>>,
): Promise<() => Promise<void>> {
  const before = await store.load();
  await store.save({ ...before, ...changes });
  return async () => {
    // Restores only the changed ones, because somebody may have changed others meanwhile.
    const now = await store.load();
    for (const key of Object.keys(changes)) now[key] = before[key];
    await store.save(now);
  };
}
