/**
 * While the host fetches the token, the browser preloads Mattermost: its page, and the scripts and styles that the
 * page names, into the HTTP cache of this partition. Nothing is run, and no response is awaited.
 */

/** An upper limit: Mattermost names one script and one style at the top of its page. */
const MOST = 8;

export async function warmMattermost(subpath: string, fetch: typeof globalThis.fetch): Promise<void> {
  try {
    const page = await fetch(`${subpath}/`, { priority: "low", credentials: "same-origin" });
    if (!page.ok) return;
    for (const path of assetsOf(await page.text(), subpath)) {
      void fetch(path, { priority: "low", credentials: "same-origin" })
        .then((response) => response.arrayBuffer())
        .catch(() => {});
    }
  } catch {
    // Preloading is optional: without it everything works, only later.
  }
}

/** Hashed files under `/static/`, in the order of the page. */
export function assetsOf(html: string, subpath: string): string[] {
  const found = new Set<string>();
  for (const [, path = ""] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    if (path.startsWith(`${subpath}/static/`) && /\.(?:js|css)$/.test(path) && !path.includes(".."))
      found.add(path);
    if (found.size === MOST) break;
  }
  return [...found];
}
