/**
 * What a stored value that cannot be read means, setting by setting. A setting that restricts something falls to its
 * strict side, or to nobody, and never to the laxer default: an admin who typed something wanted a restriction.
 */

export type Unreadable<T> =
  /** The setting restricts nothing, or nothing works without it. */
  | "default"
  | {
      /** The words for the admin are `until.<setting>` in server/platform/i18n/problems. */
      readonly value: T;
    };

/** A list of domains to which no address belongs; an empty list allows every domain. */
export const NOBODY: readonly string[] = Object.freeze(["(nobody)"]);

const strictly = <T>(value: T) => ({ value });

export const unreadable = {
  m365_tenant_id: "default",
  m365_client_id: "default",
  m365_client_secret: "default",
  m365_client_secret_2: "default",
  m365_client_certificate: "default",
  m365_federated_token_file: "default",
  national_cloud: "default",
  custom_login_url: "default",
  custom_graph_url: "default",
  custom_teams_url: "default",
  custom_ca_certificates: "default",
  notification_url: "default",
  change_delivery: "default",
  app_id: "default",
  app_version: "default",
  app_name: "default",
  app_full_name: "default",
  app_short_description: "default",
  app_full_description: "default",
  app_publisher: "default",
  app_website_url: "default",
  app_privacy_url: "default",
  app_terms_url: "default",
  app_accent_color: "default",
  app_manifest_version: "default",
  app_extra_tabs: "default",
  app_resource_specific_consent: "default",
  extra_frame_ancestors: strictly(""),
  disable_user_activity_notifications: strictly(true),
  notification_content: strictly("nothing" as const),
  notification_expiry_minutes: "default",
  notification_opt_in: strictly(true),
  notification_only_when_away: strictly(true),
  outgoing_proxy: "default",
  additional_client_ids: strictly<readonly string[]>([]),
  email_source: strictly("directory_only" as const),
  unverified_emails: strictly("never" as const),
  allowed_email_domains: strictly(NOBODY),
  allow_guests: strictly(false),
  system_admin_sign_in: strictly("never" as const),
  mfa_accounts: strictly("never" as const),
  provision_accounts: strictly(false),
  provision_username: "default",
  provision_teams: strictly<readonly string[]>([]),
  provision_channels: strictly<readonly string[]>([]),
  session_hours: strictly(1),
  encryption_key: "default",
  encryption_key_previous: "default",
  connected_accounts_limit: strictly(0),
  connected_accounts_restricted: strictly(true),
  connect_different_email: strictly(false),
  pending_invitations_limit: strictly(0),
  enforce_connected_accounts: strictly(true),
  allow_skip_connecting: strictly(false),
  // Empty: members of every team are asked, which is the strict side.
  enforce_teams: "default",
  chats_enabled: strictly(false),
  chats_default_on: strictly(false),
  chats_reply: strictly(false),
  chats_max_file_size_mb: strictly(0),
  channels_enabled: strictly(false),
  channels_enabled_teams: strictly(NOBODY),
  channels_sync_guests: strictly(false),
  calendar_enabled: strictly(false),
  calendar_admin_user_ids: strictly<readonly string[]>([]),
  calendar_admin_log_level: strictly("none" as const),
  calendar_admin_log_verbose: strictly(false),
} as const;
