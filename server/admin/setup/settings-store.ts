/** The plugin's own settings, when the plugin itself has something to put there. */

export interface SettingsStore {
  /** As stored, secrets in clear: never to be sent anywhere. */
  load(): Promise<Record<string, unknown>>;
  /** Throws when the configuration is read-only. */
  save(settings: Record<string, unknown>): Promise<void>;
}

/** Changes some settings; the answer puts back what they were. */
export async function changeSettings(
  store: SettingsStore,
  changes: Readonly<Record<string, unknown>>,
): Promise<() => Promise<void>> {
  const before = await store.load();
  await store.save({ ...before, ...changes });
  return async () => {
    // Only ours: somebody may have changed others meanwhile.
    const now = await store.load();
    for (const key of Object.keys(changes)) now[key] = before[key];
    await store.save(now);
  };
}
