import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { buildConfig, type Config } from "../../microsoft/config/index.ts";
import { mountRoutes } from "../../platform/http/testing/mount-routes.ts";
import { type PageParts, pageRoutes, readPageParts } from "./page.ts";

const parts: PageParts = {
  script: { file: "tab.0123456789abcdef.js", integrity: "sha384-abc" },
  style: ".card{color:red}",
  words: {
    en: {
      signing_in: "Signing you in…",
      not_configured: ["Almost there", "The admin has to finish."],
      late: ["Not there", "Again"],
    },
    de: {
      signing_in: "Sie werden angemeldet …",
      not_configured: ["Fast fertig", "Es fehlt noch etwas."],
      late: ["Nicht da", "Noch einmal"],
    },
    ar: { signing_in: "جارٍ", not_configured: ["أوشكنا", "يجب"], late: ["لا", "أعد"] },
  },
  rightToLeft: ["ar"],
};
const registered = {
  m365_tenant_id: "11111111-1111-4111-8111-111111111111",
  m365_client_id: "22222222-2222-4222-8222-222222222222",
};

function world(settings: object = registered, siteUrl = "https://chat.example.com/mm") {
  const listeners = new Set<(next: Config, previous: Config) => void>();
  const source = {
    current: buildConfig(settings, { siteUrl }),
    onChange(listener: (next: Config, previous: Config) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const routes = mountRoutes(
    pageRoutes({ pluginId: "mission-collaboration", config: source, parts: () => parts }),
  );
  return {
    get: async (path = "/tab", headers: Record<string, string> = {}) => {
      const response = await routes.request(`http://plugin${path}`, { headers });
      return {
        response,
        html: await response.text(),
        header: (name: string) => response.headers.get(name) ?? "",
      };
    },
    configure(next: object) {
      const previous = source.current;
      source.current = buildConfig(next, { siteUrl });
      for (const listener of listeners) listener(source.current, previous);
    },
  };
}

/** Parses a policy to `name → sources`. */
const policyOf = (header: string) =>
  new Map(header.split("; ").map((part) => [part.split(" ")[0] ?? "", part.split(" ").slice(1)] as const));

describe("the page", () => {
  test("has one script, with its hash, and the public settings as text", async () => {
    const { html } = await world().get();
    expect(html).toContain(
      '<script defer src="/mm/plugins/mission-collaboration/public/tab/tab.0123456789abcdef.js" integrity="sha384-abc">',
    );
    const block = /<script type="application\/json" id="tab-config">(.*?)<\/script>/.exec(html)?.[1];
    expect(JSON.parse(block ?? "")).toMatchObject({
      siteUrl: "https://chat.example.com/mm",
      subpath: "/mm",
      configured: true,
    });
  });
  test("has a text and a link in case its script never loads", async () => {
    const { html } = await world().get("/tab?locale=de-de");
    expect(html).toContain('<p>Nicht da</p><p><a class="way first" href="">Noch einmal</a></p>');
  });
  test("contains neither tenant, client nor secret", async () => {
    const { html } = await world({ ...registered, m365_client_secret: "hush-hush" }).get();
    for (const value of [...Object.values(registered), "hush-hush"]) expect(html).not.toContain(value);
  });
  test("has no inline code: one style, one data block, one external script", async () => {
    const { html } = await world().get();
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toMatch(/\son\w+=|style=|javascript:/);
  });
  test("a setting cannot break out of the data block", async () => {
    const { html } = await world({
      ...registered,
      national_cloud: "custom",
      custom_login_url: "https://login.example",
      custom_graph_url: "https://graph.example",
      custom_teams_url: "https://teams.example/</script><script>",
    }).get();
    expect(html.match(/<\/script>/g)).toHaveLength(2);
  });
});

describe("the content security policy", () => {
  test("is strict", async () => {
    const { header } = await world().get();
    const policy = policyOf(header("Content-Security-Policy"));
    expect(policy.get("default-src")).toEqual(["'none'"]);
    expect(policy.get("script-src")).toEqual([
      "https://chat.example.com/mm/plugins/mission-collaboration/public/tab/",
    ]);
    expect(policy.get("style-src")).toEqual([
      `'sha256-${createHash("sha256").update(parts.style).digest("base64")}'`,
    ]);
    expect(policy.get("connect-src")).toEqual(["'self'"]);
    expect(policy.get("base-uri")).toEqual(["'none'"]);
    expect(policy.get("form-action")).toEqual(["'none'"]);
    expect(policy.get("require-trusted-types-for")).toEqual(["'script'"]);
    expect(policy.get("trusted-types")).toEqual(["'none'"]);
    expect(header("Content-Security-Policy")).not.toMatch(/unsafe|\*;| \* |data:|blob:/);
    expect(header("X-Content-Type-Options")).toBe("nosniff");
    expect(header("Referrer-Policy")).toBe("no-referrer");
    expect(header("X-Frame-Options")).toBe("");
  });
  const clouds = {
    commercial: "https://teams.microsoft.com",
    gcchigh: "https://gov.teams.microsoft.us",
    dod: "https://dod.teams.microsoft.us",
    china: "https://teams.microsoftonline.cn",
  };
  for (const [national_cloud, host] of Object.entries(clouds)) {
    test(`${national_cloud}: may be framed by this cloud's hosts only`, async () => {
      const { header } = await world({ ...registered, national_cloud }).get();
      const ancestors = policyOf(header("Content-Security-Policy")).get("frame-ancestors") ?? [];
      expect(ancestors).toContain(host);
      for (const other of Object.values(clouds)) if (other !== host) expect(ancestors).not.toContain(other);
    });
  }
  test("the settings page of a pinned channel may be framed by the hosts, like the tab", async () => {
    const [tab, configure] = await Promise.all([world().get(), world().get("/tab/configure")]);
    expect(configure.header("Content-Security-Policy")).toBe(tab.header("Content-Security-Policy"));
    expect(configure.header("Cross-Origin-Opener-Policy")).toBe("same-origin-allow-popups");
  });
  test("the pop-up cannot be framed, and keeps its opener", async () => {
    const { header } = await world().get("/tab/popup");
    expect(policyOf(header("Content-Security-Policy")).get("frame-ancestors")).toEqual(["'none'"]);
    expect(header("Cross-Origin-Opener-Policy")).toBe("unsafe-none");
  });
});

describe("theme and language are set before any script", () => {
  const cases: [path: string, accept: string, expected: RegExp][] = [
    ["/tab?theme=dark", "", /data-theme="dark"/],
    ["/tab?theme=default", "", /data-theme="light"/],
    ["/tab?theme=contrast", "", /data-theme="contrast"/],
    ["/tab?locale=de-de", "fr", /lang="de" dir="ltr"/],
    ["/tab?locale={app.locale}", "de-CH,en;q=0.5", /lang="de"/],
    ["/tab", "pt-BR, ar;q=0.8", /lang="ar" dir="rtl"/],
    ["/tab", "pt-BR", /lang="en"/],
    ["/tab?locale=__proto__", "constructor", /lang="en"/],
  ];
  for (const [path, accept, expected] of cases) {
    test(`${path} ${accept}`, async () => {
      expect((await world().get(path, { "Accept-Language": accept })).html).toMatch(expected);
    });
  }
  for (const theme of ["{app.theme}", "evil", '"><script>', ""]) {
    test(`theme ${theme}: follows the system`, async () => {
      const { html } = await world().get(`/tab?theme=${encodeURIComponent(theme)}`);
      expect(html).not.toContain("data-theme");
      expect(html).not.toContain('"><script>');
    });
  }
});

describe("before it is configured", () => {
  test("without a registration, the page's settings say so", async () => {
    const { html } = await world({}).get();
    expect(html).toContain('"configured":false');
  });
  test("without a site URL, it has only text and no script", async () => {
    const { html, header } = await world({}, "").get("/tab", { "Accept-Language": "de" });
    expect(html).toContain("Fast fertig");
    expect(html).not.toContain("<script");
    expect(policyOf(header("Content-Security-Policy")).get("script-src")).toEqual(["'none'"]);
  });
});

describe("caching", () => {
  test("an unchanged page is not sent twice", async () => {
    const { get } = world();
    const etag = (await get()).header("ETag");
    const again = await get("/tab", { "If-None-Match": etag });
    expect([again.response.status, again.html]).toEqual([304, ""]);
    expect(again.header("Content-Security-Policy")).toContain("frame-ancestors");
    expect((await get("/tab", { "If-None-Match": '"other"' })).response.status).toBe(200);
  });
  test("a change of the settings changes the page at once", async () => {
    const { configure, get } = world();
    const before = await get();
    configure({ ...registered, national_cloud: "gcchigh" });
    const after = await get("/tab", { "If-None-Match": before.header("ETag") });
    expect(after.response.status).toBe(200);
    expect(after.header("Content-Security-Policy")).toContain("gov.teams.microsoft.us");
  });
});

describe("assets.json", () => {
  test("is accepted as the web build writes it", () => {
    expect(readPageParts(JSON.parse(JSON.stringify(parts)))).toEqual(parts);
  });

  const broken: readonly (readonly [string, unknown])[] = [
    ["nothing", null],
    ["no object", "parts"],
    ["no script", { ...parts, script: undefined }],
    ["a script elsewhere", { ...parts, script: { ...parts.script, file: "../tab.js" } }],
    ["a script that is none", { ...parts, script: { ...parts.script, file: "tab.css" } }],
    ["a script without a hash", { ...parts, script: { file: "tab.js" } }],
    ["a weaker hash", { ...parts, script: { ...parts.script, integrity: "sha256-abc" } }],
    ["no style", { ...parts, style: 7 }],
    ["no words", { ...parts, words: null }],
    ["words that lack a sentence", { ...parts, words: { en: { ...parts.words.en, signing_in: undefined } } }],
    ["words that lack a half", { ...parts, words: { en: { ...parts.words.en, not_configured: ["b"] } } }],
    ["words that lack a way on", { ...parts, words: { en: { ...parts.words.en, late: ["a"] } } }],
    ["directions that are not a list", { ...parts, rightToLeft: "ar" }],
    ["directions of something else", { ...parts, rightToLeft: [1] }],
  ];
  for (const [name, json] of broken) {
    test(`is refused with ${name}`, () => expect(() => readPageParts(json)).toThrow());
  }
});
