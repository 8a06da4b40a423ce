import { describe, expect, test } from "bun:test";
import { Secret } from "../../platform/settings/secret.ts";
import { sections } from "../../platform/settings/settings.ts";
import { parseSiteUrl } from "../../platform/settings/site-url.ts";
import { buildConfig } from "./config.ts";
import { watchConfig } from "./watch.ts";

const TENANT = "11111111-2222-4333-8444-555555555555";
const CLIENT = "66666666-7777-4888-9999-aaaaaaaaaaaa";
const complete = {
  m365_tenant_id: TENANT,
  m365_client_id: CLIENT,
  m365_client_secret: "s3cret",
  app_id: TENANT,
};
const site = { siteUrl: "https://chat.example.com" };
const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";

describe("a complete configuration", () => {
  test("has a registration, a Teams app and no problems", () => {
    const config = buildConfig(complete, site);
    expect(config.problems).toEqual([]);
    expect(config.registration).toEqual({
      tenantId: TENANT,
      clientId: CLIENT,
      applicationIdUri: `api://chat.example.com/${CLIENT}`,
    });
    expect(config.teamsApp).toEqual({ id: TENANT, version: "1.0.0", name: "Mattermost" });
  });

  test("is read with keys in any case, as servers lower-case them", () => {
    expect(buildConfig({ M365_Tenant_ID: TENANT, m365_client_id: CLIENT }, site).registration).not.toBeNull();
  });

  test("cannot be changed", () => {
    const config = buildConfig(complete, site);
    expect(() => Object.assign(config.cloud, { loginUrl: "https://evil.example" })).toThrow();
  });

  test("the Application ID URI has neither port nor path, and is in lower case", () => {
    const config = buildConfig(
      { ...complete, m365_client_id: CLIENT.toUpperCase() },
      { siteUrl: "https://Chat.Example.com:8443/mattermost/" },
    );
    expect(config.registration?.applicationIdUri).toBe(`api://chat.example.com/${CLIENT}`);
    expect(config.siteUrl?.subpath).toBe("/mattermost");
  });
});

describe("a missing or wrong value switches sign-in off and is reported", () => {
  const cases: {
    name: string;
    settings: object;
    siteUrl?: string;
    problem: string;
    registration?: boolean;
  }[] = [
    { name: "no tenant", settings: { ...complete, m365_tenant_id: "" }, problem: "m365_tenant_id" },
    { name: "blank tenant", settings: { ...complete, m365_tenant_id: "  " }, problem: "m365_tenant_id" },
    {
      name: "tenant by domain name",
      settings: { ...complete, m365_tenant_id: "contoso.com" },
      problem: "m365_tenant_id",
    },
    {
      name: "tenant 'common'",
      settings: { ...complete, m365_tenant_id: "common" },
      problem: "m365_tenant_id",
    },
    { name: "tenant '*'", settings: { ...complete, m365_tenant_id: "*" }, problem: "m365_tenant_id" },
    { name: "no client", settings: { ...complete, m365_client_id: undefined }, problem: "m365_client_id" },
    { name: "client as a number", settings: { ...complete, m365_client_id: 7 }, problem: "m365_client_id" },
    { name: "no site URL", settings: complete, siteUrl: "", problem: "SiteURL" },
    { name: "site URL without scheme", settings: complete, siteUrl: "chat.example.com", problem: "SiteURL" },
    { name: "http site URL", settings: complete, siteUrl: "http://chat.example.com", problem: "SiteURL" },
    {
      name: "site URL with credentials",
      settings: complete,
      siteUrl: "https://u:p@chat.example.com",
      problem: "SiteURL",
    },
    { name: "unknown cloud", settings: { ...complete, national_cloud: "mars" }, problem: "national_cloud" },
    {
      name: "custom cloud without endpoints",
      settings: { ...complete, national_cloud: "custom" },
      problem: "custom_login_url",
    },
    {
      name: "custom cloud over http",
      settings: {
        ...complete,
        national_cloud: "custom",
        custom_login_url: "http://login.corp",
        custom_graph_url: "https://graph.corp",
        custom_teams_url: "https://teams.corp",
      },
      problem: "custom_login_url",
    },
    {
      name: "no secret",
      settings: { ...complete, m365_client_secret: "" },
      problem: "m365_client_secret",
      registration: true,
    },
    { name: "no app id", settings: { ...complete, app_id: "" }, problem: "app_id", registration: true },
    {
      name: "app id that is not a GUID",
      settings: { ...complete, app_id: "app" },
      problem: "app_id",
      registration: true,
    },
    {
      name: "two-part version",
      settings: { ...complete, app_version: "1.0" },
      problem: "app_version",
      registration: true,
    },
    {
      name: "version with leading zero",
      settings: { ...complete, app_version: "01.0.0" },
      problem: "app_version",
      registration: true,
    },
    {
      name: "name of 31 characters",
      settings: { ...complete, app_name: "x".repeat(31) },
      problem: "app_name",
      registration: true,
    },
    {
      name: "CA that is not PEM",
      settings: { ...complete, custom_ca_certificates: "MIIB" },
      problem: "custom_ca_certificates",
      registration: true,
    },
    {
      name: "a private key among the CAs",
      settings: {
        ...complete,
        custom_ca_certificates: `${certificate}\n-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----`,
      },
      problem: "custom_ca_certificates",
      registration: true,
    },
    {
      name: "proxy that is not an address",
      settings: { ...complete, outgoing_proxy: "proxy" },
      problem: "outgoing_proxy",
      registration: true,
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      const config = buildConfig(c.settings, { siteUrl: c.siteUrl ?? site.siteUrl });
      expect(config.problems.map((problem) => problem.setting)).toContain(c.problem);
      expect(config.registration !== null).toBe(c.registration ?? false);
    });
  }

  test("settings that are not an object at all", () => {
    for (const raw of [null, undefined, "x", 7, []]) expect(buildConfig(raw, site).registration).toBeNull();
  });
});

describe("clouds", () => {
  test("a custom cloud replaces every endpoint", () => {
    const { cloud, registration } = buildConfig(
      {
        ...complete,
        national_cloud: "custom",
        custom_login_url: "https://login.corp/",
        custom_graph_url: "https://graph.corp",
        custom_teams_url: "http://127.0.0.1:9000",
      },
      site,
    );
    expect(registration).not.toBeNull();
    expect(cloud.loginUrl).toBe("https://login.corp");
    expect(cloud.graphUrl).toBe("https://graph.corp");
    expect(cloud.frameAncestors).toEqual(["http://127.0.0.1:9000"]);
  });

  test("http on localhost is treated as secure, for the sandbox and for evaluation", () => {
    expect(parseSiteUrl("http://localhost:8065")?.secure).toBe(true);
    expect(parseSiteUrl("http://localhost.example.com")?.secure).toBe(false);
  });
});

describe("a secret", () => {
  test("prints as [redacted] in every usual way", () => {
    const secret = new Secret("hunter2");
    expect(
      [String(secret), `${secret}`, JSON.stringify({ secret }), Bun.inspect({ secret })].join(),
    ).not.toContain("hunter2");
    expect(secret.reveal()).toBe("hunter2");
  });

  test("every setting marked secret is redacted, and no other", () => {
    const raw: Record<string, unknown> = {
      ...{ m365_client_secret: "one~s3cret", m365_client_secret_2: "two~s3cret" },
      ...{ m365_client_certificate: "s3cret pem", outgoing_proxy: "http://user:s3cret@proxy:3128" },
      ...{
        encryption_key: `${"A".repeat(43)}=`,
        encryption_key_previous: Buffer.alloc(32, 7).toString("base64"),
      },
      app_name: "Ops",
    };
    const config = buildConfig(raw, site);
    for (const section of sections) {
      for (const [key, { secret }] of Object.entries(section.settings)) {
        const shown = (config.section(section) as Record<string, unknown>)[key];
        expect([key, shown === "[redacted]"]).toEqual([key, secret === true]);
        expect([key, config.settings[key as keyof typeof config.settings]]).toEqual([key, shown as never]);
      }
    }
    expect(config.outgoingProxy?.reveal()).toBe("http://user:s3cret@proxy:3128");
    expect(JSON.stringify(config)).not.toContain("s3cret");
  });

  test("does not appear in a printed Config", () => {
    expect(JSON.stringify(buildConfig(complete, site))).not.toContain("s3cret");
    expect(Bun.inspect(buildConfig(complete, site), { depth: 9 })).not.toContain("s3cret");
  });
});

describe("watching the configuration", () => {
  test("a change during a read causes another read, and listeners see the last state", async () => {
    let siteUrl = "https://one.example";
    let reads = 0;
    const reading = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const config = watchConfig({
      loadSettings: async () => complete,
      loadServerFacts: async () => {
        reads += 1;
        const seen = siteUrl;
        reading.resolve();
        await answer.promise;
        return { siteUrl: seen };
      },
    });
    const seen: (string | undefined)[] = [];
    config.onChange((next) => seen.push(next.siteUrl?.url));
    const first = config.reload();
    await reading.promise;
    siteUrl = "https://two.example";
    const later = [config.reload(), config.reload()];
    answer.resolve();
    await Promise.all([first, ...later]);
    expect(reads).toBe(2);
    expect(seen).toEqual(["https://one.example", "https://two.example"]);
  });

  test("a failed read keeps the last good configuration", async () => {
    let fail = false;
    const config = watchConfig({
      loadSettings: async () => {
        if (fail) throw new Error("connection lost");
        return complete;
      },
      loadServerFacts: async () => site,
    });
    await config.reload();
    fail = true;
    await expect(config.reload()).rejects.toThrow("connection lost");
    expect(config.current.registration).not.toBeNull();
  });
});
