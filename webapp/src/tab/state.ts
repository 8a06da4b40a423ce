/**
 * The logic of the shell as one pure function: `reduce(state, event)` returns the next state and the effects to carry
 * out. Nothing here reads a clock, the page or the network, and no token or cookie ever enters the state. It stays in
 * one file, because each state's transitions refer to the others.
 *
 *   connecting ──▶ signing-in ──▶ opening ──▶ open ◀──▶ renewing
 *        │             │ ▲            │         │
 *        │         consent            │     signed out in Mattermost, links, suspended …
 *        ▼             ▼              ▼         ▼
 *      trouble: a message, and buttons (retry · another method · browser · desktop app)
 */

export type Trouble =
  | "host_silent"
  | "host_missing"
  | "offline"
  | "server_unreachable"
  | "server_upgrading"
  | "plugin_disabled"
  | "not_configured"
  | "token_unavailable"
  | "registration_mismatch"
  | "microsoft_unavailable"
  | "tenant_unknown"
  | "directory_refused"
  | "sign_in_refused"
  | "other_organisation"
  | "no_account"
  | "account_deactivated"
  | "account_refused"
  | "cookies_refused"
  | "too_many_attempts"
  | "popup_failed"
  | "signed_out"
  | "unknown";

export type Phase =
  | { readonly at: "connecting" }
  | { readonly at: "signing-in"; readonly attempt: number; readonly tries: number }
  | { readonly at: "consent"; readonly waiting: boolean; readonly refusedBefore: boolean }
  | { readonly at: "other-method"; readonly back: Phase }
  | { readonly at: "opening" }
  | { readonly at: "open" }
  | { readonly at: "renewing"; readonly why: "early" | "expired"; readonly attempt: number }
  | {
      readonly at: "trouble";
      readonly kind: Trouble;
      readonly requestId: string | null;
      /** Set when the shell will retry by itself. */
      readonly retryInMs: number | null;
      /** How often it has retried by itself. */
      readonly tries: number;
    };

/** What the host says about itself. A hint for display: only the verified token identifies the person. */
export interface HostFacts {
  readonly personKey: string;
  readonly otherOrganisation: boolean;
}

export type Notice = "link_unavailable" | "theme_offer" | "activity_offer" | "offline" | "plugin_off";

export interface State {
  readonly phase: Phase;
  readonly host: HostFacts | null;
  /** Sub-page id to open with the next sign-in. */
  readonly wanted: string | null;
  /** The inner Mattermost. A new key reloads it; the same key keeps what the person sees. */
  readonly frame: { readonly location: string; readonly key: number } | null;
  readonly online: boolean;
  readonly notice: Notice | null;
  /** Counts attempts, so that a late timer or answer of an earlier one changes nothing. */
  readonly turn: number;
  readonly hostTold: boolean;
}

export type TokenRefusal = "needs_person" | "setup" | "timeout" | "unknown";
export type Button =
  | "retry"
  | "consent"
  | "other_method"
  | "sign_in"
  | "dismiss"
  | "theme_yes"
  | "theme_no"
  | "activity_yes"
  | "activity_no";

export type Event =
  | {
      readonly is: "host_ready";
      readonly host: HostFacts;
      readonly configured: boolean;
      readonly signedOut: boolean;
      readonly wanted: string | null;
    }
  | { readonly is: "host_failed"; readonly why: "silent" | "missing" }
  | { readonly is: "token_refused"; readonly turn: number; readonly why: TokenRefusal }
  | {
      readonly is: "session";
      readonly turn: number;
      readonly location: string;
      readonly renewInMs: number | null;
      readonly linkUnavailable: boolean;
    }
  | {
      readonly is: "session_refused";
      readonly turn: number;
      readonly kind: Trouble;
      readonly requestId: string | null;
    }
  | { readonly is: "cookies_refused"; readonly turn: number }
  | { readonly is: "frame_ready" }
  | { readonly is: "frame_broken" }
  | {
      readonly is: "frame_at_login";
      readonly expired: boolean;
      readonly from: string | null;
      readonly afterMs: number;
    }
  | { readonly is: "external_login"; readonly href: string }
  | { readonly is: "popup_done"; readonly turn: number; readonly code: string }
  | { readonly is: "popup_failed"; readonly turn: number; readonly cancelled: boolean }
  | { readonly is: "pressed"; readonly button: Button }
  | { readonly is: "went_offline" }
  | { readonly is: "went_online" }
  /** The plugin was switched off or on while the tab was open (plugin-watch.ts). */
  | { readonly is: "plugin_off" }
  | { readonly is: "plugin_on" }
  | { readonly is: "resumed"; readonly wanted: string | null }
  | { readonly is: "link"; readonly subPageId: string }
  | { readonly is: "link_resolved"; readonly location: string }
  | { readonly is: "link_unavailable" }
  | { readonly is: "theme_differs" }
  /** The host's theme has changed: it may now match Mattermost, or differ. */
  | { readonly is: "theme_changed" }
  /** Another tab of this browser signed somebody else in, so the shown page is not theirs. */
  | { readonly is: "other_person"; readonly location: string }
  /** The person arrived by a link to a post, and was never asked about activities. */
  | { readonly is: "activity_offer_due" }
  | { readonly is: "alarm"; readonly turn: number };

export type Effect =
  | { readonly do: "connect" }
  | { readonly do: "tell_host"; readonly what: "loaded" | "success" }
  | {
      readonly do: "sign_in";
      readonly turn: number;
      readonly silent: boolean;
      readonly afterMs: number;
      readonly subPageId: string | null;
    }
  | { readonly do: "check_cookies"; readonly turn: number }
  | { readonly do: "check_session" }
  | { readonly do: "popup"; readonly turn: number; readonly href: string | null }
  | { readonly do: "redeem"; readonly turn: number; readonly code: string; readonly subPageId: string | null }
  | { readonly do: "resolve"; readonly subPageId: string }
  | { readonly do: "navigate"; readonly location: string }
  | { readonly do: "alarm"; readonly turn: number; readonly afterMs: number }
  | { readonly do: "remember_signed_out"; readonly value: boolean }
  | { readonly do: "compare_theme" }
  | { readonly do: "answer_theme"; readonly match: boolean }
  | { readonly do: "answer_activity_offer"; readonly keep: boolean }
  | { readonly do: "warm" };

export type Step = readonly [State, readonly Effect[]];

/** Pauses before the host is asked again for a token; after them the person is asked. */
const TOKEN_PAUSES_MS: Readonly<Partial<Record<TokenRefusal, readonly number[]>>> = {
  unknown: [500, 1500],
  // Ten seconds have passed already.
  timeout: [0],
};
/** Pauses before an unreachable server is asked again; the last one repeats. */
const SERVER_PAUSES_MS = [3_000, 10_000, 20_000, 30_000];
const BOUNCE_MS = 5_000;
const EARLY_RENEWAL_PAUSE_MS = 5 * 60_000;

/** Troubles that pass by themselves: the shell retries, and at once when the network is back. */
const passing: ReadonlySet<Trouble> = new Set([
  "offline",
  "server_unreachable",
  "server_upgrading",
  "plugin_disabled",
  "microsoft_unavailable",
]);

export function start(online: boolean): Step {
  const state: State = {
    phase: { at: "connecting" },
    host: null,
    wanted: null,
    frame: null,
    online,
    notice: null,
    turn: 0,
    hostTold: false,
  };
  return [state, [{ do: "connect" }, { do: "warm" }]];
}

export function reduce(state: State, event: Event): Step {
  // Answers and timers of an abandoned attempt.
  if ("turn" in event && event.turn !== state.turn) return [state, []];
  const { phase } = state;
  switch (event.is) {
    case "host_ready": {
      if (phase.at !== "connecting") return [state, []];
      const next = { ...state, host: event.host, wanted: event.wanted };
      const loaded: Effect = { do: "tell_host", what: "loaded" };
      if (!event.configured) return also(trouble(next, "not_configured"), loaded);
      if (event.signedOut) return also(trouble(next, "signed_out"), loaded);
      if (!state.online) return also(trouble(next, "offline"), loaded);
      return also(signIn(next, { at: "signing-in", attempt: 0, tries: 0 }), loaded);
    }
    case "host_failed":
      if (phase.at !== "connecting") return [state, []];
      return trouble(state, event.why === "silent" ? "host_silent" : "host_missing");

    case "token_refused":
      return tokenRefused(state, event.why);
    case "session":
      return sessionGranted(state, event);
    case "session_refused":
      if (phase.at === "renewing" && phase.why === "early") return backToOpen(state);
      return trouble(state, refine(state, event.kind), event.requestId);
    case "cookies_refused":
      return trouble(state, "cookies_refused");

    case "frame_ready":
      if (phase.at !== "opening") return [state, []];
      return tellSuccess({ ...state, phase: { at: "open" } }, [{ do: "compare_theme" }]);
    case "frame_broken":
      if (phase.at !== "opening" && phase.at !== "open") return [state, []];
      return trouble(state, state.online ? "server_unreachable" : "offline");
    case "frame_at_login":
      return atLogin(state, event);

    case "external_login":
      if (!state.host) return [state, []];
      return openPopup(state, event.href);
    case "popup_done":
      if (phase.at !== "other-method") return [state, []];
      return [
        { ...state, phase: { at: "signing-in", attempt: 0, tries: 0 } },
        [{ do: "redeem", turn: state.turn, code: event.code, subPageId: state.wanted }],
      ];
    case "popup_failed":
      if (phase.at !== "other-method") return [state, []];
      // Closed by the person: they are where they were before.
      return event.cancelled ? [{ ...state, phase: phase.back }, []] : trouble(state, "popup_failed");

    case "pressed":
      return pressed(state, event.button);

    case "went_offline": {
      const next = { ...state, online: false };
      if (phase.at === "open") return [{ ...next, notice: "offline" }, []];
      if (phase.at === "trouble" && passing.has(phase.kind)) return trouble(next, "offline");
      return [next, []];
    }
    case "went_online": {
      const next = { ...state, online: true, notice: state.notice === "offline" ? null : state.notice };
      if (phase.at === "open") return [next, [{ do: "check_session" }]];
      return phase.at === "trouble" && passing.has(phase.kind) ? tryAgain(next) : [next, []];
    }
    case "plugin_off":
      // Mattermost keeps working, so nothing is taken away from the person.
      return phase.at === "open" ? [{ ...state, notice: "plugin_off" }, []] : [state, []];
    case "plugin_on": {
      const next = { ...state, notice: cleared(state, "plugin_off") };
      return phase.at === "trouble" && phase.kind === "plugin_disabled" ? tryAgain(next) : [next, []];
    }
    case "resumed": {
      // The host expects `notifySuccess` again after every resume (app.lifecycle).
      const told: Effect = { do: "tell_host", what: "success" };
      if (phase.at !== "open") return [{ ...state, wanted: event.wanted ?? state.wanted }, [told]];
      const link: Effect[] = event.wanted === null ? [] : [{ do: "resolve", subPageId: event.wanted }];
      return [state, [told, { do: "check_session" }, ...link]];
    }

    case "link":
      if (phase.at === "open") return [state, [{ do: "resolve", subPageId: event.subPageId }]];
      return [{ ...state, wanted: event.subPageId }, []];
    case "link_resolved":
      if (phase.at !== "open") return [state, []];
      return [
        { ...state, notice: cleared(state, "link_unavailable") },
        [{ do: "navigate", location: event.location }],
      ];
    case "link_unavailable":
      return [{ ...state, notice: "link_unavailable" }, []];

    case "theme_changed": {
      const next = { ...state, notice: cleared(state, "theme_offer") };
      return [next, phase.at === "open" ? [{ do: "compare_theme" }] : []];
    }
    case "other_person": {
      if (phase.at !== "open" || !state.frame) return [state, []];
      const frame = { location: event.location, key: state.frame.key + 1 };
      return [{ ...state, phase: { at: "opening" }, frame, notice: null }, []];
    }

    case "theme_differs":
      return phase.at === "open" && state.notice === null
        ? [{ ...state, notice: "theme_offer" }, []]
        : [state, []];
    case "activity_offer_due":
      return phase.at === "open" && state.notice === null
        ? [{ ...state, notice: "activity_offer" }, []]
        : [state, []];

    case "alarm":
      if (phase.at === "trouble" && phase.retryInMs !== null) return tryAgain(state);
      if (phase.at === "open") return signIn(state, { at: "renewing", why: "early", attempt: 0 });
      return [state, []];
  }
}

function tokenRefused(state: State, why: TokenRefusal): Step {
  const { phase } = state;
  if (phase.at === "consent") {
    return why === "setup"
      ? trouble(state, "registration_mismatch")
      : [{ ...state, phase: { at: "consent", waiting: false, refusedBefore: true } }, []];
  }
  if (phase.at !== "signing-in" && phase.at !== "renewing") return [state, []];
  const again = TOKEN_PAUSES_MS[why]?.[phase.attempt];
  if (again !== undefined) return signIn(state, { ...phase, attempt: phase.attempt + 1 }, again);
  if (phase.at === "renewing" && phase.why === "early") return backToOpen(state);
  if (why === "setup") return trouble(state, "registration_mismatch");
  if (why === "timeout") return trouble(state, "token_unavailable");
  // An unknown refusal gets a button too: there is no closed list of the host's texts (docs/facts/microsoft.md 1.2).
  return tellSuccess({ ...state, phase: { at: "consent", waiting: false, refusedBefore: false } });
}

function sessionGranted(state: State, event: Extract<Event, { is: "session" }>): Step {
  const { phase } = state;
  if (phase.at !== "signing-in" && phase.at !== "consent" && phase.at !== "renewing") return [state, []];
  const renewal: Effect[] =
    event.renewInMs === null ? [] : [{ do: "alarm", turn: state.turn, afterMs: event.renewInMs }];
  const notice = event.linkUnavailable ? "link_unavailable" : state.notice;
  // Renewed in time: the page that the person uses stays untouched.
  if (phase.at === "renewing" && phase.why === "early") {
    return [{ ...state, phase: { at: "open" } }, renewal];
  }
  // After a session that ended, the person is back where they were.
  const location = state.wanted === null && state.frame ? state.frame.location : event.location;
  const key = (state.frame?.key ?? 0) + 1;
  return [
    { ...state, phase: { at: "opening" }, frame: { location, key }, wanted: null, notice },
    [{ do: "check_cookies", turn: state.turn }, { do: "remember_signed_out", value: false }, ...renewal],
  ];
}

function atLogin(state: State, event: Extract<Event, { is: "frame_at_login" }>): Step {
  const { phase } = state;
  // We have a session, but Mattermost does not see it: the cookies were not accepted.
  if (phase.at === "opening") return trouble(state, "cookies_refused");
  if (phase.at !== "open") return [state, []];
  if (!event.expired) {
    return also(trouble({ ...state, frame: null }, "signed_out"), { do: "remember_signed_out", value: true });
  }
  // It ended as soon as it began: signing in again would not help.
  if (event.afterMs < BOUNCE_MS) return trouble(state, "cookies_refused");
  const frame = state.frame && { ...state.frame, location: event.from ?? state.frame.location };
  return signIn({ ...state, frame }, { at: "renewing", why: "expired", attempt: 0 });
}

function pressed(state: State, button: Button): Step {
  const { phase } = state;
  switch (button) {
    case "retry":
      return phase.at === "trouble" ? tryAgain(state) : [state, []];
    case "sign_in":
      if (phase.at !== "trouble") return [state, []];
      return also(tryAgain(state), { do: "remember_signed_out", value: false });
    case "consent": {
      if (phase.at !== "consent") return [state, []];
      const turn = state.turn + 1;
      return [
        { ...state, turn, phase: { ...phase, waiting: true } },
        [{ do: "sign_in", turn, silent: false, afterMs: 0, subPageId: state.wanted }],
      ];
    }
    case "other_method":
      return phase.at === "trouble" || phase.at === "consent" || phase.at === "other-method"
        ? openPopup(state, null)
        : [state, []];
    case "dismiss":
      return [{ ...state, notice: null }, []];
    case "theme_yes":
    case "theme_no":
      if (state.notice !== "theme_offer") return [state, []];
      return [{ ...state, notice: null }, [{ do: "answer_theme", match: button === "theme_yes" }]];
    case "activity_yes":
    case "activity_no":
      if (state.notice !== "activity_offer") return [state, []];
      return [{ ...state, notice: null }, [{ do: "answer_activity_offer", keep: button === "activity_yes" }]];
  }
}

function signIn(state: State, phase: Extract<Phase, { at: "signing-in" | "renewing" }>, afterMs = 0): Step {
  const turn = state.turn + 1;
  return [
    { ...state, turn, phase },
    [{ do: "sign_in", turn, silent: true, afterMs, subPageId: state.wanted }],
  ];
}

function openPopup(state: State, href: string | null): Step {
  const turn = state.turn + 1;
  const back = state.phase.at === "other-method" ? state.phase.back : calm(state.phase);
  return [{ ...state, turn, phase: { at: "other-method", back } }, [{ do: "popup", turn, href }]];
}

/** A page to come back to: it has no running timer any more. */
function calm(phase: Phase): Phase {
  if (phase.at === "consent") return { ...phase, waiting: false };
  return phase.at === "trouble" ? { ...phase, retryInMs: null } : phase;
}

function tryAgain(state: State): Step {
  const tries = state.phase.at === "trouble" ? state.phase.tries : 0;
  if (!state.host) {
    return [{ ...state, turn: state.turn + 1, phase: { at: "connecting" } }, [{ do: "connect" }]];
  }
  return signIn(state, { at: "signing-in", attempt: 0, tries });
}

function trouble(state: State, kind: Trouble, requestId: string | null = null): Step {
  const { phase } = state;
  const tries = "tries" in phase ? phase.tries : 0;
  const retryInMs =
    passing.has(kind) && kind !== "offline"
      ? (SERVER_PAUSES_MS[Math.min(tries, SERVER_PAUSES_MS.length - 1)] ?? null)
      : null;
  const turn = state.turn + 1;
  const next: State = {
    ...state,
    turn,
    notice: null,
    frame: kind === "cookies_refused" || kind === "signed_out" ? null : state.frame,
    phase: { at: "trouble", kind, requestId, retryInMs, tries: tries + 1 },
  };
  return tellSuccess(next, retryInMs === null ? [] : [{ do: "alarm", turn, afterMs: retryInMs }]);
}

/** An early renewal that failed does no harm yet: the session is still valid, and we retry later. */
function backToOpen(state: State): Step {
  return [
    { ...state, phase: { at: "open" } },
    [{ do: "alarm", turn: state.turn, afterMs: EARLY_RENEWAL_PAUSE_MS }],
  ];
}

/**
 * Calls `notifySuccess` when the person sees Mattermost or a helpful page. After `notifyFailure` the host would cover
 * our message with its own error page.
 */
function tellSuccess(state: State, effects: readonly Effect[] = []): Step {
  if (state.hostTold || !state.host) return [state, effects];
  return [{ ...state, hostTold: true }, [...effects, { do: "tell_host", what: "success" }]];
}

/** The server refuses all foreign tokens alike; the page may say that the host is in another organisation. */
function refine(state: State, kind: Trouble): Trouble {
  if (kind === "sign_in_refused" && state.host?.otherOrganisation) return "other_organisation";
  if (kind === "server_unreachable" && !state.online) return "offline";
  return kind;
}

function cleared(state: State, notice: Notice): Notice | null {
  return state.notice === notice ? null : state.notice;
}

function also([state, effects]: Step, ...more: Effect[]): Step {
  return [state, [...more, ...effects]];
}
