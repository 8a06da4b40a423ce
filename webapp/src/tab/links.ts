/**
 * Links of the web app that leave its frame. A download or a window that starts in a frame is a top-level
 * request, and the frame's cookies do not go with it: such a link answers 401 or shows the login page. The frame
 * is of the shell's origin, so the shell may take the click.
 */

import { localPath } from "./server.ts";

export interface FileLink {
  /** Path and query on this server. */
  readonly path: string;
  /** Set for a file of a post; the plugin gives tickets for these alone. */
  readonly fileId: string | null;
  /** The name to save it under where the server does not send one. */
  readonly name: string;
}

export type Link =
  | { readonly leads: "to a file"; readonly file: FileLink }
  | { readonly leads: "to a page"; readonly path: string };

/**
 * Where an address leads. `null` for other sites, which open in the browser as ever, and for what needs no session
 * (`blob:` and `data:`, public links of files).
 * `download`: the link's attribute, `null` where it has none.
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
  /** Opens the path in a window and answers that window, where the browser allows one. */
  open(path: string, how: WindowWish): Window | null;
}

export interface WindowWish {
  /** `open` of the frame: the new window's opener is then the web app, which talks to its pop-outs. */
  readonly open: (url: string, target: string, features: string) => Window | null;
  readonly target: string;
  readonly features: string;
}

type Page = Window & { HTMLAnchorElement: typeof HTMLAnchorElement };

/** Watches each page that the frame loads. Answers how to stop. */
export function watchLinks(frame: HTMLIFrameElement, subpath: string, listener: LinkListener): () => void {
  const onLoad = () => {
    let page: Page;
    try {
      page = frame.contentWindow as Page;
      if (page.location.href === "about:blank") return;
    } catch {
      return; // the browser's own error page, which is another origin
    }
    takeLinks(page, subpath, listener);
  };
  frame.addEventListener("load", onLoad);
  return () => frame.removeEventListener("load", onLoad);
}

function takeLinks(page: Page, subpath: string, listener: LinkListener): void {
  const open = page.open.bind(page) as WindowWish["open"];
  const find = (anchor: HTMLAnchorElement) =>
    anchor.hasAttribute("href")
      ? linkOf(anchor.href, page.location.href, subpath, anchor.getAttribute("download"))
      : null;

  const onClick = (event: MouseEvent) => {
    const anchor = event.defaultPrevented ? null : anchorOf(event);
    const link = anchor && find(anchor);
    if (!anchor || !link || (event.type === "auxclick" && event.button !== 1)) return;
    // Files on the way down: their links have no other purpose. Pages on the way up: the web app opens many of
    // its own links, and says so by `preventDefault`.
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

  // The click of a link that is not in the page reaches no listener of the page.
  const { prototype } = page.HTMLAnchorElement;
  const { click } = prototype;
  prototype.click = function (this: HTMLAnchorElement) {
    const link = this.isConnected ? null : find(this);
    if (link?.leads === "to a file") listener.save(link.file);
    else if (link && leaves(this, null)) listener.open(link.path, { open, target: "_blank", features: "" });
    else click.call(this);
  };
}

/** Also inside shadow roots, and on pictures inside links. */
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
