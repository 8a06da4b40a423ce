import { describe, expect, test } from "bun:test";
import { reduce, start } from "./reduce.ts";
import type { Event } from "./state.ts";
import { after, done, noToken, open, person, press, ready, refused, session } from "./testing/events.ts";

describe("opening the tab", () => {
  test("connects to the host and preloads Mattermost meanwhile", () => {
    const [state, effects] = start(true);
    expect(state.phase).toEqual({ at: "connecting" });
    expect(effects).toEqual([{ do: "connect" }, { do: "warm" }]);
  });
  test("requests the token silently once the host has answered", () => {
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
  test("success is reported to the host once, when Mattermost is shown", () => {
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
  test("a link that leads nowhere opens Mattermost with a notice", () => {
    const { state } = after(ready, session({ linkUnavailable: true }), { is: "frame_ready" });
    expect(state.notice).toBe("link_unavailable");
  });
  test("requests no token while the plugin is not configured", () => {
    const { state, effects } = after({ ...ready, configured: false } as Event);
    expect(state.phase).toMatchObject({ at: "trouble", kind: "not_configured" });
    expect(done(effects)).not.toContain("sign_in");
  });
});

describe("an answer to an earlier attempt changes nothing", () => {
  const late: Event[] = [
    { is: "session", turn: 0, subPageId: null, location: "/", renewInMs: null, linkUnavailable: false },
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
  test("but the same answer to the current attempt does", () => {
    const { state } = after(...open);
    expect(reduce(state, { is: "cookies_refused", turn: state.turn })[0].phase).toMatchObject({
      kind: "cookies_refused",
    });
  });
  test("nor does the second answer of a host that answers twice", () => {
    const { state } = after(...open);
    expect(reduce(state, ready)).toEqual([state, []]);
  });
});

describe("the token", () => {
  test("is requested twice more after an unknown error, with pauses, and then by a button", () => {
    const first = after(ready, noToken("unknown"));
    expect(first.effects).toMatchObject([{ do: "sign_in", afterMs: 500 }]);
    const second = after(ready, noToken("unknown"), noToken("unknown"));
    expect(second.effects).toMatchObject([{ do: "sign_in", afterMs: 1500 }]);
    const third = after(ready, noToken("unknown"), noToken("unknown"), noToken("unknown"));
    expect(third.state.phase).toEqual({ at: "consent", waiting: false, refusedBefore: false });
  });
  test("that never arrives leads to a text about Microsoft, not to a button for consent", () => {
    expect(after(ready, noToken("timeout")).effects).toMatchObject([{ do: "sign_in", silent: true }]);
    const { state } = after(ready, noToken("timeout"), noToken("timeout"));
    expect(state.phase).toMatchObject({ at: "trouble", kind: "token_unavailable" });
  });
  test("that needs consent waits for a press, and only the press may open a dialog", () => {
    const asked = after(ready, noToken("needs_person"));
    expect(asked.state.phase).toEqual({ at: "consent", waiting: false, refusedBefore: false });
    expect(done(asked.effects)).not.toContain("sign_in");
    const pressed = after(ready, noToken("needs_person"), press("consent"));
    expect(pressed.effects).toMatchObject([{ do: "sign_in", silent: false, afterMs: 0 }]);
    const granted = after(ready, noToken("needs_person"), press("consent"), session());
    expect(granted.state.phase.at).toBe("opening");
  });
  test("that is refused in the dialog leads to another text, which offers another method", () => {
    const { state } = after(ready, noToken("needs_person"), press("consent"), noToken("needs_person"));
    expect(state.phase).toEqual({ at: "consent", waiting: false, refusedBefore: true });
    expect(done(reduce(state, press("other_method"))[1])).toEqual(["popup"]);
  });
  test("that the registration does not allow leads to that explanation at once", () => {
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
  test("explain that the host is in another organisation, if it is", () => {
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
    test(`${kind}: the shell retries by itself, with growing pauses`, () => {
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
  test("are reported to the host as success, because it would cover our explanation with its own error page", () => {
    expect(after(ready, refused("no_account")).effects).toContainEqual({ do: "tell_host", what: "success" });
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
  test("returns to the earlier explanation when the person closes the pop-up", () => {
    const { state } = after(...popup, (state) => ({ is: "popup_failed", turn: state.turn, cancelled: true }));
    expect(state.phase).toMatchObject({ at: "trouble", kind: "no_account" });
  });
  test("explains that the browser blocked the pop-up", () => {
    const { state } = after(...popup, (state) => ({
      is: "popup_failed",
      turn: state.turn,
      cancelled: false,
    }));
    expect(state.phase).toMatchObject({ kind: "popup_failed" });
  });
  test("opens the provider that the login page inside the frame asks for", () => {
    const { effects } = after(...open, { is: "external_login", href: "/login/sso/saml" });
    expect(effects).toMatchObject([{ do: "popup", href: "/login/sso/saml" }]);
  });
});

describe("the host", () => {
  test("is silent or missing: the page explains it, and its button asks the host again", () => {
    const { state, effects } = after({ is: "host_failed", why: "silent" });
    expect(state.phase).toMatchObject({ kind: "host_silent" });
    // There is no host to notify.
    expect(done(effects)).not.toContain("tell_host");
    expect(reduce(state, press("retry"))[1]).toEqual([{ do: "connect" }]);
    expect(after({ is: "host_failed", why: "missing" }).state.phase).toMatchObject({ kind: "host_missing" });
  });
});

describe("the theme", () => {
  test("is offered unless another notice is shown, and is answered once", () => {
    const { state } = after(...open, { is: "theme_differs" });
    expect(state.notice).toBe("theme_offer");
    const [answered, effects] = reduce(state, press("theme_yes"));
    expect([answered.notice, effects]).toEqual([null, [{ do: "answer_theme", match: true }]]);
    expect(reduce(answered, press("theme_yes"))[1]).toEqual([]);
    const busy = after(...open, { is: "link_unavailable" }, { is: "theme_differs" });
    expect(busy.state.notice).toBe("link_unavailable");
  });
});

describe("the question about activities", () => {
  test("is shown unless another notice is, and is answered once", () => {
    const { state } = after(...open, { is: "activity_offer_due" });
    expect(state.notice).toBe("activity_offer");
    const [answered, effects] = reduce(state, press("activity_no"));
    expect([answered.notice, effects]).toEqual([null, [{ do: "answer_activity_offer", keep: false }]]);
    expect(reduce(answered, press("activity_no"))[1]).toEqual([]);
    const busy = after(...open, { is: "link_unavailable" }, { is: "activity_offer_due" });
    expect(busy.state.notice).toBe("link_unavailable");
  });
});
