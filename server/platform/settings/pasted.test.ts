// Tests pasted text: invisible characters, quotes, braces, non-breaking spaces. Every text setting accepts them.
import { describe, expect, test } from "bun:test";
import { buildConfig } from "../../microsoft/config/index.ts";
import { parseSettings, type Settings } from "./settings.ts";

const GUID = "11111111-2222-3333-4444-555555555555";

describe("is understood", () => {
  const cases: readonly (readonly [keyof Settings, string, unknown])[] = [
    ["m365_client_secret", "abc~DEF.123\u200b", "abc~DEF.123"],
    ["m365_client_secret", "\ufeffabc~\u2060DEF.123\u00a0", "abc~DEF.123"],
    ["m365_client_secret", "\u202aabc~DEF.123\u202c", "abc~DEF.123"],
    ["m365_client_secret", "“abc~DEF.123”", "abc~DEF.123"],
    ["m365_client_secret_2", '"abc~DEF.123"', "abc~DEF.123"],
    ["m365_tenant_id", `{${GUID}}`, GUID],
    ["m365_tenant_id", `(${GUID.toUpperCase()})`, GUID],
    ["m365_tenant_id", `\u200b ${GUID}\u200f`, GUID],
    ["m365_client_id", GUID.replaceAll("-", ""), GUID],
    ["m365_client_id", GUID.replaceAll("-", "\u2011"), GUID],
    ["m365_client_id", `urn:uuid:${GUID}`, GUID],
    ["m365_client_id", `'{ ${GUID} }'`, GUID],
    ["app_id", `„${GUID}“`, GUID],
    ["additional_client_ids", `{${GUID}}, “${GUID}”\u200b`, [GUID, GUID]],
    ["m365_federated_token_file", "“/var/run/token”\u200b", "/var/run/token"],
    ["custom_login_url", "<https://login.corp/>\u200b", "https://login.corp"],
    ["custom_graph_url", "\u00a0https://graph.corp\u00a0", "https://graph.corp"],
    ["app_privacy_url", "‘https://example.com/privacy’", "https://example.com/privacy"],
    ["app_accent_color", "#1E325C\u200b", "#1E325C"],
    ["app_version", "“1.2.3”", "1.2.3"],
    ["outgoing_proxy", '"http://proxy:3128"\u200b', "http://proxy:3128"],
    ["extra_frame_ancestors", "https://portal.example.com\u200b", "https://portal.example.com"],
    ["app_name", "\u200bMatter\u00a0most\ufeff", "Matter most"],
    ["app_full_description", "Says “hello”\u200b", "Says “hello”"],
    ["app_full_name", "👩\u200d💻", "👩\u200d💻"],
    ["provision_teams", "“team-a”; team-b\u200b", ["team-a", "team-b"]],
  ];
  for (const [key, raw, read] of cases) {
    test(`${key}: ${JSON.stringify(raw)}`, () => {
      const { settings, problems } = parseSettings({ [key]: raw });
      expect(problems).toEqual([]);
      expect(settings[key]).toEqual(read as never);
    });
  }

  test("cleans the server's Site URL, too", () => {
    expect(buildConfig({}, { siteUrl: "https://chat.example.com\u200b" }).siteUrl?.url).toBe(
      "https://chat.example.com",
    );
  });
});

describe("is still refused", () => {
  const cases: readonly (readonly [keyof Settings, string])[] = [
    ["m365_tenant_id", `{${GUID}`],
    ["m365_tenant_id", `${GUID}5`],
    ["m365_tenant_id", "\u200b"],
    ["m365_client_id", `x${GUID}`],
    ["m365_federated_token_file", "“token”"],
    ["custom_login_url", "“http://login.corp”"],
    ["additional_client_ids", `${GUID} “x”`],
  ];
  for (const [key, raw] of cases) {
    test(`${key}: ${JSON.stringify(raw)}`, () => {
      expect(parseSettings({ [key]: raw }).problems.map(({ setting }) => setting)).toEqual([key]);
    });
  }
});

describe("addresses of pages keep query and fragment", () => {
  const cases: readonly (readonly [keyof Settings, string, string])[] = [
    [
      "app_privacy_url",
      "https://go.microsoft.com/fwlink/?LinkId=521839",
      "https://go.microsoft.com/fwlink/?LinkId=521839",
    ],
    ["app_website_url", "https://example.com/p?lang=de&x=1", "https://example.com/p?lang=de&x=1"],
    ["app_terms_url", "https://example.com/legal#terms", "https://example.com/legal#terms"],
    ["app_terms_url", "https://example.com/?next=/a/", "https://example.com/?next=/a/"],
    ["app_terms_url", "https://example.com/legal/", "https://example.com/legal"],
    ["app_website_url", "https://bücher.example/über uns", "https://xn--bcher-kva.example/%C3%BCber%20uns"],
  ];
  for (const [key, raw, read] of cases) {
    test(`${key}: ${raw}`, () => {
      const { settings, problems } = parseSettings({ [key]: raw });
      expect(problems).toEqual([]);
      expect(settings[key]).toBe(read as never);
    });
  }

  for (const [key, raw] of [
    ["app_privacy_url", "http://example.com/?a=1"],
    ["app_privacy_url", "https://user:word@example.com/?a=1"],
    ["app_website_url", "example.com/?a=1"],
    ["app_terms_url", "javascript:alert(1)"],
    ["custom_login_url", "https://login.corp/?x=1"],
    ["custom_graph_url", "https://graph.corp/#x"],
    ["custom_teams_url", "https://teams.corp/?x=1"],
  ] as const) {
    test(`refuses ${key}: ${raw}`, () => {
      expect(parseSettings({ [key]: raw }).problems.map(({ setting }) => setting)).toEqual([key]);
    });
  }
});

describe("the proxy", () => {
  for (const [raw, code] of [
    ["socks5://proxy:1080", "proxy_socks"],
    ["SOCKS4A://proxy:1080", "proxy_socks"],
    ["http://proxy/proxy.pac", "proxy_pac"],
    ["http://pro'xy:3128", "proxy_quotes"],
    ["ftp://proxy:21", "proxy"],
    ["proxy", "proxy"],
    ["http://", "proxy"],
  ] as const) {
    test(`is refused with the reason: ${raw}`, () => {
      const { problems, settings } = parseSettings({ outgoing_proxy: raw });
      expect(problems).toMatchObject([{ setting: "outgoing_proxy", code }]);
      expect(settings.outgoing_proxy).toBe("");
    });
  }
  test("without a scheme it is http, as in Go", () => {
    expect(parseSettings({ outgoing_proxy: "proxy.corp:3128" }).settings.outgoing_proxy).toBe(
      "http://proxy.corp:3128",
    );
  });
});

describe("suspicious values work, with a warning", () => {
  const OTHER = "66666666-7777-4888-9999-aaaaaaaaaaaa";
  const warned = (settings: object) =>
    buildConfig(settings, { siteUrl: "https://chat.example.com" }).warnings.map(({ setting }) => setting);
  const cases: [name: string, settings: object, setting: string][] = [
    ["client ID = tenant ID", { m365_tenant_id: GUID, m365_client_id: `{${GUID}}` }, "m365_client_id"],
    ["a GUID as the secret", { m365_client_secret: OTHER }, "m365_client_secret"],
    ["a GUID in braces as the second secret", { m365_client_secret_2: `{${OTHER}}` }, "m365_client_secret_2"],
    ["a thumbprint as the secret", { m365_client_secret: "AB".repeat(20) }, "m365_client_secret"],
    ["a secret with a blank inside", { m365_client_secret: "abc def" }, "m365_client_secret"],
    ["the shortened secret of the portal", { m365_client_secret: "abc******..." }, "m365_client_secret"],
    [
      "the same secret twice",
      { m365_client_secret: "a~b", m365_client_secret_2: "a~b" },
      "m365_client_secret_2",
    ],
    [
      "the tenant of personal accounts",
      { m365_tenant_id: "9188040d-6c67-4c5b-b112-36a304b66dad" },
      "m365_tenant_id",
    ],
    ["Graph's own app ID", { m365_client_id: "00000003-0000-0000-c000-000000000000" }, "m365_client_id"],
    ["Teams' own app ID", { m365_client_id: "1fec8e78-bce4-4aaf-ab1b-5451cc387264" }, "m365_client_id"],
    ["app ID = tenant ID", { m365_tenant_id: GUID, app_id: GUID }, "app_id"],
  ];
  for (const [name, settings, setting] of cases)
    test(name, () => expect(warned(settings)).toEqual([setting]));

  test("good values have no warning, including an app ID equal to the client ID", () => {
    const good = {
      m365_tenant_id: GUID,
      m365_client_id: OTHER,
      app_id: OTHER,
      m365_client_secret: "a~B.c8Q",
    };
    expect(warned(good)).toEqual([]);
    expect(warned({})).toEqual([]);
  });
});
