/** The part of the server's configuration that plugins read or change, with the server's defaults. */

export type Settings = { [key: string]: unknown };
/** Section → setting → value, named as in model.Config. */
export type ServerConfig = { [section: string]: Settings } & {
  ServiceSettings: Settings;
  TeamSettings: Settings;
  EmailSettings: Settings;
  PluginSettings: Settings & { Plugins: { [pluginId: string]: { [key: string]: unknown } } };
};

/** What GetConfig shows instead of a secret (model.FakeSetting). */
export const FAKE_SETTING = "********************************";

export function defaultConfig(siteUrl: string): ServerConfig {
  return {
    ServiceSettings: {
      SiteURL: siteUrl,
      ListenAddress: ":8065",
      FrameAncestors: "",
      SessionLengthWebInHours: 720,
      SessionLengthSSOInHours: 720,
      SessionLengthMobileInHours: 720,
      SessionIdleTimeoutInMinutes: 43200,
      ExtendSessionLengthWithActivity: true,
      AllowCookiesForSubdomains: false,
      EnableMultifactorAuthentication: false,
      EnforceMultifactorAuthentication: false,
      EnableUserAccessTokens: false,
      EnableDeveloper: false,
      StrictCSRFEnforcement: true,
      ThreadAutoFollow: true,
      CollapsedThreads: "always_on",
      PostPriority: true,
      EnableCustomGroups: true,
      EnableBotAccountCreation: true,
      EnableUserStatuses: true,
    },
    TeamSettings: {
      SiteName: "Mattermost",
      MaxNotificationsPerChannel: 1000,
      EnableConfirmNotificationsToChannel: true,
      TeammateNameDisplay: "username",
      EnableUserCreation: true,
      EnableOpenServer: false,
      RestrictCreationToDomains: "",
      EnableCustomUserStatuses: true,
    },
    EmailSettings: {
      PushNotificationContents: "full",
      EmailNotificationContentsType: "full",
      SendPushNotifications: true,
      RequireEmailVerification: false,
      EnableSignInWithEmail: true,
      EnableSignUpWithEmail: true,
    },
    PrivacySettings: { ShowEmailAddress: true, ShowFullName: true },
    GuestAccountsSettings: { Enable: false },
    LocalizationSettings: { DefaultServerLocale: "en", DefaultClientLocale: "en", AvailableLocales: "" },
    FileSettings: { MaxFileSize: 100 * 1024 * 1024 },
    SqlSettings: { DataSource: "postgres://mmuser:secret@localhost/mattermost" },
    Office365Settings: { Enable: false, DirectoryId: "" },
    SamlSettings: { Enable: false },
    LdapSettings: { Enable: false },
    OpenIdSettings: { Enable: false },
    ClusterSettings: { Enable: false },
    MetricsSettings: { Enable: false },
    ExperimentalSettings: { EnableSharedChannels: false },
    PluginSettings: {
      Enable: true,
      EnableUploads: true,
      EnableHealthCheck: true,
      PluginStates: {},
      Plugins: {},
    },
  };
}

const secrets: readonly (readonly [string, string])[] = [["SqlSettings", "DataSource"]];

/** Config.Sanitize of the server: a copy with stars for secrets. */
export function sanitized(config: ServerConfig): ServerConfig {
  const copy = structuredClone(config);
  for (const [section, key] of secrets) {
    const settings = copy[section];
    if (settings?.[key]) settings[key] = FAKE_SETTING;
  }
  return copy;
}

/** `Section.Key` paths held by an environment variable: a save does not change them. */
export function withLocked(
  next: ServerConfig,
  current: ServerConfig,
  locked: Iterable<string>,
): ServerConfig {
  const result = structuredClone(next);
  for (const path of locked) {
    const [section = "", key = "", ...inner] = path.split(".");
    if (section === "PluginSettings" && key === "Plugins" && inner.length === 0) {
      // MM_PLUGINSETTINGS_PLUGINS is one JSON value with the settings of every plugin.
      result.PluginSettings.Plugins = structuredClone(current.PluginSettings.Plugins);
    } else if (section === "PluginSettings" && key === "Plugins") {
      const [id = "", setting = ""] = [inner.slice(0, -1).join("."), inner.at(-1) ?? ""];
      const was = current.PluginSettings.Plugins[id]?.[setting];
      const plugin = result.PluginSettings.Plugins;
      plugin[id] = { ...plugin[id], [setting]: was };
    } else {
      result[section] = { ...result[section], [key]: current[section]?.[key] };
    }
  }
  return result;
}
