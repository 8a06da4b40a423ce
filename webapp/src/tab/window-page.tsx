/** The first page of a window that Mattermost opened from the tab: signs the window in and continues. */

import React, { useEffect, useState } from "react";
import type { PageConfig } from "./page-config.ts";
import { isCode, newProof } from "./popup.ts";
import { localPath } from "./server.ts";
import { WINDOW_ASKS, WINDOW_CODE } from "./windows.ts";
import type { Words } from "./words.ts";

const ANSWER_LIMIT_MS = 10_000;

export function WindowPage({ config, words }: { config: PageConfig; words: Words }): React.JSX.Element {
  const [failed, setFailed] = useState(false);
  const [to] = useState(() => {
    const query = new URLSearchParams(window.location.search);
    return localPath(query.get("to"), config.subpath) ?? `${config.subpath}/`;
  });

  useEffect(() => {
    void signIn(config).then((signedIn) => (signedIn ? goOn(to) : setFailed(true)));
  }, [config, to]);

  const [title, text] = words.window_failed;
  return (
    <main className="page">
      {failed ? (
        <div className="card words" data-kind="window_failed">
          <h1>{title}</h1>
          <p>{text}</p>
          <div className="ways">
            <button type="button" className="way first" onClick={() => goOn(to)}>
              {words.sign_in}
            </button>
          </div>
        </div>
      ) : (
        <div className="card" role="status">
          <div className="turning" aria-hidden="true" />
          <p>{words.opening}</p>
        </div>
      )}
    </main>
  );
}

function goOn(to: string): void {
  if (new URLSearchParams(window.location.search).has("alone")) window.opener = null;
  window.location.replace(to);
}

/** Whether this window has a session: the browser's own, or the tab's. */
async function signIn(config: PageConfig): Promise<boolean> {
  const me = await fetch(`${config.subpath}/api/v4/users/me`).catch(() => null);
  if (me?.ok) return true;
  // The web app in its frame opened this window; the shell is its parent.
  const shell = (window.opener as Window | null)?.parent;
  if (!shell || shell === window) return false;
  try {
    const { verifier, challenge } = await newProof();
    const code = await ask(shell, challenge);
    if (code === null) return false;
    const response = await fetch(`${config.pluginPath}/api/v1/session/window/redeem`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest" },
      body: JSON.stringify({ code, verifier }),
    });
    return response.ok;
  } catch {
    return false;
  }
}

function ask(shell: Window, challenge: string): Promise<string | null> {
  return new Promise((resolve) => {
    const done = (code: string | null) => {
      clearTimeout(timer);
      window.removeEventListener("message", onMessage);
      resolve(code);
    };
    const onMessage = ({ source, origin, data }: MessageEvent) => {
      if (source !== shell || origin !== window.location.origin || data?.type !== WINDOW_CODE) return;
      done(isCode(data.code) ? data.code : null);
    };
    const timer = setTimeout(() => done(null), ANSWER_LIMIT_MS);
    window.addEventListener("message", onMessage);
    shell.postMessage({ type: WINDOW_ASKS, challenge }, window.location.origin);
  });
}
