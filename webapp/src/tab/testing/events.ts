/** Events for tests of the shell, and the state and effects to which they lead. */

import { reduce, start } from "../reduce.ts";
import type { Effect, Event, State, Trouble } from "../state.ts";

export const person = { personKey: "person", otherOrganisation: false };
export const ready: Event = {
  is: "host_ready",
  host: person,
  configured: true,
  signedOut: false,
  wanted: null,
};
export const done = (effects: readonly Effect[]) => effects.map((effect) => effect.do);

/** Applies events one after another; `turn: "now"` is filled in. */
export function after(...events: (Event | ((state: State) => Event))[]): {
  state: State;
  effects: readonly Effect[];
} {
  let [state, effects] = start(true);
  for (const event of events) {
    [state, effects] = reduce(state, typeof event === "function" ? event(state) : event);
  }
  return { state, effects };
}
export const session =
  (over: Partial<Extract<Event, { is: "session" }>> = {}) =>
  (state: State): Event => ({
    is: "session",
    turn: state.turn,
    // The sub-page id of the request, unless a test sets another one.
    subPageId: state.wanted,
    location: "/",
    renewInMs: null,
    linkUnavailable: false,
    ...over,
  });
export const refused =
  (kind: Trouble) =>
  (state: State): Event => ({ is: "session_refused", turn: state.turn, kind, requestId: "r1" });
export const noToken =
  (why: Extract<Event, { is: "token_refused" }>["why"]) =>
  (state: State): Event => ({ is: "token_refused", turn: state.turn, why });
export const press = (button: Extract<Event, { is: "pressed" }>["button"]): Event => ({
  is: "pressed",
  button,
});
export const open = [ready, session(), { is: "frame_ready" }] as const;
