/**
 * Serves the page of the tab, `GET /tab`, of its pop-up, `GET /tab/popup`, of the windows that Mattermost opens from
 * the tab, `GET /tab/window`, and of the settings of a pinned channel, `GET /tab/configure`. A page is prepared once
 * per configuration, theme and language; a request costs a look-up and no call of the plugin API. The scripts are in
 * the bundle's `public/`, which the server itself serves.
 *
 * Nothing on the page is secret or personal: anybody may fetch it without signing in.
 */

import type { Config } from "../../microsoft/config/index.ts";
import { Routes } from "../../platform/http/index.ts";
import { primaryLanguage } from "../../platform/i18n/index.ts";

/** `public/tab/assets.json`, written by the web build. */
export interface PageParts {
  readonly script: { readonly file: string; readonly integrity: string };
  readonly style: string;
  readonly words: Readonly<Record<string, FirstWords>>;
  readonly rightToLeft: readonly string[];
}

/** The content of the page before its script runs. */
interface FirstWords {
  readonly signing_in: string;
  readonly not_configured: readonly [title: string, text: string];
  /** Shown when the script does not load, for example while the server restarts. */
  readonly late: readonly [title: string, retry: string];
}

/** Parsed by hand and not with zod: every start reads it, and the first schema would cost 3 ms. */
export function readPageParts(json: unknown): PageParts {
  const { script, style, words, rightToLeft } = json as Record<string, unknown>;
  const { file, integrity } = script as Record<string, unknown>;
  const wordsOf = (language: unknown) => {
    const { signing_in, not_configured, late } = language as Record<string, unknown>;
    return isText(signing_in) && isPair(not_configured) && isPair(late);
  };
  const asBuilt =
    isText(file) &&
    /^[\w.-]+\.js$/.test(file) &&
    isText(integrity) &&
    integrity.startsWith("sha384-") &&
    isText(style) &&
    Object.values(words as object).every(wordsOf) &&
    Array.isArray(rightToLeft) &&
    rightToLeft.every(isText);
  if (!asBuilt) throw new Error("assets.json is not what the web build writes");
  return json as PageParts;
}

const isText = (value: unknown): value is string => typeof value === "string";
const isPair = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every(isText);

/** The parts of the configuration that a page contains. */
export type ShownConfig = Pick<Config, "cloud" | "registration" | "siteUrl">;

export interface PagePorts {
  readonly pluginId: string;
  readonly config: { readonly current: ShownConfig; onChange(listener: () => void): () => void };
  /** Read on activation. */
  readonly parts: () => PageParts;
}

type PageName = "tab" | "popup" | "window" | "configure";
/** Pages that Microsoft 365 shows in a frame. */
const framed: ReadonlySet<PageName> = new Set<PageName>(["tab", "configure"]);
const themes = ["light", "dark", "contrast"] as const;
type Theme = (typeof themes)[number];

interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function pageRoutes({ pluginId, config, parts: partsOfPage }: PagePorts): Routes {
  const prepared = new Map<string, Page>();
  config.onChange(() => prepared.clear());

  const page = (name: PageName, request: Request): Response => {
    const query = new URL(request.url).searchParams;
    const parts = partsOfPage();
    const theme = themeOf(query.get("theme"));
    const language = languageFor(query.get("locale"), request.headers.get("Accept-Language"), parts);
    const key = `${name} ${theme ?? "-"} ${language}`;
    let found = prepared.get(key);
    if (!found) {
      found = preparePage({ name, theme, language }, config.current, pluginId, parts);
      prepared.set(key, found);
    }
    const known = request.headers.get("If-None-Match")?.includes(found.headers.ETag ?? " ");
    return known
      ? new Response(null, { status: 304, headers: found.headers })
      : new Response(found.html, {
          headers: { ...found.headers, "Content-Type": "text/html; charset=utf-8" },
        });
  };

  return new Routes()
    .get("/tab", "public", ({ req }) => page("tab", req.raw))
    .get("/tab/popup", "public", ({ req }) => page("popup", req.raw))
    .get("/tab/window", "public", ({ req }) => page("window", req.raw))
    .get("/tab/configure", "public", ({ req }) => page("configure", req.raw));
}

interface Shown {
  readonly name: PageName;
  /** Null: the theme is not known yet. */
  readonly theme: Theme | null;
  readonly language: string;
}

function preparePage(
  { name, theme, language }: Shown,
  config: ShownConfig,
  pluginId: string,
  parts: PageParts,
): Page {
  const { siteUrl } = config;
  const words = parts.words[language];
  if (!words) throw new Error(`the page has no words in ${language}`);
  const direction = parts.rightToLeft.includes(language) ? "rtl" : "ltr";
  const pluginPath = `${siteUrl?.subpath ?? ""}/plugins/${pluginId}`;
  const publicPath = `${pluginPath}/public/tab/`;

  const attributes = [`lang="${language}"`, `dir="${direction}"`, `data-page="${name}"`];
  if (theme) attributes.push(`data-theme="${theme}"`);
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    "<title>Mattermost</title>",
    `<style>${parts.style}</style>`,
  ];
  const [title, text] = words.not_configured;
  let body = `<div class="card words"><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></div>`;
  // Without a site URL, even the address of the script is unknown.
  if (siteUrl) {
    const settings = {
      siteUrl: siteUrl.url,
      subpath: siteUrl.subpath,
      pluginPath,
      hosts: config.cloud.frameAncestors,
      tenantHash: config.registration ? sha256(config.registration.tenantId.toLowerCase(), "base64url") : "",
      configured: config.registration !== null,
    };
    head.push(
      // Text, not code: the browser never runs a block of this type, and `<` cannot end it.
      `<script type="application/json" id="tab-config">${JSON.stringify(settings).replaceAll("<", "\\u003c")}</script>`,
      `<script defer src="${publicPath}${parts.script.file}" integrity="${parts.script.integrity}"></script>`,
    );
    body =
      '<div class="card" role="status"><div class="turning" aria-hidden="true"></div>' +
      `<p>${escapeHtml(words.signing_in)}</p>` +
      // The script covers all of it. The link has the page's own address, so that it reloads the page.
      `<div class="late"><p>${escapeHtml(words.late[0])}</p>` +
      `<p><a class="way first" href="">${escapeHtml(words.late[1])}</a></p></div></div>`;
  }
  const html =
    `<!doctype html><html ${attributes.join(" ")}><head>${head.join("")}</head>` +
    `<body><div id="root"><main class="page">${body}</main></div></body></html>`;

  return {
    html,
    headers: {
      "Content-Security-Policy": contentSecurityPolicy(
        name,
        siteUrl && siteUrl.origin + publicPath,
        config,
        parts,
      ),
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      // Pop-up and window send messages to the page that opened them, and that page is inside the host's frame.
      "Cross-Origin-Opener-Policy": framed.has(name) ? "same-origin-allow-popups" : "unsafe-none",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Permissions-Policy": "geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()",
      "Cache-Control": "no-cache",
      Vary: "Accept-Language",
      ETag: `"${sha256(html, "base64url").slice(0, 22)}"`,
    },
  };
}

function contentSecurityPolicy(
  name: PageName,
  scripts: string | null,
  config: ShownConfig,
  parts: PageParts,
): string {
  const ancestors = framed.has(name) ? config.cloud.frameAncestors.join(" ") : "'none'";
  return [
    "default-src 'none'",
    `script-src ${scripts ?? "'none'"}`,
    `style-src 'sha256-${sha256(parts.style, "base64")}'`,
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/** Hosts may fill in `{theme}` and `{locale}` in the address; an unfilled placeholder is ignored. */
function themeOf(name: string | null): Theme | null {
  if (name === "default") return "light";
  if (name === "glass") return "dark";
  return themes.find((theme) => theme === name) ?? null;
}

function languageFor(locale: string | null, accepted: string | null, parts: PageParts): string {
  for (const wish of [locale ?? "", ...(accepted ?? "").slice(0, 200).split(",")]) {
    const primary = primaryLanguage(wish);
    if (Object.hasOwn(parts.words, primary)) return primary;
  }
  return "en";
}

/** Loaded with the first page. It is not Bun's own hasher, because the browser specs run this file under Node. */
const sha256 = (text: string, encoding: "base64" | "base64url") =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(text).digest(encoding);

const escapeHtml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
