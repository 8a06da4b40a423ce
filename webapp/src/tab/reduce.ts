/**
 * The shell's behaviour as one pure function: `reduce(state, event)` returns the next state and the effects to run.
 * Nothing here reads a clock, the page or the network.
 */

import type { Button, Effect, Event, Phase, State, Step, TokenRefusal } from "./state.ts";
import {
  also,
  backFrom,
  backToOpen,
  cleared,
  opened,
  openPopup,
  refine,
  signIn,
  tellSuccess,
  transient,
  trouble,
  tryAgain,
} from "./transitions.ts";

/** Pauses before the host is asked again for a token; after them the person is asked. */
const TOKEN_PAUSES_MS: Readonly<Partial<Record<TokenRefusal, readonly number[]>>> = {
  unknown: [500, 1500],
  // The time limit of the request has already taken ten seconds.
  timeout: [0],
};
const BOUNCE_MS = 5_000;
export function start(online: boolean): Step {
  const state: State = {
    phase: { at: "connecting" },
    host: null,
    wanted: null,
    frame: null,
    online,
    notice: null,
    turn: 0,
    hostNotified: false,
  };
  return [state, [{ do: "connect" }, { do: "warm" }]];
}

export function reduce(state: State, event: Event): Step {
  // Ignores answers and timers of an abandoned attempt.
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
      return tellSuccess(...opened(state, { do: "compare_theme" }));
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
      // The person closed the window, and returns to the earlier screen.
      return event.cancelled ? backFrom(state, phase.back) : trouble(state, "popup_failed");

    case "pressed":
      return pressed(state, event.button);

    case "went_offline": {
      const next = { ...state, online: false };
      if (mayHaveNotice(phase)) return [{ ...next, notice: "offline" }, []];
      if (phase.at === "trouble" && transient.has(phase.kind)) return trouble(next, "offline");
      return [next, []];
    }
    case "went_online": {
      const next = { ...state, online: true, notice: state.notice === "offline" ? null : state.notice };
      if (phase.at === "open") return [next, [{ do: "check_session" }]];
      return phase.at === "trouble" && transient.has(phase.kind) ? tryAgain(next) : [next, []];
    }
    case "plugin_off":
      // Mattermost keeps working, so it stays on the screen.
      return mayHaveNotice(phase) ? [{ ...state, notice: "plugin_off" }, []] : [state, []];
    case "plugin_on": {
      const next = { ...state, notice: cleared(state, "plugin_off") };
      return phase.at === "trouble" && phase.kind === "plugin_disabled" ? tryAgain(next) : [next, []];
    }
    case "resumed": {
      // The host expects `notifySuccess` again after every resume (app.lifecycle).
      const success: Effect = { do: "tell_host", what: "success" };
      if (phase.at !== "open") return [{ ...state, wanted: event.wanted ?? state.wanted }, [success]];
      const link: Effect[] = event.wanted === null ? [] : [{ do: "resolve", subPageId: event.wanted }];
      return [
        { ...state, wanted: event.wanted ?? state.wanted },
        [success, { do: "check_session" }, ...link],
      ];
    }

    case "link":
      return [
        { ...state, wanted: event.subPageId },
        phase.at === "open" ? [{ do: "resolve", subPageId: event.subPageId }] : [],
      ];
    case "link_resolved":
      if (!isAwaited(state, event.subPageId)) return [state, []];
      return [
        { ...state, wanted: null, notice: cleared(state, "link_unavailable") },
        [{ do: "navigate", location: event.location }],
      ];
    case "link_unavailable":
      if (event.subPageId === undefined) return [{ ...state, notice: "link_unavailable" }, []];
      if (!isAwaited(state, event.subPageId)) return [state, []];
      return [{ ...state, wanted: null, notice: "link_unavailable" }, []];
    case "link_needs_session":
      return [state, isAwaited(state, event.subPageId) ? [{ do: "check_session" }] : []];

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

const isShown = (phase: Phase): boolean =>
  phase.at === "open" || (phase.at === "renewing" && phase.why === "early");

/** An answer about an earlier link than the last one changes nothing, nor does one that a sign-in will follow. */
const isAwaited = ({ phase, wanted }: State, subPageId: string): boolean =>
  isShown(phase) && wanted === subPageId;

/** Whether the person sees Mattermost, or is about to. */
const mayHaveNotice = (phase: Phase): boolean => phase.at === "opening" || isShown(phase);

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
  // The session was renewed in time, so the shown page stays as it is.
  if (phase.at === "renewing" && phase.why === "early") return opened(state, ...renewal);
  // A link that arrived after the request is followed once Mattermost is open.
  const wanted = state.wanted === event.subPageId ? null : state.wanted;
  // After an expired session, the person returns to the place where they were.
  const location = event.subPageId === null && state.frame ? state.frame.location : event.location;
  const key = (state.frame?.key ?? 0) + 1;
  return [
    { ...state, phase: { at: "opening" }, frame: { location, key }, wanted, notice },
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
  // The session ended within seconds of its start: signing in again would not help.
  if (event.afterMs < BOUNCE_MS) return trouble(state, "cookies_refused");
  const frame = state.frame && { ...state.frame, location: event.from ?? state.frame.location };
  return signIn({ ...state, frame }, { at: "renewing", why: "expired", attempt: 0 });
}

export function pressed(state: State, button: Button): Step {
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
