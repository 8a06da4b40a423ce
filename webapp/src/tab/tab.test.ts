import { describe, expect, test } from "bun:test";
import { follow } from "./follow.ts";
import { readTheme, tokenRefusal } from "./host.ts";
import { matchesSource, mayHost } from "./host-origins.ts";
import type { PageConfig } from "./page-config.ts";
import { isCode, newProof } from "./popup.ts";
import { connectServer, cookie, localPath, Refusal } from "./server.ts";
import { subPageId } from "./sub-page.ts";
import { assetsOf } from "./warm.ts";
import { direction, type Language, languageOf, languages, wordsIn } from "./words.ts";

const id = "a1b2c3d4e5f6g7h8i9j0k1l2m3";
const config: PageConfig = {
  siteUrl: "https://chat.example.com/mm",
  subpath: "/mm",
  pluginPath: "/mm/plugins/mission-collaboration",
  hosts: [],
  tenantHash: "",
  configured: true,
};

describe("sub-page ids", () => {
  for (const kind of ["post", "channel", "team", "thread", "user", "run", "call"]) {
    test(`${kind}_…`, () => expect(subPageId(`${kind}_${id}`)).toBe(`${kind}_${id}`));
  }
  for (const bad of [
    "",
    "post",
    `page_${id}`,
    `post_${id}x`,
    `post_${id.toUpperCase()}`,
    `x post_${id}`,
    `post_${id}\n`,
    7,
    null,
  ]) {
    test(`not ${JSON.stringify(bad)}`, () => expect(subPageId(bad)).toBeNull());
  }
});

describe("the origins that the page accepts as its host", () => {
  const cases: [origin: string, source: string, may: boolean][] = [
    ["https://teams.microsoft.com", "https://teams.microsoft.com", true],
    ["https://teams.cloud.microsoft", "https://*.cloud.microsoft", true],
    ["https://outlook.m365.cloud.microsoft", "https://*.cloud.microsoft", true],
    ["http://localhost:8066", "http://localhost:8066", true],
    ["https://cloud.microsoft", "https://*.cloud.microsoft", false],
    ["https://evilcloud.microsoft", "https://*.cloud.microsoft", false],
    ["https://teams.microsoft.com.evil.example", "https://teams.microsoft.com", false],
    ["http://teams.microsoft.com", "https://teams.microsoft.com", false],
    ["https://teams.microsoft.com:8443", "https://teams.microsoft.com", false],
    ["http://localhost:8067", "http://localhost:8066", false],
    ["https://anything.example", "*", false],
    ["https://anything.example", "https:", false],
  ];
  for (const [origin, source, may] of cases) {
    test(`${origin} by ${source}: ${may}`, () => expect(matchesSource(new URL(origin), source)).toBe(may));
  }
  test("none is accepted when no host is configured", () => {
    expect(mayHost(new URL("https://teams.microsoft.com"), [])).toBe(false);
  });
});

describe("places in Mattermost", () => {
  const good: [string, string, string][] = [
    ["/team/channels/a?x=1#y", "", "/team/channels/a?x=1#y"],
    ["/mm/team", "/mm", "/mm/team"],
    ["/mm/a/../b", "/mm", "/mm/b"],
  ];
  for (const [location, subpath, is] of good)
    test(location, () => expect(localPath(location, subpath)).toBe(is));
  const bad: [unknown, string][] = [
    ["https://evil.example/", ""],
    ["//evil.example/", ""],
    ["/\\evil.example", ""],
    ["javascript:alert(1)", ""],
    ["", ""],
    ["team", ""],
    [7, ""],
    ["/other", "/mm"],
    ["/mmx", "/mm"],
    ["/mm/../other", "/mm"],
  ];
  for (const [location, subpath] of bad) {
    test(`not ${location} under "${subpath}"`, () => expect(localPath(location, subpath)).toBeNull());
  }
});

describe("the server's routes", () => {
  const answering = (response: () => Response | Promise<Response>) => {
    const asked: { url: string; init: RequestInit | undefined }[] = [];
    const fetch = (async (url: string, init?: RequestInit) => {
      asked.push({ url, init });
      return response();
    }) as unknown as typeof globalThis.fetch;
    return { asked, server: connectServer(config, fetch, () => "MMUSERID=u; MMCSRF=c%3D1") };
  };
  const kindOf = async (response: () => Response | Promise<Response>) => {
    const failed = await answering(response)
      .server.signIn("t", null)
      .catch((error: unknown) => error);
    return failed instanceof Refusal ? failed.kind : failed;
  };

  test("the token is sent in the body, with our header and the CSRF token", async () => {
    const { asked, server } = answering(() => Response.json({ location: "/mm/team" }));
    expect(await server.signIn("secret", `post_${id}`)).toMatchObject({
      location: "/mm/team",
      linkUnavailable: false,
    });
    expect(asked[0]?.url).toBe("/mm/plugins/mission-collaboration/api/v1/session");
    expect(JSON.parse(String(asked[0]?.init?.body))).toEqual({ token: "secret", subPageId: `post_${id}` });
    expect(asked[0]?.init?.headers).toEqual({
      "Content-Type": "application/json",
      "X-Requested-With": "XMLHttpRequest",
      "X-CSRF-Token": "c=1",
    });
  });
  test("a link that ended at the front page led nowhere; opening without a link is not a failure", async () => {
    const { server } = answering(() => Response.json({ location: "/mm/" }));
    expect((await server.signIn("t", `post_${id}`)).linkUnavailable).toBe(true);
    expect((await server.signIn("t", null)).linkUnavailable).toBe(false);
  });
  test("an answer that is not the plugin's becomes a refusal", async () => {
    expect(await kindOf(() => new Response("<html>", { status: 404 }))).toBe("plugin_disabled");
    expect(await kindOf(() => new Response("<html>", { status: 502 }))).toBe("server_upgrading");
    expect(await kindOf(() => new Response("<html>", { status: 200 }))).toBe("unknown");
    expect(await kindOf(() => Promise.reject(new TypeError("network")))).toBe("server_unreachable");
    expect(await kindOf(() => Response.json({ location: "https://evil.example" }))).toBe("unknown");
    expect(await kindOf(() => Response.json({ code: "made_up" }, { status: 403 }))).toBe("unknown");
  });
  test("an unavailable place is null", async () => {
    expect(await answering(() => Response.json({}, { status: 404 })).server.resolve(`post_${id}`)).toBeNull();
    expect(await answering(() => Response.json({ location: "/mm/x" })).server.resolve(`post_${id}`)).toBe(
      "/mm/x",
    );
  });
  test("a link cannot be followed without a session: that is not the same as an unavailable place", async () => {
    const event = (answer: () => Response) => follow(answering(answer).server, `post_${id}`);
    const subPageId = `post_${id}`;
    expect(await event(() => Response.json({ code: "not_signed_in" }, { status: 401 }))).toEqual({
      is: "link_needs_session",
      subPageId,
    });
    expect(await event(() => Response.json({ code: "not_found" }, { status: 404 }))).toEqual({
      is: "link_unavailable",
      subPageId,
    });
    expect(await event(() => Response.json({ location: "/mm/x" }))).toEqual({
      is: "link_resolved",
      subPageId,
      location: "/mm/x",
    });
  });
  test("only 401 means signed out", async () => {
    const ask = (status: number) => answering(() => new Response(null, { status })).server.signedIn();
    expect([await ask(200), await ask(401), await ask(500)]).toEqual([true, false, null]);
  });
});

describe("the texts of the host", () => {
  const cases = {
    resourceRequiresConsent: "needs_person",
    resourceRequiresMfa: "needs_person",
    CancelledByUser: "needs_person",
    tokenRevoked: "needs_person",
    resourceDisabled: "setup",
    invalid_resource: "setup",
    renewalTimeout: "unknown",
    "Get Auth token failed": "unknown",
  } as const;
  for (const [words, kind] of Object.entries(cases))
    test(`"${words}" means ${kind}`, () => expect(tokenRefusal(words)).toBe(kind));
  test("the themes of the host become light, dark or contrast", () => {
    expect(["default", "dark", "contrast", "glass", "new"].map(readTheme)).toEqual([
      "light",
      "dark",
      "contrast",
      "dark",
      "light",
    ]);
  });
});

describe("the hand-over of a code", () => {
  test("every proof is new, and the challenge is the hash of the verifier", async () => {
    const [one, two] = [await newProof(), await newProof()];
    expect(one.verifier).not.toBe(two.verifier);
    expect(new Bun.CryptoHasher("sha256").update(one.verifier).digest("base64url")).toBe(one.challenge);
    expect(isCode(one.challenge)).toBe(true);
  });
  test("a malformed code is not accepted", () => {
    for (const bad of ["", "short", "x".repeat(101), "a b".repeat(10), null, 7])
      expect(isCode(bad)).toBe(false);
  });
});

describe("helpers", () => {
  test("a cookie is found by its whole name", () => {
    expect(cookie("a=1; MMCSRF=x%3D; b", "MMCSRF")).toBe("x=");
    expect(cookie("XMMCSRF=1", "MMCSRF")).toBeNull();
  });
  test("preloads Mattermost's own hashed files, and no others", () => {
    const html = `<link href="/mm/static/main.1.css"><script src="/mm/static/main.2.js"></script>
      <script src="https://cdn.example/x.js"></script><img src="/mm/static/logo.png"><script src="/mm/static/../api/x.js">`;
    expect(assetsOf(html, "/mm")).toEqual(["/mm/static/main.1.css", "/mm/static/main.2.js"]);
  });
});

describe("texts", () => {
  const english = Object.entries(wordsIn("en"));
  for (const language of Object.keys(languages) as Language[]) {
    test(`${language}: every text exists, with its placeholders`, () => {
      const words = wordsIn(language) as unknown as Record<string, string | string[]>;
      expect(Object.keys(words).sort()).toEqual(english.map(([key]) => key).sort());
      for (const [key, text] of english) {
        expect(Array.isArray(words[key])).toBe(Array.isArray(text));
        expect(String(words[key]).match(/\{\w+\}/g)).toEqual(String(text).match(/\{\w+\}/g));
        expect(String(words[key]).trim()).not.toBe("");
      }
    });
  }
  test("a language of the host becomes one of ours, else English", () => {
    expect(["de-CH", "pt-BR", "AR", "", "ja_JP", "__proto__", "toString"].map(languageOf)).toEqual([
      "de",
      "en",
      "ar",
      "en",
      "ja",
      "en",
      "en",
    ]);
    expect([direction("ar"), direction("de")]).toEqual(["rtl", "ltr"]);
  });
});
