/**
 * Migrates settings and links of the plugins that this one replaces, with a preview and an undo.
 *
 * Their icons and links are in their own key-value stores, which no other plugin can read: the console fetches the
 * icons through that plugin's own route with the admin's session, and links are imported from a file (admin guide).
 */

import { z } from "zod";
import type { LinkCandidate } from "../people/link-import.ts";
import { lazy } from "../runtime/lazy.ts";
import type { SettingsStore } from "./setup/settings-store.ts";

/** Maps our key to the keys of the earlier plugin, newest name first. The server stores keys in lower case. */
type Sources = Readonly<Record<string, readonly string[]>>;

const embedded: Sources = {
  m365_tenant_id: ["m365_tenant_id", "tenantid"],
  m365_client_id: ["m365_client_id", "appclientid"],
  m365_client_secret: ["m365_client_secret", "appclientsecret"],
  national_cloud: ["national_cloud"],
  app_id: ["app_id", "appid"],
  app_version: ["app_version", "appversion"],
  app_name: ["app_name", "appname"],
  disable_user_activity_notifications: ["disable_user_activity_notifications"],
};

const sources = {
  "com.mattermost.ms-embedded": embedded,
  "com.mattermost.plugin-msteams-devsecops": embedded,
  // Its encryption key and webhook secret have no counterpart: its tokens are in its own tables.
  "com.mattermost.msteams-sync": {
    m365_tenant_id: ["tenantid"],
    m365_client_id: ["clientid"],
    m365_client_secret: ["clientsecret"],
    connected_accounts_limit: ["connectedusersallowed"],
    connected_accounts_restricted: ["connectedusersrestricted"],
    pending_invitations_limit: ["connectedusersmaxpendinginvites"],
    enforce_connected_accounts: ["enforceconnectedusers"],
    allow_skip_connecting: ["allowskipconnectusers"],
    // One list controlled both the prompt at login and the channels that could be linked.
    enforce_teams: ["enabledteams"],
    chats_enabled: ["syncnotifications"],
    chats_max_file_size_mb: ["maxsizeforcompletedownload"],
    channels_enabled: ["synclinkedchannels"],
    channels_enabled_teams: ["enabledteams"],
    channels_sync_guests: ["syncguestusers"],
  },
  "com.mattermost.mscalendar": {
    m365_tenant_id: ["oauth2authority"],
    m365_client_id: ["oauth2clientid"],
    m365_client_secret: ["oauth2clientsecret"],
    calendar_admin_user_ids: ["adminuserids"],
    calendar_admin_log_level: ["adminloglevel"],
    calendar_admin_log_verbose: ["adminlogverbose"],
  },
} as const satisfies Record<string, Sources>;

export type EarlierPlugin = keyof typeof sources;
export const earlierPlugins = Object.keys(sources) as [EarlierPlugin, ...EarlierPlugin[]];

/**
 * These plugins have a registration besides that of the Teams app. When our settings contain a secret, their
 * registration is not migrated, because their client ID would not match our secret.
 */
const ownRegistration: readonly EarlierPlugin[] = [
  "com.mattermost.msteams-sync",
  "com.mattermost.mscalendar",
];

export interface ImportRow {
  readonly key: string;
  /** The value that would be migrated; of a secret only the fact that it is set. */
  readonly value: string;
  readonly current: string;
  readonly differs: boolean;
}

export interface ImportPreview {
  readonly plugin: EarlierPlugin;
  readonly rows: readonly ImportRow[];
}

const SECRET = "m365_client_secret";
const REGISTRATION = ["m365_tenant_id", "m365_client_id", SECRET];
const UNDO_KEY = "import/before";
const undoShape = lazy(() =>
  z.object({ plugin: z.enum(earlierPlugins), before: z.record(z.string(), z.unknown()) }),
);

export interface ImportPorts {
  readonly settings: SettingsStore;
  /** `PluginSettings.Plugins` of the server, with secrets in clear text. */
  readonly allPluginSettings: () => Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>>;
  readonly store: {
    get(key: string): Promise<Uint8Array | null>;
    set(key: string, value: Uint8Array): Promise<unknown>;
    delete(key: string): Promise<unknown>;
  };
}

export function createImport(ports: ImportPorts) {
  async function found(
    ours: Readonly<Record<string, unknown>>,
  ): Promise<{ plugin: EarlierPlugin; values: Record<string, unknown> }[]> {
    const all = await ports.allPluginSettings();
    return earlierPlugins.flatMap((plugin) => {
      const values = translate(sources[plugin], all[plugin] ?? {});
      if (ours[SECRET] && ownRegistration.includes(plugin)) {
        for (const key of REGISTRATION) delete values[key];
      }
      return Object.keys(values).length > 0 ? [{ plugin, values }] : [];
    });
  }

  return {
    async preview(): Promise<{ found: ImportPreview[]; canUndo: boolean }> {
      const ours = await ports.settings.load();
      const previews = (await found(ours)).map(({ plugin, values }) => ({
        plugin,
        rows: Object.entries(values).map(([key, value]) => ({
          key,
          value: shown(key, value),
          current: shown(key, ours[key] ?? ""),
          differs: String(value) !== String(ours[key] ?? ""),
        })),
      }));
      return { found: previews, canUndo: (await ports.store.get(UNDO_KEY)) !== null };
    },

    /** Migrates the settings. Returns the keys that were changed. */
    async run(plugin: EarlierPlugin): Promise<string[]> {
      const ours = await ports.settings.load();
      const source = (await found(ours)).find((one) => one.plugin === plugin);
      if (!source) return [];
      const taken = Object.fromEntries(
        // A secret of ours is not replaced: an undo would need another copy of it.
        Object.entries(source.values).filter(
          ([key, value]) => String(ours[key] ?? "") !== String(value) && !(key === SECRET && ours[key]),
        ),
      );
      // A second press takes nothing, and must not replace the undo of the first.
      if (Object.keys(taken).length === 0) return [];
      const before = Object.fromEntries(
        Object.keys(taken).map((key) => [key, key === SECRET ? "" : (ours[key] ?? null)]),
      );
      await ports.settings.save({ ...ours, ...taken });
      await ports.store.set(UNDO_KEY, new TextEncoder().encode(JSON.stringify({ plugin, before })));
      return Object.keys(taken);
    },

    /** Restores our settings. Returns `false` when there is nothing to undo. */
    async undo(): Promise<boolean> {
      const bytes = await ports.store.get(UNDO_KEY);
      if (!bytes) return false;
      const { before } = undoShape().parse(JSON.parse(new TextDecoder().decode(bytes)));
      const settings = await ports.settings.load();
      for (const [key, value] of Object.entries(before)) {
        if (value === null) delete settings[key];
        else settings[key] = value;
      }
      await ports.settings.save(settings);
      await ports.store.delete(UNDO_KEY);
      return true;
    },
  };
}

function translate(names: Sources, theirs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const lower = new Map(Object.entries(theirs).map(([key, value]) => [key.toLowerCase(), value]));
  const values: Record<string, unknown> = {};
  for (const [key, candidates] of Object.entries(names)) {
    const name = candidates.find((one) => String(lower.get(one) ?? "").trim() !== "");
    if (name === undefined) continue;
    const value = lower.get(name);
    values[key] = typeof value === "string" ? value.trim() : value;
  }
  // The same app id needs a higher version, or Teams ignores the upload.
  if (typeof values.app_version === "string") values.app_version = raised(values.app_version);
  // The schema allows 30 characters, which the earlier plugin did not check.
  if (typeof values.app_name === "string") values.app_name = [...values.app_name].slice(0, 30).join("");
  // There the value limits what is read at once, and 0 or less reads every file in parts. Here 0 copies no file.
  if (!(Number(values.chats_max_file_size_mb) > 0)) delete values.chats_max_file_size_mb;
  return values;
}

function raised(version: string): string {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  return match ? `${match[1]}.${match[2]}.${Number(match[3]) + 1}` : "1.0.0";
}

const shown = (key: string, value: unknown): string =>
  key === SECRET ? (value ? "•••" : "") : value === undefined || value === null ? "" : String(value);

/** One line of the earlier plugin's records: `user:{mattermost id}` → this. */
const earlierLink = lazy(() =>
  z.object({
    MattermostUserID: z.string().regex(/^[a-z0-9]{26}$/),
    TeamsObjectID: z.guid(),
  }),
);

/** Parses the file: JSON records, one per line, or an array of them. Unreadable lines are counted and skipped. */
export function readEarlierLinks(text: string): { links: LinkCandidate[]; unreadable: number } {
  const trimmed = text.trim();
  const records: unknown[] = trimmed.startsWith("[") ? arrayOf(trimmed) : trimmed.split("\n").map(jsonOf);
  const links = new Map<string, LinkCandidate>();
  let unreadable = 0;
  for (const record of records) {
    const parsed = earlierLink().safeParse(record);
    if (!parsed.success) unreadable++;
    else {
      const userId = parsed.data.MattermostUserID;
      links.set(userId, { userId, objectId: parsed.data.TeamsObjectID.toLowerCase() });
    }
  }
  return { links: [...links.values()], unreadable: trimmed === "" ? 0 : unreadable };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function arrayOf(text: string): unknown[] {
  const value = jsonOf(text);
  return Array.isArray(value) ? value : [null];
}
