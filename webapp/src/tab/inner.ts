/**
 * The real Mattermost in the inner frame: same origin, so the shell may look. What it relies on in the web app:
 * the login page is at `/login`; `window.WebappUtils.browserHistory` moves inside the app (10.x, 11.x); the
 * local-storage entry `was_logged_in` is "false" after a log-out on purpose, "true" after the login form, and has
 * no value for somebody who is signed in by cookies (actions/global_actions, components/login); a permalink to
 * nothing ends at `/error?type=permalink_not_found`; the login page posts `mattermost_external_auth_login` to its
 * parent and waits for `ack` (mattermost#31002).
 */

import { cookie, localPath } from "./server.ts";
import { subPageId } from "./sub-page.ts";
import { reopenWebSocket, type SocketPage } from "./web-socket.ts";

/** Moves inside a single-page app raise no event for the parent page. */
const LOOK_EVERY_MS = 400;

/** Number of looks at a page that was loaded again, for some 16 seconds: it may draw its boxes again until then. */
const RESTORE_LOOKS = 40;

export interface InnerListener {
  ready(): void;
  broken(): void;
  atLogin(facts: { expired: boolean; from: string | null; afterMs: number }): void;
  title(title: string): void;
  /** A permalink led nowhere; the person is back where they were. */
  notFound(): void;
  /** The cookies of this browser are somebody else's now. */
  otherPerson(): void;
  externalLogin(href: string): void;
  share(subPageId: string, label: string): void;
  /** The person connects their Microsoft 365 account. Called with what to tell the page. */
  connect(answer: (outcome: ConnectOutcome) => void): void;
}

export type ConnectOutcome = "connected" | "consent" | "failed";

interface InnerWindow extends Window, SocketPage {
  WebappUtils?: { browserHistory?: { push(path: string): void; replace?(path: string): void } };
}

export interface Inner {
  /** Moves inside the app, without a reload where the app allows it. */
  navigate(location: string): void;
  /** The place the person is at. */
  place(): string | null;
  stop(): void;
}

export interface InnerPorts {
  /** Path of the Mattermost site, without a slash at its end. */
  readonly subpath: string;
  readonly typed: TypedText;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
}

export function watchInner(
  frame: HTMLIFrameElement,
  { subpath, typed, now }: InnerPorts,
  listener: InnerListener,
): Inner {
  const openedAt = now();
  let place: string | null = null;
  let title = "";
  let atLogin = false;
  let loaded = false;
  /** Where the person was before a link, if anywhere. */
  let before: string | null = null;
  let session = sessionOf(document.cookie);

  /** This tab, another one or the pop-up signed in: the page goes on with new cookies, its web socket does not. */
  const lookAtSession = (inner: InnerWindow) => {
    const now = sessionOf(document.cookie);
    if (now === null || now.csrf === session?.csrf) return;
    const before = session;
    session = now;
    if (before === null) return;
    if (before.userId !== now.userId) listener.otherPerson();
    else reopenWebSocket(inner, subpath);
  };

  const look = () => {
    const inner = readable(frame);
    if (!inner) return;
    const nowAtLogin = inner.location.pathname === `${subpath}/login`;
    if (nowAtLogin && !atLogin) {
      listener.atLogin({ expired: !loggedOut(subpath), from: place, afterMs: now() - openedAt });
    }
    atLogin = nowAtLogin;
    if (atLogin) return;
    if (isNotFound(inner, subpath)) {
      const back = (before ?? `${subpath}/`).slice(subpath.length) || "/";
      const history = inner.WebappUtils?.browserHistory;
      if (history?.replace) history.replace(back);
      else inner.location.replace(subpath + back);
      listener.notFound();
      return;
    }
    place = placeOf(inner);
    if (!/\/(?:pl|_redirect)\//.test(inner.location.pathname)) before = place;
    lookAtSession(inner);
    typed.restore(inner.document, place);
    if (loaded && inner.document.title !== title) {
      title = inner.document.title;
      listener.title(title);
    }
  };

  const onLoad = () => {
    const inner = readable(frame);
    // The browser's own error page is another origin.
    if (!inner) return listener.broken();
    if (inner.location.href === "about:blank") return;
    // A proxy's error page is of our origin, but it is not the web app.
    if (!inner.document.getElementById("root")) return listener.broken();
    loaded = true;
    inner.document.addEventListener(
      "input",
      (event) => {
        // Asked now: the app may have moved since the last look, on its start from "/" to a channel.
        typed.note(event.target, placeOf(inner));
      },
      true,
    );
    for (const hand of ["keydown", "pointerdown"]) {
      inner.document.addEventListener(hand, () => typed.handsOn(), true);
    }
    look();
    if (!atLogin) listener.ready();
  };

  const onMessage = (event: MessageEvent) => {
    if (event.source === null || event.source !== frame.contentWindow) return;
    if (event.origin !== window.location.origin) return;
    const data: unknown = event.data;
    if (typeof data !== "object" || data === null || !("type" in data)) return;
    if (data.type === "mattermost_external_auth_login") {
      const href = "href" in data ? pathOf(data.href, subpath) : null;
      if (href === null) return;
      frame.contentWindow?.postMessage({ type: data.type, ack: true }, event.origin);
      listener.externalLogin(href);
    } else if (data.type === "mission_collaboration_share") {
      const id = "subPageId" in data ? subPageId(data.subPageId) : null;
      const label = "label" in data && typeof data.label === "string" ? data.label.slice(0, 100) : "";
      if (id) listener.share(id, label);
    } else if (data.type === "mission_collaboration_connect") {
      // webapp/src/connect/connecting.ts asks.
      const { origin, source } = event;
      listener.connect((outcome) =>
        source.postMessage(
          { type: "mission_collaboration_connect_answer", outcome },
          { targetOrigin: origin },
        ),
      );
    }
  };

  frame.addEventListener("load", onLoad);
  window.addEventListener("message", onMessage);
  const timer = setInterval(look, LOOK_EVERY_MS);

  return {
    navigate(location) {
      const inner = readable(frame);
      const history = inner?.WebappUtils?.browserHistory;
      if (history) history.push(location.slice(subpath.length) || "/");
      else if (inner) inner.location.assign(location);
      else frame.src = location;
    },
    place: () => place,
    stop() {
      clearInterval(timer);
      frame.removeEventListener("load", onLoad);
      window.removeEventListener("message", onMessage);
    },
  };
}

/** An href of the login page as a path on this server, or `null`: nothing else may open in a pop-up. */
export function pathOf(href: unknown, subpath: string): string | null {
  if (typeof href !== "string") return null;
  try {
    const url = new URL(href, window.location.origin);
    return url.origin === window.location.origin ? localPath(url.pathname + url.search, subpath) : null;
  } catch {
    return null;
  }
}

const placeOf = ({ location }: Window) => location.pathname + location.search + location.hash;

function readable(frame: HTMLIFrameElement): InnerWindow | null {
  try {
    const inner = frame.contentWindow;
    return inner && typeof inner.location.href === "string" ? (inner as InnerWindow) : null;
  } catch {
    return null;
  }
}

const isNotFound = ({ location }: Window, subpath: string) =>
  location.pathname === `${subpath}/error` && location.search.includes("permalink_not_found");

/** The session that the cookies belong to. The CSRF token is different for each, and no secret to this page. */
function sessionOf(cookies: string): { readonly csrf: string; readonly userId: string | null } | null {
  const csrf = cookie(cookies, "MMCSRF");
  return csrf ? { csrf, userId: cookie(cookies, "MMUSERID") } : null;
}

const loggedInKey = (subpath: string) => (subpath === "" ? "was_logged_in" : `${subpath}:was_logged_in`);

/** True after a log-out on purpose, and only then. A browser without storage cannot tell: nobody is signed in again. */
export function loggedOut(subpath: string): boolean {
  try {
    return localStorage.getItem(loggedInKey(subpath)) === "false";
  } catch {
    return true;
  }
}

/** A new session begins: the log-out of before says nothing about its end. */
export function forgetLogOut(subpath: string): void {
  if (loggedOut(subpath)) {
    try {
      localStorage.removeItem(loggedInKey(subpath));
    } catch {
      // Then the end of the session is taken for a log-out, and a button leads on.
    }
  }
}

/**
 * The text that the person was typing when the session ended. Mattermost keeps drafts, but clears its store when a
 * session ends. So the last unsent text of the message boxes is kept here, in memory only.
 */
export class TypedText {
  #last: { readonly box: string; readonly place: string; readonly text: string } | null = null;
  #looksLeft = 0;
  #restored = false;

  note(target: EventTarget | null, place: string): void {
    const box = target as HTMLTextAreaElement | null;
    if (box?.tagName !== "TEXTAREA" || box.id === "") return;
    // Our own restoring is an input event, too.
    if (box.value !== "" && box.value === this.#last?.text) return;
    this.#last = box.value === "" ? null : { box: box.id, place, text: box.value };
    this.#looksLeft = 0;
  }

  /** Somebody else may be next. */
  forget(): void {
    this.#last = null;
    this.#looksLeft = 0;
  }

  /** The page is about to be loaded again. */
  arm(): void {
    this.#looksLeft = this.#last ? RESTORE_LOOKS : 0;
    this.#restored = false;
  }

  /** The person goes on by themselves: what the box holds from now on is theirs. */
  handsOn(): void {
    if (this.#restored) this.#looksLeft = 0;
  }

  /** Called at every look: an app that is still starting may draw its boxes once more, and empty. */
  restore(page: Document, place: string): void {
    if (this.#looksLeft === 0 || !this.#last || this.#last.place !== place) return;
    const box = page.getElementById(this.#last.box);
    if (box?.tagName !== "TEXTAREA") return;
    this.#looksLeft -= 1;
    const textarea = box as HTMLTextAreaElement;
    if (textarea.value === this.#last.text) return;
    if (textarea.value !== "") {
      this.#looksLeft = 0;
      return;
    }
    this.#restored = true;
    // React listens to the native setter's input event; assigning alone would be undone by its next render.
    const prototype = Object.getPrototypeOf(textarea) as object;
    Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(textarea, this.#last.text);
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
