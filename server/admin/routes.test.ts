import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { mountRoutes } from "../platform/http/testing/mount-routes.ts";
import { type Problem, problemWith } from "../platform/settings/index.ts";
import { createWording } from "./checks/report.ts";
import { type AdminPorts, adminRoutes } from "./index.ts";

const ADMIN = "a".repeat(26);
/** App ID of the package that was downloaded last. */
const HANDED_OUT = "33333333-3333-4333-8333-333333333333";
const zipBytes = new Uint8Array([0x50, 0x4b, 3, 4]);

/** Ports that the requests of this file never reach; setup.test.ts and others test the real ones. */
const untouched = <T>(): T => ({}) as T;

function server() {
  const icons: [string, Uint8Array][] = [];
  const audited: string[] = [];
  let problems: { setting: string; says: string }[] = [];
  const routes = adminRoutes({
    teamsApp: {
      issue: async () =>
        problems.length > 0 ? { problems } : { version: "1.0.0", fileName: "app-1.0.0.zip", bytes: zipBytes },
      icon: async () => ({ bytes: zipBytes, custom: false }),
      setIcon: async (name, file) => {
        icons.push([name, file]);
        return file.byteLength > 18 ? [problemWith(`icon_${name}`, "png_unknown")] : [];
      },
      resetIcon: async () => {},
    },
    draft: {
      serverFacts: async () => ({ siteUrl: "https://chat.example.com/mm" }),
      savedSettings: async () => ({ m365_client_certificate: "no certificate" }),
      previewPackage: async () => ({ version: "1.0.0", problems: [], lastAppId: HANDED_OUT }),
    },
    checks: {
      ...untouched<AdminPorts["checks"]>(),
      checks: {
        latest: async () => null,
        run: async () => ({ at: "", rows: [] }),
        wording: createWording([]),
      } as never,
    },
    microsoft: untouched(),
    changes: untouched(),
    systems: untouched(),
    imports: {
      ...untouched<AdminPorts["imports"]>(),
      earlier: { preview: async () => ({ found: [], canUndo: false }) } as never,
    },
    audit: (action) => void audited.push(action.event),
  });
  const app = mountRoutes(routes, { isSystemAdmin: async (userId) => userId === ADMIN });
  const ask = (userId: string | null, path: string, init?: RequestInit) =>
    app.fetch(new Request(`https://chat.example.com${path}`, init), { userId, RequestId: "req1" });
  return { ask, icons, audited, fail: (list: typeof problems) => (problems = list) };
}

describe("only system admins have access", () => {
  const routes: [method: string, path: string][] = [
    ["GET", "/api/v1/app-package"],
    ["POST", "/api/v1/admin/draft"],
    ["GET", "/api/v1/checks"],
    ["POST", "/api/v1/checks"],
    ["GET", "/api/v1/admin/import"],
    ["GET", "/api/v1/admin/icons/color"],
    ["PUT", "/api/v1/admin/icons/color"],
    ["DELETE", "/api/v1/admin/icons/color"],
  ];
  const closed = [
    "/api/v1/checks/report",
    "/api/v1/admin/frame-ancestors",
    "/api/v1/admin/setup/guide",
    "/api/v1/admin/microsoft/x",
    "/api/v1/admin/no-such-thing",
  ];
  for (const path of closed) {
    test(`${path} is refused to members before anything is read`, async () => {
      const { ask } = server();
      expect((await ask(null, path)).status).toBe(401);
      expect((await ask("b".repeat(26), path)).status).toBe(403);
    });
  }
  for (const [method, path] of routes) {
    test(`${method} ${path}`, async () => {
      const { ask, icons } = server();
      const headers = { "Content-Type": "application/json" };
      const init =
        method === "GET" || method === "DELETE" ? { method } : { method, headers, body: '{"settings":{}}' };
      const nobody = await ask(null, path, init);
      expect(nobody.status).toBe(401);
      expect(await nobody.json()).toMatchObject({ code: "not_signed_in", requestId: "req1" });
      const member = await ask("b".repeat(26), path, init);
      expect(member.status).toBe(403);
      expect(await member.json()).toMatchObject({ code: "not_allowed" });
      expect(icons).toEqual([]);
      const admin = await ask(ADMIN, path, init);
      expect(admin.status).toBe(200);
      expect(admin.headers.get("Cache-Control")).toBe("no-store");
    });
  }
});

describe("the package", () => {
  test("can be downloaded", async () => {
    const response = await server().ask(ADMIN, "/api/v1/app-package");
    expect(response.headers.get("Content-Type")).toBe("application/zip");
    expect(response.headers.get("Content-Disposition")).toBe('attachment; filename="app-1.0.0.zip"');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(zipBytes);
  });

  test("cannot be downloaded while settings are missing; the response lists them", async () => {
    const { ask, fail } = server();
    fail([{ setting: "app_id", says: "is missing" }]);
    const response = await ask(ADMIN, "/api/v1/app-package");
    expect(response.status).toBe(422);
    expect(await response.json()).toEqual({
      code: "app_package_incomplete",
      message: expect.any(String),
      requestId: "req1",
      problems: [{ setting: "app_id", says: "is missing" }],
    });
  });
});

describe("a draft of settings", () => {
  const draft = async (body: string, type = "application/json") =>
    server().ask(ADMIN, "/api/v1/admin/draft", { method: "POST", headers: { "Content-Type": type }, body });

  test("is judged by the server's own rules, saved or not", async () => {
    const settings = { m365_tenant_id: "x", m365_client_id: "22222222-2222-4222-8222-222222222222" };
    const answer = await (await draft(JSON.stringify({ settings }))).json();
    expect(answer).toMatchObject({ siteUrl: "https://chat.example.com/mm", package: { version: "1.0.0" } });
    expect(answer).toHaveProperty(
      "problems",
      expect.arrayContaining([
        expect.objectContaining({ setting: "m365_tenant_id", says: expect.stringContaining("GUID") }),
      ]),
    );
  });

  test("takes asterisks as the stored secret", async () => {
    const answer = await (
      await draft('{"settings":{"m365_client_certificate":"****","m365_client_secret":"***"}}')
    ).json();
    const says = (answer as { problems: { setting: string }[] }).problems.map(({ setting }) => setting);
    expect(says).toContain("m365_client_certificate");
    expect(says).toContain("m365_client_secret");
    expect(JSON.stringify(answer)).not.toContain('no certificate"');
  });

  const warned = async (settings: object, language = "en") => {
    const answer = await server().ask(ADMIN, "/api/v1/admin/draft", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      body: JSON.stringify({ settings }),
    });
    return ((await answer.json()) as { warnings: Problem[] }).warnings;
  };

  test("warns about an app ID that differs from the last downloaded package", async () => {
    expect(await warned({ app_id: "44444444-4444-4444-8444-444444444444" })).toMatchObject([
      { setting: "app_id", code: "app_id_changed", values: { before: HANDED_OUT } },
    ]);
    expect(await warned({ app_id: HANDED_OUT })).toEqual([]);
    expect(await warned({ app_id: `{${HANDED_OUT.toUpperCase()}}` })).toEqual([]);
    expect(await warned({})).toEqual([]);
  });

  test("warns about a changed, unsaved cloud, in the admin's language", async () => {
    expect(await warned({ national_cloud: "gcchigh" })).toMatchObject([
      { setting: "national_cloud", code: "cloud_unsaved", values: { saved: "commercial" } },
    ]);
    const [german] = await warned({ national_cloud: "gcchigh" }, "de");
    expect(german?.says).toStartWith("ist noch nicht gespeichert");
    expect(await warned({ national_cloud: "commercial" })).toEqual([]);
  });

  test("lists the certificates it understood, without keys", async () => {
    const settings = { custom_ca_certificates: rootCertificates[0], m365_client_certificate: "****" };
    const answer = await (await draft(JSON.stringify({ settings }))).json();
    expect(answer).toMatchObject({
      certificates: {
        custom_ca_certificates: [
          {
            subject: new X509Certificate(rootCertificates[0] ?? "").subject.replaceAll("\n", ", "),
            expires: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
          },
        ],
        m365_client_certificate: [],
      },
    });
  });

  for (const [name, body, type] of [
    ["no JSON", "{", "application/json"],
    ["another shape", '{"settings":[]}', "application/json"],
    ["a form", '{"settings":{}}', "text/plain"],
  ] as const) {
    test(`refuses ${name}`, async () => expect((await draft(body, type)).status).toBe(400));
  }
});

describe("icons", () => {
  test("an unknown icon is not found", async () => {
    expect((await server().ask(ADMIN, "/api/v1/admin/icons/..%2Fissued")).status).toBe(404);
  });

  test("a refused icon names the field", async () => {
    const response = await server().ask(ADMIN, "/api/v1/admin/icons/outline", {
      method: "PUT",
      body: "x".repeat(20),
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      problems: [{ setting: "icon_outline", says: "is not a PNG file" }],
    });
  });

  test("a refused icon is explained in the admin's language", async () => {
    const response = await server().ask(ADMIN, "/api/v1/admin/icons/outline", {
      method: "PUT",
      headers: { "Accept-Language": "de" },
      body: "x".repeat(20),
    });
    expect(await response.json()).toMatchObject({ problems: [{ says: "ist keine PNG-Datei" }] });
  });

  test("more than two megabytes are refused before the check", async () => {
    const { ask, icons } = server();
    const body = new Uint8Array(2 * 1024 * 1024 + 1);
    const response = await ask(ADMIN, "/api/v1/admin/icons/color", { method: "PUT", body });
    expect(response.status).toBe(413);
    expect(icons).toEqual([]);
  });
});
