/**
 * Writes records of what admins did to the server's audit log. Records hold ids and counts only: no secret, token or
 * message text.
 */

export type AdminEvent =
  | "app_package_downloaded"
  | "app_published"
  | "icon_changed"
  | "registration_set_up"
  | "registration_undone"
  | "links_imported"
  | "link_removed"
  | "settings_imported"
  | "settings_import_undone"
  | "subscriptions_retried"
  | "system_tested"
  | "checks_run";

export interface AdminAction {
  readonly event: AdminEvent;
  readonly userId: string;
  readonly success: boolean;
  readonly meta: Readonly<Record<string, string | number | boolean>>;
}

export type Audit = (action: AdminAction) => void;
