/**
 * What a stored value that cannot be read means, setting by setting. A setting that restricts something falls to its
 * strict side, or to nobody, and never to the laxer default: an admin who typed something wanted a restriction.
 */

export type Unreadable<T> =
  /** The setting restricts nothing, or nothing works without it. */
  | "default"
  | {
      readonly value: T;
      /** The rest of a sentence for the admin: "Until it is repaired, …". */
      readonly means: string;
    };

/** A list of domains to which no address belongs; an empty list allows every domain. */
export const NOBODY: readonly string[] = Object.freeze(["(nobody)"]);

const strictly = <T>(value: T, means: string) => ({ value, means });

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
  extra_frame_ancestors: strictly("", "only Microsoft's own pages may show the tab"),
  disable_user_activity_notifications: strictly(true, "no activity is sent"),
  notification_content: strictly("nothing" as const, "activities say nothing about the post"),
  notification_expiry_minutes: "default",
  notification_opt_in: strictly(true, "members get activities only if they switched them on themselves"),
  notification_only_when_away: strictly(true, "members who are online get no activities"),
  outgoing_proxy: "default",
  additional_client_ids: strictly<readonly string[]>([], "only Microsoft's own hosts may ask for tokens"),
  email_source: strictly("directory_only" as const, "a first sign-in needs the directory"),
  unverified_emails: strictly("never" as const, "accounts with an unconfirmed address are not linked"),
  allowed_email_domains: strictly(NOBODY, "the domains that could be read are allowed, and no others"),
  allow_guests: strictly(false, "guests are refused"),
  system_admin_sign_in: strictly("never" as const, "system admins are refused"),
  mfa_accounts: strictly("never" as const, "accounts with a second factor in Mattermost are refused"),
  provision_accounts: strictly(false, "no accounts are made"),
  provision_username: "default",
  provision_teams: strictly<readonly string[]>([], "new accounts join no team"),
  provision_channels: strictly<readonly string[]>([], "new accounts join no further channel"),
  session_hours: strictly(1, "sessions end after one hour"),
} as const;
