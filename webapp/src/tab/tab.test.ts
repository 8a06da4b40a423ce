import { describe, expect, test } from "bun:test";
import { createDownloads, type Download, nameOf } from "./downloads.ts";
import { readTheme, tokenRefusal } from "./host.ts";
import { matchesSource, mayHost } from "./host-origins.ts";
import { linkOf } from "./links.ts";
import type { PageConfig } from "./page-config.ts";
import { isCode, newProof } from "./popup.ts";
import { connectServer, cookie, localPath, Refusal } from "./server.ts";
import { subPageId } from "./sub-page.ts";
import { answerTheme, contrast, isDark, themeDiffers, themes } from "./theme.ts";
import { assetsOf } from "./warm.ts";
import { reopenWebSocket, type SocketPage } from "./web-socket.ts";
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

describe("who may be the host", () => {
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
  test("nobody, when no host is configured", () => {
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
  test("a link answered with the front page led nowhere; opening without a link is not a failure", async () => {
    const { server } = answering(() => Response.json({ location: "/mm/" }));
    expect((await server.signIn("t", `post_${id}`)).linkUnavailable).toBe(true);
    expect((await server.signIn("t", null)).linkUnavailable).toBe(false);
  });
  test("answers of others in our place", async () => {
    expect(await kindOf(() => new Response("<html>", { status: 404 }))).toBe("plugin_disabled");
    expect(await kindOf(() => new Response("<html>", { status: 502 }))).toBe("server_upgrading");
    expect(await kindOf(() => new Response("<html>", { status: 200 }))).toBe("unknown");
    expect(await kindOf(() => Promise.reject(new TypeError("network")))).toBe("server_unreachable");
    expect(await kindOf(() => Response.json({ location: "https://evil.example" }))).toBe("unknown");
    expect(await kindOf(() => Response.json({ code: "made_up" }, { status: 403 }))).toBe("unknown");
  });
  test("an unavailable place is null, whatever the reason", async () => {
    expect(await answering(() => Response.json({}, { status: 404 })).server.resolve(`post_${id}`)).toBeNull();
    expect(await answering(() => Response.json({ location: "/mm/x" })).server.resolve(`post_${id}`)).toBe(
      "/mm/x",
    );
  });
  test("only 401 means signed out", async () => {
    const ask = (status: number) => answering(() => new Response(null, { status })).server.signedIn();
    expect([await ask(200), await ask(401), await ask(500)]).toEqual([true, false, null]);
  });
});

describe("the host's texts about a token", () => {
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
    test(words, () => expect(tokenRefusal(words)).toBe(kind));
  test("themes", () => {
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
  test("refuses a malformed code", () => {
    for (const bad of ["", "short", "x".repeat(101), "a b".repeat(10), null, 7])
      expect(isCode(bad)).toBe(false);
  });
});

describe("the theme", () => {
  const door = (preferences: object[], sent: unknown[] = []) => ({
    subpath: "",
    cookies: () => "MMUSERID=u1; MMCSRF=c",
    fetch: (async (_url: string, init?: RequestInit) => {
      if (init?.body) sent.push(JSON.parse(String(init.body)));
      return Response.json(preferences);
    }) as unknown as typeof globalThis.fetch,
  });
  const dark = { category: "theme", name: "", value: JSON.stringify({ centerChannelBg: "#191b1f" }) };
  const asked = { category: "mission_collaboration", name: "theme_asked", value: "true" };
  test("is offered when it differs, not when it matches or was offered before", async () => {
    expect(await themeDiffers(door([]), "dark")).toBe(true);
    expect(await themeDiffers(door([dark]), "light")).toBe(true);
    expect(await themeDiffers(door([]), "light")).toBe(false);
    expect(await themeDiffers(door([dark]), "dark")).toBe(false);
    expect(await themeDiffers(door([asked]), "dark")).toBe(false);
  });
  test("high contrast is offered over Mattermost's own themes, not over one that has it", async () => {
    const black = { ...dark, value: JSON.stringify(themes.contrast) };
    expect(await themeDiffers(door([]), "contrast")).toBe(true);
    expect(await themeDiffers(door([dark]), "contrast")).toBe(true);
    expect(await themeDiffers(door([black]), "contrast")).toBe(false);
    expect(await themeDiffers(door([asked]), "contrast")).toBe(false);
  });
  test("the high-contrast theme has 7:1 for every text (WCAG 1.4.6)", () => {
    const it = themes.contrast;
    const pairs: [string, string][] = [
      [it.sidebarText, it.sidebarBg],
      [it.sidebarUnreadText, it.sidebarBg],
      [it.sidebarText, it.sidebarTextHoverBg],
      [it.sidebarTextActiveColor, it.sidebarBg],
      [it.sidebarHeaderTextColor, it.sidebarHeaderBg],
      [it.mentionColor, it.mentionBg],
      [it.centerChannelColor, it.centerChannelBg],
      [it.linkColor, it.centerChannelBg],
      [it.buttonColor, it.buttonBg],
      [it.errorTextColor, it.centerChannelBg],
      [it.mentionHighlightLink, it.mentionHighlightBg],
      [it.centerChannelColor, it.mentionHighlightBg],
    ];
    for (const [text, ground] of pairs) expect(contrast(text, ground)).toBeGreaterThanOrEqual(7);
    expect(Object.keys(it)).toEqual(Object.keys(themes.light));
    expect(contrast("#000000", "#ffffff")).toBe(21);
    expect(contrast("#fff", "red")).toBe(1);
  });
  test("the answer is stored with the account; no keeps the theme", async () => {
    const yes: unknown[] = [];
    await answerTheme(door([], yes), "dark");
    expect(yes).toMatchObject([[{ name: "theme_asked" }, { category: "theme", name: "" }]]);
    const no: unknown[] = [];
    await answerTheme(door([], no), null);
    expect(no).toEqual([[{ user_id: "u1", ...asked }]]);
  });
  describe("after a yes", () => {
    const answered = async (host: "light" | "dark") => {
      const sent: { category: string; name: string; value: string }[][] = [];
      await answerTheme(door([], sent), host);
      return sent[0] ?? [];
    };
    test("a change back in the host is offered again", async () => {
      expect(await themeDiffers(door(await answered("dark")), "light")).toBe(true);
      expect(await themeDiffers(door(await answered("light")), "dark")).toBe(true);
    });
    test("nothing changed: no offer", async () => {
      expect(await themeDiffers(door(await answered("dark")), "dark")).toBe(false);
    });
    test("another theme chosen in Mattermost is the person's own wish: no offer", async () => {
      const yes = await answered("dark");
      const own = { category: "theme", name: "", value: JSON.stringify({ centerChannelBg: "#ffffff" }) };
      expect(await themeDiffers(door([...yes.slice(0, 1), own]), "dark")).toBe(false);
    });
    test("a change back and forth that already matches Mattermost: no offer", async () => {
      const yes = await answered("dark");
      expect(await themeDiffers(door(yes.slice(0, 1)), "light")).toBe(false);
    });
  });
  test("dark or light by luminance", () => {
    expect(["#000000", "#191b1f", "#ffffff", "#ffd470", "red", ""].map(isDark)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("helpers", () => {
  test("cookies", () => {
    expect(cookie("a=1; MMCSRF=x%3D; b", "MMCSRF")).toBe("x=");
    expect(cookie("XMMCSRF=1", "MMCSRF")).toBeNull();
  });
  test("preloads Mattermost's own hashed files, and no others", () => {
    const html = `<link href="/mm/static/main.1.css"><script src="/mm/static/main.2.js"></script>
      <script src="https://cdn.example/x.js"></script><img src="/mm/static/logo.png"><script src="/mm/static/../api/x.js">`;
    expect(assetsOf(html, "/mm")).toEqual(["/mm/static/main.1.css", "/mm/static/main.2.js"]);
  });
});

describe("words", () => {
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
  test("languages of the host", () => {
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

describe("reopening a web socket", () => {
  function page(listens: boolean) {
    const sent: string[] = [];
    class Socket {
      readonly url: string;
      open = true;
      constructor(url: string) {
        this.url = url;
      }
      send(message: string) {
        sent.push(`${new URL(this.url).pathname} ${message}`);
      }
      close() {
        this.open = false;
      }
    }
    const socket = new Socket("wss://chat.example.com/mm/api/v4/websocket?connection_id=a");
    const other = new Socket("wss://chat.example.com/mm/plugins/calls/ws");
    const heard: string[] = [];
    const inner = {
      WebSocket: Socket,
      Event,
      dispatchEvent({ type }: Event) {
        heard.push(type);
        if (listens && type === "offline") socket.send("ping");
        return true;
      },
    } as unknown as SocketPage;
    return { inner, socket, other, sent, heard, original: Socket.prototype.send };
  }
  const send = (inner: SocketPage) => inner.WebSocket.prototype.send as unknown;

  test("at once when the web app listens to network events; its message is still sent", () => {
    const { inner, socket, sent, heard, original } = page(true);
    reopenWebSocket(inner, "/mm");
    expect([socket.open, ...heard]).toEqual([false, "offline", "online"]);
    expect(sent).toEqual(["/mm/api/v4/websocket ping"]);
    expect(send(inner)).toBe(original);
  });
  test("else with its next message", () => {
    const { inner, socket, original } = page(false);
    reopenWebSocket(inner, "/mm");
    expect(socket.open).toBe(true);
    socket.send("ping");
    expect(socket.open).toBe(false);
    expect(send(inner)).toBe(original);
  });
  test("the next one stays open", () => {
    const { inner, socket } = page(true);
    reopenWebSocket(inner, "/mm");
    socket.open = true;
    socket.send("ping");
    expect(socket.open).toBe(true);
  });
  test("called twice before it sent anything: closed once", () => {
    const { inner, socket, original } = page(false);
    reopenWebSocket(inner, "/mm");
    reopenWebSocket(inner, "/mm");
    socket.send("ping");
    expect(socket.open).toBe(false);
    expect(send(inner)).toBe(original);
  });
  test("never another one: neither of a plugin nor of another sub-path", () => {
    const { inner, socket, other } = page(false);
    reopenWebSocket(inner, "/mm");
    other.send("hello");
    expect(other.open).toBe(true);
    const elsewhere = page(false);
    reopenWebSocket(elsewhere.inner, "");
    elsewhere.socket.send("ping");
    expect(elsewhere.socket.open).toBe(true);
    expect(socket.open).toBe(true);
  });
});

describe("links that leave the frame", () => {
  const base = "https://chat.example.com/mm/team/channels/x";
  const file = "f".repeat(26);
  const of = (href: string, download: string | null = null) => linkOf(href, base, "/mm", download);

  test("files: by attribute, by query, by the API's path", () => {
    expect(of(`/mm/api/v4/files/${file}`)).toEqual({
      leads: "to a file",
      file: { path: `/mm/api/v4/files/${file}`, fileId: file, name: file },
    });
    expect(of(`/mm/api/v4/files/${file}?download=1`, "a.txt")).toMatchObject({
      file: { path: `/mm/api/v4/files/${file}?download=1`, fileId: file, name: "a.txt" },
    });
    expect(of("/mm/plugins/playbooks/export?download=1")).toMatchObject({
      file: { fileId: null, name: "export" },
    });
    expect(of("/mm/api/v4/system/support_packet")).toMatchObject({ file: { name: "support_packet" } });
    expect(of("/mm/static/%E0%A4%A.txt", "")).toMatchObject({ file: { name: "%E0%A4%A.txt" } });
    // Only the file itself, not its thumbnail.
    expect(of(`/mm/api/v4/files/${file}/thumbnail`)).toMatchObject({ file: { fileId: null } });
  });

  test("pages of this server", () => {
    expect(of("/mm/team/pl/abc#x")).toEqual({ leads: "to a page", path: "/mm/team/pl/abc#x" });
    expect(of("../messages/@ana")).toEqual({ leads: "to a page", path: "/mm/team/messages/@ana" });
  });

  test("the browser handles everything else: other sites, other paths, files made in the page", () => {
    for (const href of [
      "https://evil.example/api/v4/files/x?download=1",
      "//evil.example/mm/x",
      "https://chat.example.com.evil.example/mm/x",
      "https://chat.example.com:8443/mm/x",
      "https://chat.example.com/other/x",
      "https://chat.example.com/mmx",
      "blob:https://chat.example.com/0f1e",
      "data:text/plain,x",
      "javascript:alert(1)",
      "mailto:ana@example.com",
      "mattermost://chat.example.com/mm/x",
      "http://[",
      // A public link carries its own authorisation.
      `/mm/files/${file}/public?h=abc`,
    ])
      expect(of(href, "x")).toBeNull();
  });
});

describe("downloads", () => {
  const names: [string | null, string | null][] = [
    ['attachment; filename="a b.txt"', "a b.txt"],
    ["attachment;filename=\"x.txt\"; filename*=UTF-8''Gezeiten%20%26%20Pegel.txt", "Gezeiten & Pegel.txt"],
    ["attachment; filename*=UTF-8''%E0%A4%A; filename=plain.txt", "plain.txt"],
    ['attachment; filename="with \\"quotes\\".txt"', 'with "quotes".txt'],
    ["inline", null],
    ["attachment; filename=", null],
    [null, null],
  ];
  for (const [header, name] of names) test(`name of ${header}`, () => expect(nameOf(header)).toBe(name));

  const file = { path: "/api/v4/files/x", fileId: "x".repeat(26), name: "x.txt" };
  function world(answer: (url: string) => Response | Promise<Response>) {
    const asked: string[] = [];
    const pressed: [string, string][] = [];
    let seen: readonly Download[] = [];
    const downloads = createDownloads({
      pluginPath: "/plugins/p",
      cookies: () => "MMCSRF=abc",
      largeBytes: 10,
      fetch: (async (url: string, init?: RequestInit) => {
        asked.push(`${init?.method ?? "GET"} ${url}`);
        init?.signal?.throwIfAborted();
        return answer(url);
      }) as typeof fetch,
      changed: (all) => {
        seen = all;
      },
      press: (href, name) => void pressed.push([href, name]),
      later: () => {},
    });
    return { asked, pressed, downloads, state: () => seen.map(({ state, problem }) => [state, problem]) };
  }

  test("small: fetched and saved; large: by a ticket, also when the size is unknown", async () => {
    const small = world(() => new Response("12345"));
    await small.downloads.save(file);
    expect(small.pressed).toEqual([[expect.stringMatching(/^blob:/), "x.txt"]]);
    for (const headers of [{ "Content-Length": "11" }, {}] as Record<string, string>[]) {
      const large = world((url) =>
        url.endsWith("/ticket") ? Response.json({ ticket: "t1" }) : new Response("12345678901", { headers }),
      );
      await large.downloads.save(file);
      expect(large.pressed).toEqual([["/plugins/p/files/t1", "x.txt"]]);
      expect(large.asked).toEqual(["GET /api/v4/files/x", "POST /plugins/p/api/v1/files/ticket"]);
      expect(large.state()).toEqual([["with_browser", null]]);
    }
  });

  test("large, but not a file of a post: no ticket is requested", async () => {
    const { downloads, pressed, asked } = world(() => new Response("12345678901"));
    await downloads.save({ ...file, fileId: null });
    expect([pressed.length, asked.length]).toEqual([1, 1]);
  });

  const refusals: [number, string][] = [
    [401, "signed_out"],
    [403, "gone"],
    [404, "gone"],
    [500, "server"],
    [502, "server"],
  ];
  for (const [status, problem] of refusals) {
    test(`${status}: ${problem}, and nothing is saved`, async () => {
      const { downloads, pressed, state } = world(() => new Response("<h1>no</h1>", { status }));
      await downloads.save(file);
      expect([pressed, state()]).toEqual([[], [["failed", problem]]]);
    });
  }

  test("no network; fewer bytes than announced", async () => {
    const away = world(() => Promise.reject(new TypeError("failed to fetch")));
    await away.downloads.save(file);
    const short = world(() => new Response("123", { headers: { "Content-Length": "9" } }));
    await short.downloads.save(file);
    for (const { pressed, state } of [away, short])
      expect([pressed, state()]).toEqual([[], [["failed", "network"]]]);
  });

  test("a malformed ticket is not followed", async () => {
    for (const ticket of ["../../api/v4/users/me", "//evil.example/x", 7, undefined]) {
      const { downloads, pressed, state } = world((url) =>
        url.endsWith("/ticket") ? Response.json({ ticket }) : new Response("12345678901"),
      );
      await downloads.save(file);
      expect([pressed, state()]).toEqual([[], [["failed", "server"]]]);
    }
  });

  test("cancelled: nothing is saved, and the line disappears", async () => {
    const { downloads, pressed, state } = world(async () => {
      downloads.remove(1);
      return new Response("12345");
    });
    const run = downloads.save(file);
    await run;
    expect([pressed, state()]).toEqual([[], []]);
  });
});
