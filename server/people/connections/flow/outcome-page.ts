/** The page with the result of connecting: plain HTML without script. Nothing of the query is ever on it. */

import { createHash } from "node:crypto";
import type { Language } from "../../../platform/i18n/index.ts";
import { outcomeWords } from "./outcome-words.ts";
import { type Ending, outcomes } from "./outcomes.ts";

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f8;color:#1b1d22}" +
  "main{max-width:30rem;margin:12vh auto;padding:2rem;background:#fff;border-radius:8px}" +
  "a{color:#1c58d9}@media(prefers-color-scheme:dark){body{background:#1b1d22;color:#e8e9ed}main{background:#2a2d34}a{color:#8ab1ff}}";

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Outcomes for which another attempt makes sense. */
const AGAIN: readonly string[] = [
  "state",
  "cancelled",
  "other_tenant",
  "other_address",
  "refused",
  "unreachable",
];

export interface PageFacts {
  readonly language: Language;
  readonly requestId: string;
  /** Without a trailing slash; "" when it is unknown. */
  readonly siteUrl: string;
  readonly pluginId: string;
}

export function outcomePage({ isBot, names, outcome }: Ending, facts: PageFacts): Response {
  const { language, pluginId, requestId, siteUrl } = facts;
  const say = outcomeWords.in(language);
  const well = outcomes[outcome] === 200;
  const title = say(well ? "title_yes" : "title_no");
  const text = say(outcome, { request: requestId, ...names });
  const links =
    siteUrl === ""
      ? []
      : [
          ...(AGAIN.includes(outcome)
            ? [
                link(
                  `${siteUrl}/plugins/${pluginId}/oauth2/connect?${isBot ? "account=bot" : "return=close"}`,
                  say("again"),
                ),
              ]
            : []),
          link(`${siteUrl}/`, say("back")),
        ];
  const html =
    `<!doctype html><html lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}"><head>` +
    `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>` +
    `<body><main data-outcome="${outcome}"><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${links.join("")}</main></body></html>`;
  return new Response(html, {
    status: outcomes[outcome],
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": POLICY,
      "Cache-Control": "no-store",
      // The address of this page contains the code.
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
    },
  });
}

const link = (address: string, text: string) =>
  `<p><a href="${escapeHtml(address)}">${escapeHtml(text)}</a></p>`;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (letter) => escapes[letter] ?? "");
