import { describe, expect, test } from "bun:test";
import { parseSettings, type Settings } from "./settings.ts";

const GUID = "aaaaaaaa-2222-3333-4444-555555555555";

describe("what an admin types is read as", () => {
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
    ["notification_expiry_minutes", "5", 5],
    ["notification_expiry_minutes", "", 120],
    ["outgoing_proxy", "http://user:word@proxy:3128", "http://user:word@proxy:3128"],
    ["additional_client_ids", `${GUID.toUpperCase()}; ${GUID}`, [GUID, GUID]],
    ["allowed_email_domains", "@Example.com, b.org\nc.net", ["example.com", "b.org", "c.net"]],
    ["provision_teams", Array(100).fill("T").join(" "), Array(100).fill("t")],
    ["session_hours", "8760", 8760],
    ["session_hours", "", 0],
  ];
  for (const [key, raw, read] of cases) {
    test(`${key}: ${JSON.stringify(raw).slice(0, 50)}`, () => {
      const { settings, problems } = parseSettings({ [key]: raw });
      expect(problems).toEqual([]);
      expect(settings[key]).toEqual(read as never);
    });
  }
});

describe("what is refused says why, and the default counts", () => {
  const cases: readonly (readonly [keyof Settings, unknown, string])[] = [
    ["m365_tenant_id", 7, "must be text"],
    ["m365_tenant_id", " ", "must be a GUID"],
    ["m365_client_secret", "x".repeat(1025), "longer than any client secret"],
    ["m365_client_certificate", "x".repeat(64 * 1024 + 1), "longer than any certificate"],
    ["m365_federated_token_file", "token", "must be an absolute path"],
    ["national_cloud", "mars", "must be one of commercial, gcchigh, dod, china, custom"],
    ["national_cloud", "", "must be one of"],
    ["custom_login_url", "https://a.b/?x", "must be an https address"],
    ["custom_login_url", "https://u:p@a.b", "must be an https address"],
    ["custom_login_url", "http://localhost", "must be an https address"],
    ["custom_teams_url", "http://a.b", "must be an https address (http only on localhost)"],
    ["app_version", "", "must be three numbers"],
    ["app_name", "", "must have 1 to 30 characters"],
    ["app_name", "😀".repeat(31), "must have 1 to 30 characters"],
    ["app_publisher", "x".repeat(33), "must have at most 32 characters"],
    ["app_accent_color", "#12", "must be a colour"],
    ["extra_frame_ancestors", "https://a.b/path", "must be addresses"],
    ["allow_guests", "TRUE", "must be true or false"],
    ["allow_guests", 1, "must be true or false"],
    ["notification_expiry_minutes", "soon", "must be a number of minutes"],
    ["notification_expiry_minutes", 5.5, "must be whole minutes"],
    ["notification_expiry_minutes", 4, "must be at least 5"],
    ["notification_expiry_minutes", 1441, "must be at most 1440"],
    ["outgoing_proxy", "ftp://proxy", "must be an http or https address"],
    ["additional_client_ids", `${GUID},x`, "must be GUIDs"],
    ["allowed_email_domains", "example", "must be domains"],
    ["provision_teams", Array(101).fill("t").join(), "has more than 100 entries"],
    ["provision_teams", ["t"], "must be text"],
    ["session_hours", Number.POSITIVE_INFINITY, "must be a number"],
    ["session_hours", -1, "must be 0 or more"],
    ["session_hours", 8761, "must be 8760 or less"],
  ];
  for (const [key, raw, says] of cases) {
    test(`${key}: ${JSON.stringify(raw).slice(0, 50)}`, () => {
      const { settings, problems } = parseSettings({ [key]: raw });
      expect(problems).toEqual([{ setting: key, says: expect.stringContaining(says) }]);
      expect(settings[key]).toEqual(parseSettings({}).settings[key] as never);
    });
  }
});
