/**
 * Talks to the host (Teams, Outlook, Microsoft 365) through teams-js. Only its token is
 * verified; everything else it sends is a hint.
 */

import { app, authentication, pages } from "@microsoft/teams-js";
import type { TokenRefusal } from "./state.ts";
import { subPageId } from "./sub-page.ts";

/** teams-js waits 60 s for a host that never answers, which is too long for a person. */
const CONNECT_LIMIT_MS = 8_000;
/** `getAuthToken` itself has no time limit. */
const TOKEN_LIMIT_MS = 10_000;
/** For a dialog that a person must answer. */
const TOKEN_DIALOG_LIMIT_MS = 180_000;

export type HostTheme = "light" | "dark" | "contrast";

export interface HostContext {
  readonly tenantId: string;
  readonly userId: string;
  readonly locale: string;
  readonly theme: HostTheme;
  readonly subPageId: string | null;
}

export interface HostListener {
  theme(theme: HostTheme): void;
  /** Called with the sub-page id of the link that brought the person back, if any. */
  resumed(subPageId: string | null): void;
  /** Called when the tab is already open and a link points into it. */
  link(subPageId: string): void;
}

export type HostFailure = "silent" | "missing";

export class HostError extends Error {
  readonly why: HostFailure;
  constructor(why: HostFailure) {
    super(`host ${why}`);
    this.why = why;
  }
}

/** With `askEarly`, the token is requested together with the context, and the first `teamsToken` returns it. */
export async function connectHost(listener: HostListener, askEarly: boolean): Promise<HostContext> {
  try {
    // In a separate browser window there is neither parent nor native bridge, and teams-js reports it at once.
    const initialized = app.initialize();
    if (askEarly) {
      // Allowed as soon as `initialize` was called: teams-js sends the request when the host has answered.
      early = askToken(true);
      early.catch(() => {});
    }
    const context = await within(
      CONNECT_LIMIT_MS,
      initialized.then(() => app.getContext()),
    );
    app.registerOnThemeChangeHandler((theme) => listener.theme(readTheme(theme)));
    // Registering both handlers asks the host to keep the page alive when the person looks elsewhere.
    app.lifecycle.registerBeforeSuspendOrTerminateHandler(async () => {});
    app.lifecycle.registerOnResumeHandler(async () => {
      const fresh = await app.getContext().catch(() => null);
      listener.resumed(subPageId(fresh?.page.subPageId));
    });
    app.registerOnContextChangeHandler((changed) => {
      const id = subPageOf(changed);
      if (id) listener.link(id);
    });
    return {
      tenantId: context.user?.tenant?.id ?? "",
      userId: context.user?.id ?? "",
      locale: context.app.locale,
      theme: readTheme(context.app.theme),
      subPageId: subPageId(context.page.subPageId),
    };
  } catch (error) {
    throw new HostError(/no parent window/i.test(String(error)) ? "missing" : "silent");
  }
}

/** teams-js converts the context that it requested, but passes on a changed one as the host wrote it. */
function subPageOf(changed: Partial<app.Context> & { readonly subEntityId?: unknown }): string | null {
  return subPageId(changed.page?.subPageId ?? changed.subEntityId);
}

/** A failure of one of four kinds; the host's own text is kept out of state and screen. */
export class TokenError extends Error {
  readonly why: TokenRefusal;
  constructor(why: TokenRefusal, detail: string) {
    super(detail);
    this.why = why;
  }
}

let early: Promise<string> | null = null;

/** With `silent: false` the host may open a dialog, so use it only for a press of a button. */
export function teamsToken(silent: boolean): Promise<string> {
  const asked = silent ? early : null;
  early = null;
  return asked ?? askToken(silent);
}

async function askToken(silent: boolean): Promise<string> {
  try {
    return await within(
      silent ? TOKEN_LIMIT_MS : TOKEN_DIALOG_LIMIT_MS,
      authentication.getAuthToken({ silent }),
    );
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new TokenError(tokenRefusal(words), words);
  }
}

/** There is no closed list of these texts (docs/facts/microsoft.md 1.2); an unknown one becomes `unknown`. */
export function tokenRefusal(words: string): TokenRefusal {
  if (words === TIMED_OUT) return "timeout";
  if (/resourceDisabled|invalid_?resource/i.test(words)) return "setup";
  if (/consent|mfa|tokenRevoked|interaction_required|CancelledByUser|login_required/i.test(words)) {
    return "needs_person";
  }
  return "unknown";
}

/** Opens the host's pop-up; resolves with the result that its page reports. */
export async function hostPopup(url: string): Promise<string> {
  return authentication.authenticate({ url, width: 600, height: 535 });
}

export function cancelledByPerson(error: unknown): boolean {
  return error instanceof Error && /CancelledByUser/i.test(error.message);
}

export function tellHost(what: "loaded" | "success"): void {
  if (what === "loaded") app.notifyAppLoaded();
  else void app.notifySuccess().catch(() => {});
}

export function shareLink(subPage: string, label: string, webUrl: string): void {
  if (!pages.isSupported()) return;
  pages.shareDeepLink({ subPageId: subPage, subPageLabel: label, subPageWebUrl: webUrl });
}

export function readTheme(name: string): HostTheme {
  if (name === "contrast") return "contrast";
  return name === "dark" || name === "glass" ? "dark" : "light";
}

const TIMED_OUT = "no answer in time";

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(TIMED_OUT)), ms);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The theme that the server put on the page, used until the host reports its own. */
export function readShownTheme(): HostTheme {
  const shown = document.documentElement.dataset.theme;
  if (shown === "dark" || shown === "contrast" || shown === "light") return shown;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Microsoft issues no token before the person or an admin consents. */
export const refusedToken = (error: unknown) =>
  error instanceof TokenError && error.why === "needs_person" ? "consent" : "failed";
