/**
 * The page inside the pop-up. It shows Mattermost's own login page in a frame of the same origin, so every login
 * method of the server works; a provider's page cannot be framed, so for those the window itself goes there and comes
 * back.
 *
 *   login in the frame ──▶ users/me 200 ──▶ code ──▶ shell ──▶ window closes
 *        └─ mattermost_external_auth_login ──▶ provider ──▶ back here ─┘
 */

import { app, authentication } from "@microsoft/teams-js";
import React, { useEffect, useRef, useState } from "react";
import { pathOf, TypedText, watchInner } from "./inner.ts";
import type { PageConfig } from "./page-config.ts";
import { isCode } from "./popup.ts";
import { cookie } from "./server.ts";
import type { Words } from "./words.ts";

const KEPT = "mission-collaboration:popup";

interface Purpose {
  readonly challenge: string;
  readonly via: "host" | "window";
}

type View =
  | { readonly at: "asking" }
  | { readonly at: "known"; readonly name: string }
  | { readonly at: "login" }
  | { readonly at: "done" }
  | { readonly at: "failed" };

export function PopupPage({ config, words }: { config: PageConfig; words: Words }): React.JSX.Element {
  const [view, setView] = useState<View>({ at: "asking" });
  const [purpose] = useState(() => readPurpose());
  const frame = useRef<HTMLIFrameElement>(null);

  useEffect(() => {
    if (!purpose) return setView({ at: "failed" });
    if (purpose.via === "host") void app.initialize().catch(() => {});
    const query = new URLSearchParams(window.location.search);
    const href = pathOf(query.get("href"), config.subpath);
    // The frame in the tab asked for one provider: go there at once.
    if (href) return window.location.replace(comingBack(href, config));
    void whoAmI(config).then((name) => {
      if (name === null) setView({ at: "login" });
      else if (query.has("back")) void finish(config, purpose).then(setView);
      else setView({ at: "known", name });
    });
  }, [config, purpose]);

  useEffect(() => {
    if (view.at !== "login" || !frame.current || !purpose) return;
    const inner = watchInner(
      frame.current,
      { subpath: config.subpath, typed: new TypedText(), now: () => performance.now() },
      {
        ready: () => leftLogin(),
        atLogin: () => {},
        broken: () => setView({ at: "failed" }),
        title: () => {},
        notFound: () => {},
        otherPerson: () => {},
        share: () => {},
        connect: (answer) => answer("failed"),
        externalLogin: (href) => window.location.assign(comingBack(href, config)),
      },
    );
    let busy = false;
    const leftLogin = async () => {
      if (busy || inner.place() === null) return;
      busy = true;
      if ((await whoAmI(config)) !== null) setView(await finish(config, purpose));
      busy = false;
    };
    const timer = setInterval(leftLogin, 500);
    return () => {
      clearInterval(timer);
      inner.stop();
    };
  }, [view.at, config, purpose]);

  if (view.at === "login") {
    return (
      <iframe ref={frame} className="mattermost" title={words.popup_title} src={`${config.subpath}/login`} />
    );
  }
  return (
    <main className="page">
      {view.at === "asking" ? (
        <div className="card" role="status">
          <div className="turning" aria-hidden="true" />
          <p>{words.signing_in}</p>
        </div>
      ) : (
        <div className="card words" data-kind={view.at}>
          <h1>{view.at === "known" ? words.popup_title : title(view.at, words)[0]}</h1>
          {view.at === "known" ? (
            <div className="ways">
              <button
                type="button"
                className="way first"
                onClick={() => purpose && void finish(config, purpose).then(setView)}
              >
                {words.popup_continue_as.replace("{name}", view.name)}
              </button>
              <button
                type="button"
                className="way"
                onClick={() => void leave(config).then(() => setView({ at: "login" }))}
              >
                {words.popup_other_account}
              </button>
            </div>
          ) : (
            <p>{title(view.at, words)[1]}</p>
          )}
        </div>
      )}
    </main>
  );
}

const title = (at: "done" | "failed", words: Words) =>
  at === "done" ? words.popup_done : words.popup_failed_end;

/** Kept in this window's own storage, because a provider's page comes in between. */
function readPurpose(): Purpose | null {
  const query = new URLSearchParams(window.location.search);
  const challenge = query.get("challenge");
  if (challenge !== null && /^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    const purpose: Purpose = { challenge, via: query.get("via") === "window" ? "window" : "host" };
    sessionStorage.setItem(KEPT, JSON.stringify(purpose));
    return purpose;
  }
  const kept = sessionStorage.getItem(KEPT);
  return kept === null ? null : (JSON.parse(kept) as Purpose);
}

/** The server sends the window back here when the provider is done. */
function comingBack(href: string, config: PageConfig): string {
  const url = new URL(href, window.location.origin);
  url.searchParams.set("redirect_to", `${config.pluginPath}/tab/popup?back`);
  return url.href;
}

async function whoAmI(config: PageConfig): Promise<string | null> {
  const response = await fetch(`${config.subpath}/api/v4/users/me`).catch(() => null);
  if (!response?.ok) return null;
  const me = (await response.json()) as { username?: string };
  return me.username ?? "";
}

const writing = (): Record<string, string> => ({
  "Content-Type": "application/json",
  "X-Requested-With": "XMLHttpRequest",
  "X-CSRF-Token": cookie(document.cookie, "MMCSRF") ?? "",
});

async function leave(config: PageConfig): Promise<void> {
  await fetch(`${config.subpath}/api/v4/users/logout`, { method: "POST", headers: writing() }).catch(
    () => {},
  );
}

async function finish(config: PageConfig, purpose: Purpose): Promise<View> {
  try {
    const response = await fetch(`${config.pluginPath}/api/v1/session/handover`, {
      method: "POST",
      headers: writing(),
      body: JSON.stringify({ challenge: purpose.challenge }),
    });
    const answer = (await response.json()) as { code?: unknown };
    if (!response.ok || !isCode(answer.code)) return { at: "failed" };
    sessionStorage.removeItem(KEPT);
    if (purpose.via === "host") {
      authentication.notifySuccess(answer.code);
    } else {
      const opener = window.opener as Window | null;
      opener?.postMessage({ type: "mission_collaboration_code", code: answer.code }, window.location.origin);
      setTimeout(() => window.close(), 200);
    }
    return { at: "done" };
  } catch {
    return { at: "failed" };
  }
}
