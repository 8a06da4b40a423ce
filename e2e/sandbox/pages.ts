/** The sandbox's own pages: bundled in memory at its start, without disk or network. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dir, "browser");
/** A web app shares its React with the plugins: 17.0.2 in Mattermost 10, 18.2.0 in Mattermost 11. */
const reactOf: Readonly<Record<string, string>> = { mattermost: "react-18", mattermost10: "react-17" };
const scripts = {
  chat: "window/chat.tsx",
  channels: "window/channels.tsx",
  outlook: "window/outlook.tsx",
  teams: "teams/main.tsx",
  mattermost: "mattermost/main.tsx",
  mattermost10: "mattermost/main.tsx",
  story: "story/main.tsx",
} as const;
const mattermostStyles = [
  "mattermost",
  "sidebar",
  "channel",
  "login",
  "modal",
  "console",
  "narrow",
  "user-settings",
  "attachments",
].map((name) => `mattermost/${name}.css`);
/** Rules of equal weight: a later sheet wins. */
const styles: Record<keyof typeof scripts, readonly string[]> = {
  chat: ["window/window.css"],
  channels: ["window/window.css"],
  outlook: ["window/window.css"],
  teams: ["teams/teams.css", "teams/pages.css", "teams/overlays.css"],
  mattermost: mattermostStyles,
  mattermost10: mattermostStyles,
  story: ["story/story.css", "story/drawer.css"],
};
export type PageName = keyof typeof scripts;

export class Pages {
  readonly #scripts = new Map<string, Blob>();

  static async build(): Promise<Pages> {
    const pages = new Pages();
    await Promise.all((Object.keys(scripts) as PageName[]).map((name) => pages.#build(name)));
    return pages;
  }

  async #build(name: PageName): Promise<void> {
    const result = await Bun.build({
      entrypoints: [join(folder, scripts[name])],
      target: "browser",
      minify: true,
      define: { "process.env.NODE_ENV": '"production"' },
      plugins: reactOf[name] === undefined ? [] : [withReact(reactOf[name])],
    });
    const [output] = result.outputs;
    if (output) this.#scripts.set(name, output);
  }

  /** `/static/sandbox/<name>.js` and `.css`; null for anything else. */
  file(path: string): Response | null {
    const [, name = "", kind] = /^\/static\/sandbox\/(\w+)\.(js|css)$/.exec(path) ?? [];
    const script = kind === "js" ? this.#scripts.get(name) : undefined;
    const headers = { "Cache-Control": "no-cache" };
    if (script)
      return new Response(script, {
        headers: { ...headers, "Content-Type": "text/javascript; charset=utf-8" },
      });
    if (kind === "css" && name in styles) {
      const sheets = styles[name as PageName].map((sheet) => readFileSync(join(folder, sheet), "utf8"));
      return new Response(sheets.join("\n"), {
        headers: { ...headers, "Content-Type": "text/css; charset=utf-8" },
      });
    }
    return null;
  }

  html(name: PageName, title: string, base = ""): Response {
    const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${base}/static/sandbox/${name}.css"></head>
<body><div id="root" data-base="${base}"></div><script type="module" src="${base}/static/sandbox/${name}.js"></script></body></html>`;
    return new Response(html, {
      headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache" },
    });
  }
}

/** Takes React from a folder of its own in browser/. */
function withReact(version: string): Bun.BunPlugin {
  const own = join(folder, version);
  return {
    name: version,
    setup(build) {
      build.onResolve({ filter: /^react(-dom)?(\/|$)/ }, ({ path }) => ({
        path:
          path === "react-dom/client" && version === "react-17"
            ? join(own, "client.ts")
            : Bun.resolveSync(path, own),
      }));
    },
  };
}
