/**
 * "Sign in with another method". The pop-up is a first-party window: the person signs in to Mattermost there as in
 * any browser, but its cookies cannot be used in the frame (another partition). It returns a code that works once,
 * for a minute, and only together with the verifier that never left the shell (PKCE, RFC 7636).
 */

import { cancelledByPerson, hostPopup } from "./host.ts";

export interface Proof {
  readonly verifier: string;
  readonly challenge: string;
}

export async function newProof(): Promise<Proof> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

export type PopupResult = { readonly code: string } | { readonly cancelled: boolean };

/** The host opens the pop-up; when it cannot, we open a window (hosts accept only https addresses). */
export async function signInElsewhere(
  pluginPath: string,
  challenge: string,
  href: string | null,
  look: { readonly theme: string; readonly locale: string },
): Promise<PopupResult> {
  const url = new URL(`${pluginPath}/tab/popup`, window.location.origin);
  url.searchParams.set("challenge", challenge);
  url.searchParams.set("theme", look.theme);
  url.searchParams.set("locale", look.locale);
  if (href !== null) url.searchParams.set("href", href);
  if (url.protocol !== "https:") return ownPopup(url);
  try {
    const code = await hostPopup(url.href);
    return isCode(code) ? { code } : { cancelled: false };
  } catch (error) {
    if (cancelledByPerson(error)) return { cancelled: true };
    return ownPopup(url);
  }
}

const CLOSED_CHECK_MS = 500;

function ownPopup(url: URL): Promise<PopupResult> {
  url.searchParams.set("via", "window");
  const popup = window.open(url, "mission-collaboration-sign-in", "popup,width=600,height=700");
  if (!popup) return Promise.resolve({ cancelled: false });
  return new Promise((resolve) => {
    const done = (result: PopupResult) => {
      clearInterval(closed);
      window.removeEventListener("message", onMessage);
      resolve(result);
    };
    const onMessage = (event: MessageEvent) => {
      if (event.source !== popup || event.origin !== window.location.origin) return;
      const data: unknown = event.data;
      if (typeof data !== "object" || data === null || !("type" in data)) return;
      if (data.type !== "mission_collaboration_code" || !("code" in data) || !isCode(data.code)) return;
      done({ code: data.code });
    };
    window.addEventListener("message", onMessage);
    const closed = setInterval(() => popup.closed && done({ cancelled: true }), CLOSED_CHECK_MS);
  });
}

export function isCode(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{20,100}$/.test(value);
}
