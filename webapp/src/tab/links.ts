/**
 * Handles links of the web app that leave its frame. A download or a window that starts in a frame is a top-level
 * request without the frame's cookies: such a link answers 401 or shows the login page. The frame has the shell's
 * origin, so the shell can handle the click.
 */

import { localPath } from "./server.ts";

export interface FileLink {
  /** Path and query on this server. */
  readonly path: string;
  /** Set for a file of a post; the plugin issues tickets only for these. */
  readonly fileId: string | null;
  /** The file name to use when the server sends none. */
  readonly name: string;
}

export type Link =
  | { readonly leads: "to a file"; readonly file: FileLink }
  | { readonly leads: "to a page"; readonly path: string };

/**
 * Classifies an address. Returns `null` for other sites, which open in the browser as usual, and for addresses that
 * need no session (`blob:` and `data:`, public links of files). `download`: the link's attribute, `null` when it has
 * none.
 */
export function linkOf(href: string, base: string, subpath: string, download: string | null): Link | null {
  const url = URL.canParse(href, base) ? new URL(href, base) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.origin !== new URL(base).origin) return null;
  const path = localPath(url.pathname + url.search + url.hash, subpath);
  if (path === null) return null;
  const local = url.pathname.slice(subpath.length);
  if (/^\/files\/[a-z0-9]+\/public$/.test(local)) return null;
  const asked = download !== null || url.searchParams.has("download");
  if (!asked && !local.startsWith("/api/v4/")) return { leads: "to a page", path };
  const last = decoded(local.split("/").pop() ?? "");
  return {
    leads: "to a file",
    file: {
      path: url.pathname + url.search,
      fileId: /^\/api\/v4\/files\/([a-z0-9]{26})$/.exec(local)?.[1] ?? null,
      name: download || last || "download",
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface LinkListener {
  save(file: FileLink): void;
  /** Opens the path in a window and returns that window, if the browser allows it. */
  open(path: string, how: WindowRequest): Window | null;
}

export interface WindowRequest {
  /** `open` of the frame: the new window's opener is then the web app, which talks to its pop-outs. */
  readonly open: (url: string, target: string, features: string) => Window | null;
  readonly target: string;
  readonly features: string;
}

type Page = Window & { HTMLAnchorElement: typeof HTMLAnchorElement };

/** Watches each page that the frame loads. Returns a function that stops it. */
export function watchLinks(frame: HTMLIFrameElement, subpath: string, listener: LinkListener): () => void {
  const onLoad = () => {
    let page: Page;
    try {
      page = frame.contentWindow as Page;
      if (page.location.href === "about:blank") return;
    } catch {
      return; // the browser's own error page, which has another origin
    }
    takeLinks(page, subpath, listener);
  };
  frame.addEventListener("load", onLoad);
  return () => frame.removeEventListener("load", onLoad);
}

function takeLinks(page: Page, subpath: string, listener: LinkListener): void {
  const open = page.open.bind(page) as WindowRequest["open"];
  const find = (anchor: HTMLAnchorElement) =>
    anchor.hasAttribute("href")
      ? linkOf(anchor.href, page.location.href, subpath, anchor.getAttribute("download"))
      : null;

  const onClick = (event: MouseEvent) => {
    const anchor = event.defaultPrevented ? null : anchorOf(event);
    const link = anchor && find(anchor);
    if (!anchor || !link || (event.type === "auxclick" && event.button !== 1)) return;
    // Links to files are handled in the capture phase, because they have no other purpose. Links to pages are handled
    // in the bubble phase: the web app opens many of its own links, and calls `preventDefault` for them.
    const down = event.eventPhase === Event.CAPTURING_PHASE;
    if (down !== (link.leads === "to a file")) return;
    if (link.leads === "to a file") listener.save(link.file);
    else if (leaves(anchor, event))
      listener.open(link.path, { open, target: "_blank", features: "noopener" });
    else return;
    event.preventDefault();
  };
  for (const type of ["click", "auxclick"] as const) {
    page.addEventListener(type, onClick, true);
    page.addEventListener(type, onClick);
  }

  page.open = ((address?: string | URL, target = "_blank", features = "") => {
    const link = address ? linkOf(String(address), page.location.href, subpath, null) : null;
    if (link?.leads === "to a file") {
      listener.save(link.file);
      return null;
    }
    if (!link || target === "_self") return open(String(address ?? ""), target, features);
    return listener.open(link.path, { open, target, features });
  }) as typeof window.open;

  // A click on a link that is not attached to the page reaches no listener of the page.
  const { prototype } = page.HTMLAnchorElement;
  const { click } = prototype;
  prototype.click = function (this: HTMLAnchorElement) {
    const link = this.isConnected ? null : find(this);
    if (link?.leads === "to a file") listener.save(link.file);
    else if (link && leaves(this, null)) listener.open(link.path, { open, target: "_blank", features: "" });
    else click.call(this);
  };
}

/** Also finds links inside shadow roots, and links around pictures. */
function anchorOf(event: MouseEvent): HTMLAnchorElement | null {
  for (const target of event.composedPath()) {
    const element = target as Partial<HTMLAnchorElement>;
    if (element.tagName === "A") return element as HTMLAnchorElement;
  }
  return null;
}

function leaves({ target }: HTMLAnchorElement, event: MouseEvent | null): boolean {
  if (target !== "" && target !== "_self") return true;
  return event !== null && (event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey);
}
