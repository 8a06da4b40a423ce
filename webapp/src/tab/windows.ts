/**
 * Windows that Mattermost opens from the tab: pop-outs of channels and threads, links to its own pages. A window's
 * cookies are in another partition than the frame's, so each opens at a page of the plugin (window-page.tsx) that
 * asks the shell for a code. The code works once, for a minute, and only with a verifier that never left the window.
 */

import type { WindowRequest } from "./links.ts";

export interface WindowsPorts {
  readonly pluginPath: string;
  readonly theme: () => string;
  readonly language: () => string;
  /** Returns a code of the plugin for this challenge; `null` when there is none. */
  readonly code: (challenge: string) => Promise<string | null>;
}

export interface Windows {
  open(path: string, request: WindowRequest): Window | null;
  stop(): void;
}

export const WINDOW_ASKS = "mission_collaboration_window";
export const WINDOW_CODE = "mission_collaboration_window_code";
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

export function createWindows({ pluginPath, theme, language, code }: WindowsPorts): Windows {
  /** Only these windows may get a code. */
  const opened = new Set<MessageEventSource>();

  const onMessage = async (event: MessageEvent) => {
    const { source, origin } = event;
    if (origin !== window.location.origin || source === null || !opened.has(source)) return;
    const data: unknown = event.data;
    if (typeof data !== "object" || data === null || !("type" in data) || data.type !== WINDOW_ASKS) return;
    if (!("challenge" in data) || typeof data.challenge !== "string" || !CHALLENGE.test(data.challenge))
      return;
    // One code per window.
    opened.delete(source);
    const answer = { type: WINDOW_CODE, code: await code(data.challenge) };
    source.postMessage(answer, { targetOrigin: origin });
  };
  window.addEventListener("message", onMessage);

  return {
    open(path, { open, target, features }) {
      const wanted = features.split(/[\s,]+/).filter((word) => word !== "");
      const alone = wanted.some((word) => /^(noopener|noreferrer)(=(1|yes|true))?$/i.test(word));
      const url = new URL(`${pluginPath}/tab/window`, window.location.origin);
      url.searchParams.set("to", path);
      url.searchParams.set("theme", theme());
      url.searchParams.set("locale", language());
      if (alone) url.searchParams.set("alone", "1");
      // Without an opener the window could not ask. It drops its opener later, if the caller wanted that.
      const rest = wanted.filter((word) => !/^(noopener|noreferrer)(=|$)/i.test(word)).join(",");
      const made = open(url.href, target === "_top" || target === "_parent" ? "_blank" : target, rest);
      if (made) opened.add(made);
      return alone ? null : made;
    },
    stop: () => window.removeEventListener("message", onMessage),
  };
}
