import { describe, expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/config.ts";
import { NOBODY } from "./rule.ts";
import { allSettings, parseSettings, type Settings, sections } from "./settings.ts";

const GUID = "aaaaaaaa-2222-3333-4444-555555555555";

describe("reads what an admin types", () => {
  const cases: readonly (readonly [keyof Settings, unknown, unknown])[] = [
    ["m365_tenant_id", ` ${GUID.toUpperCase()} `, GUID],
    ["m365_tenant_id", "", ""],
    ["m365_client_secret", ` ${"x".repeat(1024)} `, "x".repeat(1024)],
    ["m365_federated_token_file", "/var/run/token", "/var/run/token"],
    ["national_cloud", "dod", "dod"],
    ["national_cloud", null, "commercial"],
    ["custom_login_url", " https://login.corp// ", "https://login.corp"],
    ["custom_teams_url", "http://[::1]:9000/", "http://[::1]:9000"],
    ["app_name", "😀".repeat(30), "😀".repeat(30)],
    ["app_accent_color", "#abcdef", "#abcdef"],
    ["extra_frame_ancestors", "https://*.a.b, https://c.d:8443", "https://*.a.b, https://c.d:8443"],
    ["allow_guests", "true", true],
    ["allow_guests", false, false],
    ["allow_guests", " TRUE ", true],
    ["disable_user_activity_notifications", "TRUE", true],
    ["disable_user_activity_notifications", "", false],
    ["system_admin_sign_in", "Never", "never"],
    ["unverified_emails", " NEVER", "never"],
    ["email_source", "Directory_Only", "directory_only"],
    ["mfa_accounts", "Trust_Entra ", "trust_entra"],
    ["notification_content", "Nothing", "nothing"],
    ["national_cloud", "GCCHigh", "gcchigh"],
    ["notification_expiry_minutes", "5", 5],
    ["notification_expiry_minutes", "", 120],
    ["outgoing_proxy", "http://user:word@proxy:3128", "http://user:word@proxy:3128"],
    ["additional_client_ids", `${GUID.toUpperCase()}; ${GUID}`, [GUID, GUID]],
    ["allowed_email_domains", "@Example.com, b.org\nc.net", ["example.com", "b.org", "c.net"]],
    ["allowed_email_domains", " EXAMPLE.com. ", ["example.com"]],
    ["allowed_email_domains", "*.Example.com", ["*.example.com"]],
    ["allowed_email_domains", "@*.example.com;b.org,", ["*.example.com", "b.org"]],
    ["allowed_email_domains", "  ", []],
    ["provision_teams", Array(100).fill("T").join(" "), Array(100).fill("t")],
    ["session_hours", "8760", 8760],
    ["session_hours", "", 0],
    ["chats_default_on", "false", false],
    ["chats_default_on", "", true],
    ["chats_default_on", null, true],
    ["channels_sync_guests", false, false],
    ["chats_max_file_size_mb", "", 20],
    ["chats_max_file_size_mb", "0", 0],
    ["channels_enabled_teams", " Operations, field-medics;\nhq", ["operations", "field-medics", "hq"]],
    ["channels_enabled_teams", "  ", []],
    ["enforce_teams", "Operations hq", ["operations", "hq"]],
    ["calendar_admin_user_ids", `${"a".repeat(26)}, ${"b".repeat(26)} ,`, ["a".repeat(26), "b".repeat(26)]],
    ["calendar_admin_log_level", " Warn ", "warn"],
  ];
  for (const [key, raw, read] of cases) {
    test(`${key}: ${JSON.stringify(raw).slice(0, 50)}`, () => {
      const { settings, problems } = parseSettings({ [key]: raw });
      expect(problems).toEqual([]);
      expect(settings[key]).toEqual(read as never);
    });
  }
});

describe("a refused value has a reason, and the default applies", () => {
  const cases: readonly (readonly [keyof Settings, unknown, string])[] = [
    ["m365_tenant_id", 7, "must be text"],
    ["m365_tenant_id", " ", "must be a GUID"],
    ["m365_client_secret", "x".repeat(1025), "longer than any client secret"],
    ["m365_client_certificate", "x".repeat(64 * 1024 + 1), "longer than any certificate"],
    ["m365_federated_token_file", "token", "must be an absolute path"],
    ["national_cloud", "mars", "must be one of commercial, gcchigh, dod, china, custom"],
    ["national_cloud", "", "must be one of"],
    ["custom_login_url", "https://a.b/?x", "must be an https address"],
    ["custom_login_url", "https://a.b/?", "must be an https address"],
    ["custom_graph_url", "https://a.b/#", "must be an https address"],
    ["custom_login_url", "https://u:p@a.b", "must be an https address"],
    ["custom_login_url", "http://localhost", "must be an https address"],
    ["custom_teams_url", "http://a.b", "must be an https address (http only on localhost)"],
    ["app_version", "", "must be three numbers"],
    ["app_name", "", "must have 1 to 30 characters"],
    ["app_name", "😀".repeat(31), "must have 1 to 30 characters"],
    ["app_publisher", "x".repeat(33), "must have at most 32 characters"],
    ["app_accent_color", "#12", "must be a colour"],
    ["extra_frame_ancestors", "https://a.b/path", "must be addresses"],
    ["allow_guests", 1, "must be true or false"],
    ["notification_expiry_minutes", "soon", "must be a number of minutes"],
    ["notification_expiry_minutes", 5.5, "must be whole minutes"],
    ["notification_expiry_minutes", 4, "must be at least 5"],
    ["notification_expiry_minutes", 1441, "must be at most 1440"],
    ["outgoing_proxy", "ftp://proxy", "must be an http or https address"],
    ["additional_client_ids", `${GUID},x`, "must be GUIDs"],
    ["provision_teams", Array(101).fill("t").join(), "has more than 100 entries"],
    ["provision_teams", ["t"], "must be text"],
  ];
  for (const [key, raw, says] of cases) {
    test(`${key}: ${JSON.stringify(raw).slice(0, 50)}`, () => {
      const { settings, problems } = parseSettings({ [key]: raw });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ setting: key, says: expect.stringContaining(says) });
      expect(settings[key]).toEqual(parseSettings({}).settings[key] as never);
    });
  }
});

describe("an unreadable restriction falls back to its strict value and reports it", () => {
  const cases: readonly (readonly [keyof Settings, unknown, unknown, says: string])[] = [
    ["allowed_email_domains", "example", NOBODY, "must be domains"],
    ["allowed_email_domains", "none", NOBODY, "must be domains"],
    ["allowed_email_domains", "*", NOBODY, "must be domains"],
    ["allowed_email_domains", "*.com*", NOBODY, "must be domains"],
    ["allowed_email_domains", "ana@example.com", NOBODY, "must be domains"],
    ["allowed_email_domains", ",", NOBODY, "must be domains"],
    ["allowed_email_domains", ["example.com"], NOBODY, "must be text"],
    ["allowed_email_domains", true, NOBODY, "must be text"],
    ["allowed_email_domains", Array(101).fill("a.b").join(), NOBODY, "more than 100"],
    ["allowed_email_domains", "example.com, münchen.example", ["example.com"], "must be domains"],
    ["allowed_email_domains", "https://example.com b.org", ["b.org"], "must be domains"],
    ["system_admin_sign_in", "nobody", "never", "must be one of directory, always, never"],
    ["system_admin_sign_in", false, "never", "must be one of"],
    ["unverified_emails", "no", "never", "must be one of"],
    ["email_source", "directory", "directory_only", "must be one of"],
    ["mfa_accounts", "none", "never", "must be one of"],
    ["notification_content", "none", "nothing", "must be one of"],
    ["disable_user_activity_notifications", "yes", true, "must be true or false"],
    ["notification_opt_in", 1, true, "must be true or false"],
    ["notification_only_when_away", "on", true, "must be true or false"],
    ["allow_guests", "no", false, "must be true or false"],
    ["session_hours", "8h", 1, "must be a number"],
    ["session_hours", "none", 1, "must be a number"],
    ["session_hours", [], 1, "must be a number"],
    ["session_hours", Number.POSITIVE_INFINITY, 1, "must be a number"],
    ["session_hours", 0.5, 1, "must be a whole number"],
    ["session_hours", -1, 1, "must be 0 or more"],
    ["session_hours", 8761, 1, "must be 8760 or less"],
    ["pending_invitations_limit", "some", 0, "must be a number"],
    ["enforce_connected_accounts", "often", true, "must be true or false"],
    ["allow_skip_connecting", "often", false, "must be true or false"],
    ["chats_default_on", "maybe", false, "must be true or false"],
    ["chats_reply", 1, false, "must be true or false"],
    ["chats_max_file_size_mb", "20 MB", 0, "must be a number"],
    ["chats_max_file_size_mb", -1, 0, "must be 0 or more"],
    ["channels_enabled_teams", "https://chat.example.com/ops", NOBODY, "must be names of teams"],
    ["channels_enabled_teams", "ops, R&D", ["ops"], "must be names of teams"],
    ["channels_enabled_teams", ",", NOBODY, "must be names of teams"],
    ["channels_sync_guests", "maybe", false, "must be true or false"],
    ["calendar_admin_user_ids", "@ana", [], "must be user IDs"],
    ["calendar_admin_user_ids", `@ana ${"b".repeat(26)}`, ["b".repeat(26)], "must be user IDs"],
    ["calendar_admin_log_level", "all", "none", "must be one of none, debug, info, warn, error"],
    ["calendar_admin_log_verbose", "all", false, "must be true or false"],
  ];
  for (const [key, raw, read, says] of cases) {
    test(`${key}: ${JSON.stringify(raw).slice(0, 50)}`, () => {
      const { settings, problems } = parseSettings({ [key]: raw });
      expect(problems.map(({ setting, strict }) => [setting, strict])).toEqual([[key, true]]);
      expect(problems[0]?.says).toContain(says);
      expect(problems[0]?.says).toContain("Until it is repaired, ");
      expect(settings[key]).toEqual(read as never);
    });
  }

  test("every setting declares its fallback for an unreadable value and gets it", () => {
    for (const [key, { initial, unreadable }] of Object.entries(allSettings)) {
      const { settings, problems } = parseSettings({ [key]: { no: "rule accepts an object" } });
      expect(problems.map(({ setting }) => setting)).toEqual([key]);
      const expected = unreadable === "default" ? initial : unreadable.value;
      expect(settings[key as keyof Settings] as unknown).toEqual(expected);
    }
  });

  test("a key belongs to one section", () => {
    const keys = sections.flatMap(({ settings }) => Object.keys(settings));
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
    expect(Object.keys(allSettings)).toEqual(keys);
  });

  test("message text stays on this server while the switch for it cannot be read", () => {
    const server = { siteUrl: "https://chat.example.com" };
    expect(buildConfig({}, server).notificationsEnabled).toBe(true);
    expect(buildConfig({ disable_user_activity_notifications: "perhaps" }, server).notificationsEnabled).toBe(
      false,
    );
  });
});
