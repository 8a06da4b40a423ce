/**
 * The real Mattermost in the inner frame: it has the same origin, so the shell may access it. Assumptions about the
 * web app: the login page is at `/login`; `window.WebappUtils.browserHistory` navigates inside the app (10.x, 11.x);
 * the local-storage entry `was_logged_in` is "false" after an explicit log-out, "true" after the login form, and has
 * no value for somebody who is signed in by cookies (actions/global_actions, components/login); a permalink to
 * nothing ends at `/error?type=permalink_not_found`; the login page posts `mattermost_external_auth_login` to its
 * parent and waits for `ack` (mattermost#31002).
 */

import { cookie, localPath } from "./server.ts";
import { subPageId } from "./sub-page.ts";
import { reopenWebSocket, type SocketPage } from "./web-socket.ts";

/** Polling interval, because navigation inside a single-page app raises no event for the parent page. */
const LOOK_EVERY_MS = 400;

/** Number of polls after a reload, about 16 seconds: until then the page may render its message boxes again. */
const RESTORE_POLLS = 40;

export interface InnerListener {
  ready(): void;
  broken(): void;
  atLogin(facts: { expired: boolean; from: string | null; afterMs: number }): void;
  title(title: string): void;
  /** A permalink led nowhere; the person is back where they were. */
  notFound(): void;
  /** The cookies of this browser now belong to somebody else. */
  otherPerson(): void;
  externalLogin(href: string): void;
  share(subPageId: string, label: string): void;
  /** The person connects their Microsoft 365 account; `answer` sends the outcome to the page. */
  connect(answer: (outcome: ConnectOutcome) => void): void;
}

export type ConnectOutcome = "connected" | "consent" | "failed";

interface InnerWindow extends Window, SocketPage {
  WebappUtils?: { browserHistory?: { push(path: string): void; replace?(path: string): void } };
}

export interface Inner {
  /** Navigates inside the app, without a reload if the app allows it. */
  navigate(location: string): void;
  /** The place where the person is. */
  place(): string | null;
  stop(): void;
}

export interface InnerPorts {
  /** Path of the Mattermost site, without a trailing slash. */
  readonly subpath: string;
  readonly typed: TypedText;
  /** Milliseconds of a monotonic clock. */
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
  /** Where the person was before following a link, if anywhere. */
  let before: string | null = null;
  let session = sessionOf(document.cookie);

  /** This tab, another one or the pop-up signed in: the page continues with new cookies, its web socket does not. */
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
    // The browser's own error page has another origin.
    if (!inner) return listener.broken();
    if (inner.location.href === "about:blank") return;
    // A proxy's error page has our origin, but is not the web app.
    if (!inner.document.getElementById("root")) return listener.broken();
    loaded = true;
    inner.document.addEventListener(
      "input",
      (event) => {
        // Read now, because the app may have navigated since the last poll, at its start from "/" to a channel.
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
      look();
      if (id) listener.share(id, label);
    } else if (data.type === "mission_collaboration_connect") {
      // Sent by webapp/src/connect/connecting.ts.
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
      // The person may have navigated since the last poll; a link that leads nowhere returns them to the newest place.
      look();
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

/** Returns a link of the login page as a path on this server, or `null`: nothing else may open in a pop-up. */
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

/** The session that the cookies belong to. The CSRF token differs for each, and is not secret to this page. */
function sessionOf(cookies: string): { readonly csrf: string; readonly userId: string | null } | null {
  const csrf = cookie(cookies, "MMCSRF");
  return csrf ? { csrf, userId: cookie(cookies, "MMUSERID") } : null;
}

const loggedInKey = (subpath: string) => (subpath === "" ? "was_logged_in" : `${subpath}:was_logged_in`);

/**
 * True after an explicit log-out. Also true when the browser has no storage and cannot tell: nobody is then signed in
 * again automatically.
 */
export function loggedOut(subpath: string): boolean {
  try {
    return localStorage.getItem(loggedInKey(subpath)) === "false";
  } catch {
    return true;
  }
}

/**
 * Called when a new session begins: clears the former log-out, so that it is not mistaken for the end of this
 * session.
 */
export function forgetLogOut(subpath: string): void {
  if (loggedOut(subpath)) {
    try {
      localStorage.removeItem(loggedInKey(subpath));
    } catch {
      // The end of this session will then be taken for an explicit log-out, and a button continues.
    }
  }
}

/**
 * Keeps the text that the person was typing when the session ended. Mattermost stores drafts, but clears its store
 * when a session ends, so the last unsent text of the message boxes is kept here, in memory only.
 */
export class TypedText {
  #last: { readonly box: string; readonly place: string; readonly text: string } | null = null;
  #pollsLeft = 0;
  #restored = false;

  note(target: EventTarget | null, place: string): void {
    const box = target as HTMLTextAreaElement | null;
    if (box?.tagName !== "TEXTAREA" || box.id === "") return;
    // Our own restoring is an input event, too.
    if (box.value !== "" && box.value === this.#last?.text) return;
    this.#last = box.value === "" ? null : { box: box.id, place, text: box.value };
    this.#pollsLeft = 0;
  }

  /** Called when another person may use the page next. */
  forget(): void {
    this.#last = null;
    this.#pollsLeft = 0;
  }

  /** Called when the page is about to be reloaded. */
  arm(): void {
    this.#pollsLeft = this.#last ? RESTORE_POLLS : 0;
    this.#restored = false;
  }

  /** The person continues typing: from now on the text in the box is theirs. */
  handsOn(): void {
    if (this.#restored) this.#pollsLeft = 0;
  }

  /** Called at every poll: an app that is still starting may render its boxes once more, empty. */
  restore(page: Document, place: string): void {
    if (this.#pollsLeft === 0 || !this.#last || this.#last.place !== place) return;
    const box = page.getElementById(this.#last.box);
    if (box?.tagName !== "TEXTAREA") return;
    this.#pollsLeft -= 1;
    const textarea = box as HTMLTextAreaElement;
    if (textarea.value === this.#last.text) return;
    if (textarea.value !== "") {
      this.#pollsLeft = 0;
      return;
    }
    this.#restored = true;
    // React listens to the native setter's input event; its next render would undo a plain assignment.
    const prototype = Object.getPrototypeOf(textarea) as object;
    Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(textarea, this.#last.text);
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
