/** Tests the shell while Mattermost is open: network, sessions, themes, links. */

import { describe, expect, test } from "bun:test";
import { reduce, start } from "./reduce.ts";
import type { Event, State } from "./state.ts";
import { after, done, noToken, open, press, ready, refused, session } from "./testing/events.ts";

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
  test("the page that explains it retries at once when the plugin is on", () => {
    const { state } = after(ready, refused("plugin_disabled"), { is: "plugin_on" });
    expect(state.phase.at).toBe("signing-in");
    expect(after(ready, refused("no_account"), { is: "plugin_on" }).state.phase).toMatchObject({
      kind: "no_account",
    });
  });
  for (const is of ["plugin_off", "went_offline"] as const) {
    const notice = is === "plugin_off" ? is : "offline";
    test(`${is} while Mattermost loads: the notice is there when it is shown`, () => {
      const { state } = after(ready, session(), { is }, { is: "frame_ready" });
      expect([state.phase.at, state.notice]).toEqual(["open", notice]);
    });
    test(`${is} during an early renewal: the notice is shown`, () => {
      const due = ({ turn }: State): Event => ({ is: "alarm", turn });
      const { state } = after(...open, due, { is }, refused("server_unreachable"));
      expect([state.phase.at, state.notice]).toEqual(["open", notice]);
    });
  }
  test("a notice does not cover another message", () => {
    expect(after(ready, refused("no_account"), { is: "plugin_off" }).state.notice).toBeNull();
  });
});

describe("offline and back", () => {
  test("a tab that was opened offline signs in when the network is back", () => {
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
  test("by expiry: it is renewed silently, and the person stays at their place", () => {
    const lost = after(...open, expired);
    expect(lost.state.phase).toMatchObject({ at: "renewing", why: "expired" });
    const [state] = reduce(lost.state, session({ location: "/elsewhere" })(lost.state));
    expect(state.frame).toEqual({ location: "/team/channels/b", key: 2 });
  });
  test("by a log-out: that is remembered, and no token is requested", () => {
    const { state, effects } = after(...open, { ...expired, expired: false } as Event);
    expect(state.phase).toMatchObject({ kind: "signed_out" });
    expect(state.frame).toBeNull();
    expect(effects).toContainEqual({ do: "remember_signed_out", value: true });
    expect(done(effects)).not.toContain("sign_in");
  });
  test("by a log-out: a tab that is opened again stays signed out until the button is pressed", () => {
    const { state, effects } = after({ ...ready, signedOut: true } as Event);
    expect(state.phase).toMatchObject({ kind: "signed_out" });
    expect(done(effects)).not.toContain("sign_in");
    const [, pressed] = reduce(state, press("sign_in"));
    expect(done(pressed)).toEqual(["remember_signed_out", "sign_in"]);
  });
  test("within seconds of its start: it is not renewed in an endless loop", () => {
    const { state } = after(...open, { ...expired, afterMs: 800 } as Event);
    expect(state.phase).toMatchObject({ kind: "cookies_refused" });
  });
  test("before Mattermost is shown: the browser did not accept the cookies", () => {
    const { state } = after(ready, session(), expired);
    expect(state.phase).toMatchObject({ kind: "cookies_refused" });
    expect(state.frame).toBeNull();
  });
});

describe("the host's theme changes", () => {
  test("while Mattermost is open: the themes are compared again, and an earlier offer disappears", () => {
    const offered = after(...open, { is: "theme_differs" }).state;
    expect(offered.notice).toBe("theme_offer");
    const [state, effects] = reduce(offered, { is: "theme_changed" });
    expect([state.notice, ...done(effects)]).toEqual([null, "compare_theme"]);
  });
  test("any other notice stays", () => {
    const { state } = after(...open, { is: "link_unavailable" }, { is: "theme_changed" });
    expect(state.notice).toBe("link_unavailable");
  });
  test("before Mattermost is shown: the themes are not compared", () => {
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

describe("the renewal of a session before its end", () => {
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
  test("keeps the page when it fails, and is retried later", () => {
    for (const failure of [refused("server_unreachable"), noToken("needs_person")]) {
      const { state, effects } = after(...renewing, due, failure);
      expect(state.phase.at).toBe("open");
      expect(effects).toMatchObject([{ do: "alarm", afterMs: 300_000 }]);
    }
  });
});

describe("a pop-up of the login page in the frame, closed by the person", () => {
  const login: Event = { is: "frame_at_login", expired: true, from: "/team/channels/a", afterMs: Infinity };
  const popup: Event = { is: "external_login", href: "/oauth/gitlab/login" };
  const closed = ({ turn }: State): Event => ({ is: "popup_failed", turn, cancelled: true });

  test("during a renewal: the renewal begins once more, because its answer is no longer awaited", () => {
    const { effects, state } = after(...open, login, popup, closed);
    expect(state.phase.at).toBe("renewing");
    expect(effects).toMatchObject([{ do: "sign_in", turn: state.turn }]);
  });
  test("while Mattermost is open: the session is still renewed in time", () => {
    const { effects, state } = after(...open, popup, closed);
    expect(state.phase.at).toBe("open");
    expect(effects).toMatchObject([{ do: "alarm", turn: state.turn }]);
  });
});

describe("links", () => {
  test("navigate inside the open Mattermost, without a reload", () => {
    const asked = after(...open, { is: "link", subPageId: "post_x" });
    expect(asked.effects).toEqual([{ do: "resolve", subPageId: "post_x" }]);
    const [state, effects] = reduce(asked.state, {
      is: "link_resolved",
      subPageId: "post_x",
      location: "/team/pl/x",
    });
    expect(effects).toEqual([{ do: "navigate", location: "/team/pl/x" }]);
    expect(state.frame).toEqual(asked.state.frame);
  });
  test("that lead nowhere show a notice, and the person stays", () => {
    const { state } = after(...open, { is: "link_unavailable" });
    expect([state.phase.at, state.notice]).toEqual(["open", "link_unavailable"]);
  });
  test("that arrive before the sign-in are opened with it", () => {
    const { effects, state } = after({ is: "link", subPageId: "post_x" }, {
      ...ready,
      wanted: "post_x",
    } as Event);
    expect(effects).toMatchObject([{ do: "tell_host" }, { do: "sign_in", subPageId: "post_x" }]);
    const [, later] = reduce(reduce(state, session()(state))[0], { is: "frame_ready" });
    expect(done(later)).not.toContain("resolve");
  });
  const link: Event = { is: "link", subPageId: "post_x" };
  const unasked = session({ subPageId: null, location: "/elsewhere" });
  const ways = {
    "during the sign-in": [ready, link, unasked, { is: "frame_ready" }],
    "while Mattermost loads": [ready, unasked, link, { is: "frame_ready" }],
    "during an early renewal": [
      ...open,
      ({ turn }: State): Event => ({ is: "alarm", turn }),
      link,
      session({ subPageId: null }),
    ],
    "during an early renewal that fails": [
      ...open,
      ({ turn }: State): Event => ({ is: "alarm", turn }),
      link,
      refused("server_unreachable"),
    ],
    "during a renewal after the end": [
      ...open,
      { is: "frame_at_login", expired: true, from: "/team/channels/b", afterMs: 60_000 },
      link,
      unasked,
      { is: "frame_ready" },
    ],
  } satisfies Record<string, (Event | ((state: State) => Event))[]>;
  for (const [when, events] of Object.entries(ways)) {
    test(`that arrive ${when} are followed once Mattermost is open, and only once`, () => {
      const { effects, state } = after(...events);
      expect(effects).toContainEqual({ do: "resolve", subPageId: "post_x" });
      const answer: Event = { is: "link_resolved", subPageId: "post_x", location: "/team/pl/x" };
      const [followed, navigation] = reduce(state, answer);
      expect(done(navigation)).toEqual(["navigate"]);
      expect([followed.phase.at, followed.wanted]).toEqual(["open", null]);
      expect(reduce(followed, answer)[1]).toEqual([]);
      // The renewed page is where the person was, not where the sign-in without a link leads.
      if (when.endsWith("after the end")) expect(state.frame?.location).toBe("/team/channels/b");
    });
  }
  test("of two links the later one is followed, although the earlier one is answered last", () => {
    const { state } = after(
      ...open,
      link,
      { is: "link", subPageId: "post_y" },
      { is: "link_resolved", subPageId: "post_y", location: "/team/pl/y" },
    );
    expect(reduce(state, { is: "link_resolved", subPageId: "post_x", location: "/team/pl/x" })[1]).toEqual(
      [],
    );
    const late = reduce(state, { is: "link_unavailable", subPageId: "post_x" })[0];
    expect(late.notice).toBeNull();
  });
  test("that are answered during an early renewal are followed", () => {
    const due = ({ turn }: State): Event => ({ is: "alarm", turn });
    const { state } = after(...open, link, due);
    const resolved: Event = { is: "link_resolved", subPageId: "post_x", location: "/team/pl/x" };
    const [followed, effects] = reduce(state, resolved);
    expect(done(effects)).toEqual(["navigate"]);
    expect(done(reduce(followed, session()(followed))[1])).not.toContain("resolve");
    expect(done(reduce(state, session()(state))[1])).toContain("resolve");
  });
  for (const [how, arrives] of [
    ["brings the person back", { is: "resumed", wanted: "post_x" }],
    ["is pressed", link],
  ] as const)
    test(`a link that ${how} when the session has ended is followed after the next sign-in`, () => {
      const { effects, state } = after(
        ...open,
        arrives,
        { is: "link_needs_session", subPageId: "post_x" },
        { is: "frame_at_login", expired: true, from: "/team/channels/a", afterMs: Infinity },
      );
      expect(state.notice).toBeNull();
      expect(effects).toMatchObject([{ do: "sign_in", subPageId: "post_x" }]);
      expect(after(...open, arrives, { is: "link_needs_session", subPageId: "post_x" }).effects).toEqual([
        { do: "check_session" },
      ]);
    });
  test("that arrive with a resume are followed after the session is checked", () => {
    const { effects } = after(...open, { is: "resumed", wanted: "post_x" });
    expect(done(effects)).toEqual(["tell_host", "check_session", "resolve"]);
  });
});
