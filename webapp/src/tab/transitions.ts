/** The transitions that several events share: to trouble and back, a sign-in, a renewal that failed. */

import type { Effect, Notice, Phase, State, Step, Trouble } from "./state.ts";

/** Pauses before an unreachable server is asked again; the last one repeats. */
const SERVER_PAUSES_MS = [3_000, 10_000, 20_000, 30_000];
const EARLY_RENEWAL_PAUSE_MS = 5 * 60_000;

/** Troubles that end by themselves: the shell retries after a pause, or at once when the network is back. */
export const transient: ReadonlySet<Trouble> = new Set([
  "offline",
  "server_unreachable",
  "server_upgrading",
  "plugin_disabled",
  "microsoft_unavailable",
]);

export function signIn(
  state: State,
  phase: Extract<Phase, { at: "signing-in" | "renewing" }>,
  afterMs = 0,
): Step {
  const turn = state.turn + 1;
  return [
    { ...state, turn, phase },
    [{ do: "sign_in", turn, silent: true, afterMs, subPageId: state.wanted }],
  ];
}

export function openPopup(state: State, href: string | null): Step {
  const turn = state.turn + 1;
  const back = state.phase.at === "other-method" ? state.phase.back : withoutTimer(state.phase);
  return [{ ...state, turn, phase: { at: "other-method", back } }, [{ do: "popup", turn, href }]];
}

/** The screen to return to, without its running timer. */
function withoutTimer(phase: Phase): Phase {
  if (phase.at === "consent") return { ...phase, waiting: false };
  return phase.at === "trouble" ? { ...phase, retryInMs: null } : phase;
}

export function tryAgain(state: State): Step {
  const tries = state.phase.at === "trouble" ? state.phase.tries : 0;
  if (!state.host) {
    return [{ ...state, turn: state.turn + 1, phase: { at: "connecting" } }, [{ do: "connect" }]];
  }
  return signIn(state, { at: "signing-in", attempt: 0, tries });
}

export function trouble(state: State, kind: Trouble, requestId: string | null = null): Step {
  const { phase } = state;
  const tries = "tries" in phase ? phase.tries : 0;
  const retryInMs =
    transient.has(kind) && kind !== "offline"
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

/** Returns to the screen before a pop-up. Answers and timers of before belong to an earlier turn, so they are dropped. */
export function backFrom(state: State, phase: Phase): Step {
  if (phase.at === "signing-in" || phase.at === "renewing") return signIn(state, phase);
  return phase.at === "open" ? backToOpen(state) : [{ ...state, phase }, []];
}

/** An early renewal that failed does no harm yet: the session is still valid, and we retry later. */
export function backToOpen(state: State): Step {
  return opened(state, { do: "alarm", turn: state.turn, afterMs: EARLY_RENEWAL_PAUSE_MS });
}

/** Mattermost is open, and follows the link that arrived before that. */
export function opened(state: State, ...effects: Effect[]): Step {
  const { wanted } = state;
  const link: Effect[] = wanted === null ? [] : [{ do: "resolve", subPageId: wanted }];
  return [{ ...state, phase: { at: "open" } }, [...effects, ...link]];
}

/**
 * Calls `notifySuccess` when the person sees Mattermost or a helpful page. After `notifyFailure` the host would cover
 * our message with its own error page.
 */
export function tellSuccess(state: State, effects: readonly Effect[] = []): Step {
  if (state.hostNotified || !state.host) return [state, effects];
  return [{ ...state, hostNotified: true }, [...effects, { do: "tell_host", what: "success" }]];
}

/** The server uses one code for all refused tokens; only the page knows that the host is in another organisation. */
export function refine(state: State, kind: Trouble): Trouble {
  if (kind === "sign_in_refused" && state.host?.otherOrganisation) return "other_organisation";
  if (kind === "server_unreachable" && !state.online) return "offline";
  return kind;
}

export function cleared(state: State, notice: Notice): Notice | null {
  return state.notice === notice ? null : state.notice;
}

export function also([state, effects]: Step, ...more: Effect[]): Step {
  return [state, [...more, ...effects]];
}
