import { describe, expect, test } from "bun:test";
import { type Effect, type Event, reduce, type State, start, type Trouble } from "./state.ts";

const person = { personKey: "person", otherOrganisation: false };
const ready: Event = { is: "host_ready", host: person, configured: true, signedOut: false, wanted: null };
const done = (effects: readonly Effect[]) => effects.map((effect) => effect.do);

/** Applies events one after another; `turn: "now"` is filled in. */
function after(...events: (Event | ((state: State) => Event))[]): {
  state: State;
  effects: readonly Effect[];
} {
  let [state, effects] = start(true);
  for (const event of events) {
    [state, effects] = reduce(state, typeof event === "function" ? event(state) : event);
  }
  return { state, effects };
}
const session =
  (over: Partial<Extract<Event, { is: "session" }>> = {}) =>
  (state: State): Event => ({
    is: "session",
    turn: state.turn,
    location: "/",
    renewInMs: null,
    linkUnavailable: false,
    ...over,
  });
const refused =
  (kind: Trouble) =>
  (state: State): Event => ({ is: "session_refused", turn: state.turn, kind, requestId: "r1" });
const noToken =
  (why: Extract<Event, { is: "token_refused" }>["why"]) =>
  (state: State): Event => ({ is: "token_refused", turn: state.turn, why });
const press = (button: Extract<Event, { is: "pressed" }>["button"]): Event => ({ is: "pressed", button });
const open = [ready, session(), { is: "frame_ready" }] as const;

describe("opening the tab", () => {
  test("asks the host, and preloads Mattermost meanwhile", () => {
    const [state, effects] = start(true);
    expect(state.phase).toEqual({ at: "connecting" });
    expect(effects).toEqual([{ do: "connect" }, { do: "warm" }]);
  });
  test("then asks for the token, silently", () => {
    const { state, effects } = after(ready);
    expect(state.phase.at).toBe("signing-in");
    expect(done(effects)).toEqual(["tell_host", "sign_in"]);
    expect(effects.find((effect) => effect.do === "sign_in")).toMatchObject({ silent: true, afterMs: 0 });
  });
  test("a session opens the frame at its place", () => {
    const { state, effects } = after(ready, session({ location: "/team/channels/a" }));
    expect(state.phase.at).toBe("opening");
    expect(state.frame).toEqual({ location: "/team/channels/a", key: 1 });
    expect(done(effects)).toEqual(["check_cookies", "remember_signed_out"]);
  });
  test("success is reported once, when Mattermost is shown", () => {
    const { state, effects } = after(...open);
    expect(state.phase.at).toBe("open");
    expect(effects).toContainEqual({ do: "tell_host", what: "success" });
    const [, again] = reduce({ ...state, phase: { at: "opening" } }, { is: "frame_ready" });
    expect(done(again)).not.toContain("tell_host");
  });
  test("a link is requested together with the sign-in", () => {
    const { effects } = after({ ...ready, wanted: "post_x" } as Event);
    expect(effects.find((effect) => effect.do === "sign_in")).toMatchObject({ subPageId: "post_x" });
  });
  test("a link to nothing opens Mattermost and says so", () => {
    const { state } = after(ready, session({ linkUnavailable: true }), { is: "frame_ready" });
    expect(state.notice).toBe("link_unavailable");
  });
  test("not configured: no token is requested", () => {
    const { state, effects } = after({ ...ready, configured: false } as Event);
    expect(state.phase).toMatchObject({ at: "trouble", kind: "not_configured" });
    expect(done(effects)).not.toContain("sign_in");
  });
});

describe("late answers and those of another attempt change nothing", () => {
  const late: Event[] = [
    { is: "session", turn: 0, location: "/", renewInMs: null, linkUnavailable: false },
    { is: "session_refused", turn: 0, kind: "unknown", requestId: null },
    { is: "token_refused", turn: 0, why: "unknown" },
    { is: "cookies_refused", turn: 0 },
    { is: "popup_done", turn: 0, code: "c" },
    { is: "popup_failed", turn: 0, cancelled: true },
    { is: "alarm", turn: 0 },
  ];
  for (const event of late) {
    test(event.is, () => {
      const { state } = after(...open);
      expect(reduce(state, event)).toEqual([state, []]);
    });
  }
  test("the same answer in its own turn is used", () => {
    const { state } = after(...open);
    expect(reduce(state, { is: "cookies_refused", turn: state.turn })[0].phase).toMatchObject({
      kind: "cookies_refused",
    });
  });
  test("a host that answers twice connects once", () => {
    const { state } = after(...open);
    expect(reduce(state, ready)).toEqual([state, []]);
  });
});

describe("the token", () => {
  test("a temporary failure is retried twice, with pauses", () => {
    const first = after(ready, noToken("unknown"));
    expect(first.effects).toMatchObject([{ do: "sign_in", afterMs: 500 }]);
    const second = after(ready, noToken("unknown"), noToken("unknown"));
    expect(second.effects).toMatchObject([{ do: "sign_in", afterMs: 1500 }]);
    const third = after(ready, noToken("unknown"), noToken("unknown"), noToken("unknown"));
    expect(third.state.phase).toEqual({ at: "consent", waiting: false, refusedBefore: false });
  });
  test("no answer ends in a message about Microsoft, not in a button for consent", () => {
    expect(after(ready, noToken("timeout")).effects).toMatchObject([{ do: "sign_in", silent: true }]);
    const { state } = after(ready, noToken("timeout"), noToken("timeout"));
    expect(state.phase).toMatchObject({ at: "trouble", kind: "token_unavailable" });
  });
  test("consent waits for a press, and only the press may open a dialog", () => {
    const asked = after(ready, noToken("needs_person"));
    expect(asked.state.phase).toEqual({ at: "consent", waiting: false, refusedBefore: false });
    expect(done(asked.effects)).not.toContain("sign_in");
    const pressed = after(ready, noToken("needs_person"), press("consent"));
    expect(pressed.effects).toMatchObject([{ do: "sign_in", silent: false, afterMs: 0 }]);
    const granted = after(ready, noToken("needs_person"), press("consent"), session());
    expect(granted.state.phase.at).toBe("opening");
  });
  test("refused in the dialog: another message, and another method", () => {
    const { state } = after(ready, noToken("needs_person"), press("consent"), noToken("needs_person"));
    expect(state.phase).toEqual({ at: "consent", waiting: false, refusedBefore: true });
    expect(done(reduce(state, press("other_method"))[1])).toEqual(["popup"]);
  });
  test("a wrong registration is reported at once", () => {
    expect(after(ready, noToken("setup")).state.phase).toMatchObject({ kind: "registration_mismatch" });
  });
});

describe("refusals of the server", () => {
  test("carry the request id", () => {
    expect(after(ready, refused("no_account")).state.phase).toMatchObject({
      at: "trouble",
      kind: "no_account",
      requestId: "r1",
      retryInMs: null,
    });
  });
  test("a refused token in a foreign organisation says whose Mattermost it is not", () => {
    const foreign = { ...ready, host: { ...person, otherOrganisation: true } } as Event;
    expect(after(foreign, refused("sign_in_refused")).state.phase).toMatchObject({
      kind: "other_organisation",
    });
    expect(after(foreign, refused("no_account")).state.phase).toMatchObject({ kind: "no_account" });
    expect(after(ready, refused("sign_in_refused")).state.phase).toMatchObject({ kind: "sign_in_refused" });
  });
  for (const kind of [
    "server_unreachable",
    "server_upgrading",
    "plugin_disabled",
    "microsoft_unavailable",
  ] as const) {
    test(`${kind}: the shell retries, ever more slowly`, () => {
      const first = after(ready, refused(kind));
      expect(first.state.phase).toMatchObject({ retryInMs: 3000 });
      expect(first.effects).toContainEqual({ do: "alarm", turn: first.state.turn, afterMs: 3000 });
      const [trying, effects] = reduce(first.state, { is: "alarm", turn: first.state.turn });
      expect(done(effects)).toEqual(["sign_in"]);
      const [second] = reduce(trying, refused(kind)(trying));
      expect(second.phase).toMatchObject({ retryInMs: 10_000 });
    });
  }
  for (const kind of [
    "no_account",
    "sign_in_refused",
    "account_deactivated",
    "too_many_attempts",
    "tenant_unknown",
    "directory_refused",
  ] as const) {
    test(`${kind} waits for the person`, () => {
      const { state, effects } = after(ready, refused(kind));
      expect(done(effects)).not.toContain("alarm");
      expect(done(reduce(state, press("retry"))[1])).toEqual(["sign_in"]);
    });
  }
  test("a page with a button is a success for the host, which must not cover it", () => {
    expect(after(ready, refused("no_account")).effects).toContainEqual({ do: "tell_host", what: "success" });
  });
});

describe("the plugin is switched off and on while the tab is open", () => {
  test("shows a notice; Mattermost stays as it is", () => {
    const { state, effects } = after(...open, { is: "plugin_off" });
    expect([state.phase.at, state.notice, state.frame?.key]).toEqual(["open", "plugin_off", 1]);
    expect(effects).toEqual([]);
  });
  test("the notice disappears when the plugin is back, and other notices stay", () => {
    expect(after(...open, { is: "plugin_off" }, { is: "plugin_on" }).state.notice).toBeNull();
    const other = after(...open, { is: "plugin_off" }, { is: "link_unavailable" }, { is: "plugin_on" });
    expect(other.state.notice).toBe("link_unavailable");
  });
  test("on the page that says so, it retries at once", () => {
    const { state } = after(ready, refused("plugin_disabled"), { is: "plugin_on" });
    expect(state.phase.at).toBe("signing-in");
    expect(after(ready, refused("no_account"), { is: "plugin_on" }).state.phase).toMatchObject({
      kind: "no_account",
    });
  });
  test("a notice does not cover another message", () => {
    expect(after(ready, refused("no_account"), { is: "plugin_off" }).state.notice).toBeNull();
  });
});

describe("offline and back", () => {
  test("opened offline", () => {
    const [offline] = start(false);
    const [state] = reduce(offline, ready);
    expect(state.phase).toMatchObject({ kind: "offline" });
    const [online, effects] = reduce(state, { is: "went_online" });
    expect(online.phase.at).toBe("signing-in");
    expect(done(effects)).toEqual(["sign_in"]);
  });
  test("while Mattermost is open: a notice, and the session is checked afterwards", () => {
    const { state } = after(...open, { is: "went_offline" });
    expect([state.phase.at, state.notice]).toEqual(["open", "offline"]);
    const [back, effects] = reduce(state, { is: "went_online" });
    expect([back.notice, ...done(effects)]).toEqual([null, "check_session"]);
  });
  test("a permanent refusal is not retried when the network comes back", () => {
    const { state } = after(ready, refused("no_account"), { is: "went_offline" });
    expect(reduce(state, { is: "went_online" })[1]).toEqual([]);
  });
});

describe("the session ends", () => {
  const expired: Event = { is: "frame_at_login", expired: true, from: "/team/channels/b", afterMs: 60_000 };
  test("by expiry: renewed silently, back where the person was", () => {
    const lost = after(...open, expired);
    expect(lost.state.phase).toMatchObject({ at: "renewing", why: "expired" });
    const [state] = reduce(lost.state, session({ location: "/elsewhere" })(lost.state));
    expect(state.frame).toEqual({ location: "/team/channels/b", key: 2 });
  });
  test("explicitly: respected and remembered, no token is requested", () => {
    const { state, effects } = after(...open, { ...expired, expired: false } as Event);
    expect(state.phase).toMatchObject({ kind: "signed_out" });
    expect(state.frame).toBeNull();
    expect(effects).toContainEqual({ do: "remember_signed_out", value: true });
    expect(done(effects)).not.toContain("sign_in");
  });
  test("opened again after that: still signed out, until the button", () => {
    const { state, effects } = after({ ...ready, signedOut: true } as Event);
    expect(state.phase).toMatchObject({ kind: "signed_out" });
    expect(done(effects)).not.toContain("sign_in");
    const [, pressed] = reduce(state, press("sign_in"));
    expect(done(pressed)).toEqual(["remember_signed_out", "sign_in"]);
  });
  test("at once: no endless loop", () => {
    const { state } = after(...open, { ...expired, afterMs: 800 } as Event);
    expect(state.phase).toMatchObject({ kind: "cookies_refused" });
  });
  test("while opening: the cookies were not accepted", () => {
    const { state } = after(ready, session(), expired);
    expect(state.phase).toMatchObject({ kind: "cookies_refused" });
    expect(state.frame).toBeNull();
  });
});

describe("the host's theme changes", () => {
  test("while open: compared again, and a former offer disappears", () => {
    const offered = after(...open, { is: "theme_differs" }).state;
    expect(offered.notice).toBe("theme_offer");
    const [state, effects] = reduce(offered, { is: "theme_changed" });
    expect([state.notice, ...done(effects)]).toEqual([null, "compare_theme"]);
  });
  test("any other notice stays", () => {
    const { state } = after(...open, { is: "link_unavailable" }, { is: "theme_changed" });
    expect(state.notice).toBe("link_unavailable");
  });
  test("before Mattermost is shown: nothing to compare with", () => {
    expect(after(ready, { is: "theme_changed" }).effects).toEqual([]);
  });
});

describe("another tab of this browser signs somebody else in", () => {
  test("the shown page is removed; the front page is loaded with the new cookies", () => {
    const { state, effects } = after(...open, { is: "other_person", location: "/mm/" });
    expect(state.phase.at).toBe("opening");
    expect(state.frame).toEqual({ location: "/mm/", key: 2 });
    expect(effects).toEqual([]);
  });
  test("while something else is shown: no frame appears", () => {
    const { state } = after(ready, refused("no_account"), { is: "other_person", location: "/" });
    expect([state.phase.at, state.frame]).toEqual(["trouble", null]);
  });
});

describe("renewal before the end", () => {
  const renewing = [
    ...open.slice(0, 1),
    session({ renewInMs: 1000 }),
    { is: "frame_ready" } as Event,
  ] as const;
  const due = (state: State): Event => ({ is: "alarm", turn: state.turn });
  test("keeps the page as it is", () => {
    const before = after(...renewing);
    const { state } = after(...renewing, due, session({ renewInMs: 1000 }));
    expect(state.phase.at).toBe("open");
    expect(state.frame).toEqual(before.state.frame);
  });
  test("a failed renewal keeps the page too, and is retried later", () => {
    for (const failure of [refused("server_unreachable"), noToken("needs_person")]) {
      const { state, effects } = after(...renewing, due, failure);
      expect(state.phase.at).toBe("open");
      expect(effects).toMatchObject([{ do: "alarm", afterMs: 300_000 }]);
    }
  });
});

describe("links while open", () => {
  test("navigate inside Mattermost, without a reload", () => {
    const asked = after(...open, { is: "link", subPageId: "post_x" });
    expect(asked.effects).toEqual([{ do: "resolve", subPageId: "post_x" }]);
    const [state, effects] = reduce(asked.state, { is: "link_resolved", location: "/team/pl/x" });
    expect(effects).toEqual([{ do: "navigate", location: "/team/pl/x" }]);
    expect(state.frame).toEqual(asked.state.frame);
  });
  test("to nothing: a notice, and the person stays", () => {
    const { state } = after(...open, { is: "link_unavailable" });
    expect([state.phase.at, state.notice]).toEqual(["open", "link_unavailable"]);
  });
  test("while signing in: kept for the sign-in", () => {
    expect(after(ready, { is: "link", subPageId: "post_x" }).state.wanted).toBe("post_x");
  });
  test("with a resume", () => {
    const { effects } = after(...open, { is: "resumed", wanted: "post_x" });
    expect(done(effects)).toEqual(["tell_host", "check_session", "resolve"]);
  });
});

describe("another method", () => {
  const popup = [ready, refused("no_account"), press("other_method")] as const;
  test("opens one pop-up, and its code becomes a session", () => {
    const waiting = after(...popup);
    expect(waiting.effects).toMatchObject([{ do: "popup", href: null }]);
    const coded = after(...popup, (state) => ({ is: "popup_done", turn: state.turn, code: "c" }));
    expect(coded.effects).toMatchObject([{ do: "redeem", code: "c" }]);
    const [state] = reduce(coded.state, session()(coded.state));
    expect(state.phase.at).toBe("opening");
  });
  test("closed by the person: back to the former message", () => {
    const { state } = after(...popup, (state) => ({ is: "popup_failed", turn: state.turn, cancelled: true }));
    expect(state.phase).toMatchObject({ at: "trouble", kind: "no_account" });
  });
  test("blocked: says so", () => {
    const { state } = after(...popup, (state) => ({
      is: "popup_failed",
      turn: state.turn,
      cancelled: false,
    }));
    expect(state.phase).toMatchObject({ kind: "popup_failed" });
  });
  test("requested by the login page inside, for one provider", () => {
    const { effects } = after(...open, { is: "external_login", href: "/login/sso/saml" });
    expect(effects).toMatchObject([{ do: "popup", href: "/login/sso/saml" }]);
  });
});

describe("the host", () => {
  test("silent or missing: a message, and the button asks it again", () => {
    const { state, effects } = after({ is: "host_failed", why: "silent" });
    expect(state.phase).toMatchObject({ kind: "host_silent" });
    // A host that is absent cannot be told anything.
    expect(done(effects)).not.toContain("tell_host");
    expect(reduce(state, press("retry"))[1]).toEqual([{ do: "connect" }]);
    expect(after({ is: "host_failed", why: "missing" }).state.phase).toMatchObject({ kind: "host_missing" });
  });
});

describe("the theme", () => {
  test("is offered without replacing another notice, and answered once", () => {
    const { state } = after(...open, { is: "theme_differs" });
    expect(state.notice).toBe("theme_offer");
    const [answered, effects] = reduce(state, press("theme_yes"));
    expect([answered.notice, effects]).toEqual([null, [{ do: "answer_theme", match: true }]]);
    expect(reduce(answered, press("theme_yes"))[1]).toEqual([]);
    const busy = after(...open, { is: "link_unavailable" }, { is: "theme_differs" });
    expect(busy.state.notice).toBe("link_unavailable");
  });
});

describe("activities", () => {
  test("a person who arrives from one is asked once, without replacing another notice", () => {
    const { state } = after(...open, { is: "activity_offer_due" });
    expect(state.notice).toBe("activity_offer");
    const [answered, effects] = reduce(state, press("activity_no"));
    expect([answered.notice, effects]).toEqual([null, [{ do: "answer_activity_offer", keep: false }]]);
    expect(reduce(answered, press("activity_no"))[1]).toEqual([]);
    const busy = after(...open, { is: "link_unavailable" }, { is: "activity_offer_due" });
    expect(busy.state.notice).toBe("link_unavailable");
  });
});
