/** Connects the pure state machine to host, server, frame and screen: it runs every effect. */

import React from "react";
import { createRoot } from "react-dom/client";
import { activityOfferDue, answerActivityOffer } from "./activity-offer.ts";
import { startDownloads } from "./downloads-bar.tsx";
import { follow } from "./follow.ts";
import {
  connectHost,
  HostError,
  type HostTheme,
  readShownTheme,
  refusedToken,
  shareLink,
  TokenError,
  teamsToken,
  tellHost,
} from "./host.ts";
import { hostFacts } from "./host-facts.ts";
import { forgetLogOut, type Inner, loggedOut, TypedText, watchInner } from "./inner.ts";
import { watchLinks } from "./links.ts";
import { outside, webUrlOf } from "./outside.ts";
import type { PageConfig } from "./page-config.ts";
import { PinChannel } from "./pin-channel.tsx";
import { watchPlugin } from "./plugin-watch.ts";
import { newProof, signInElsewhere } from "./popup.ts";
import { reduce, start } from "./reduce.ts";
import { connectServer, localPath, Refusal, type SessionAnswer } from "./server.ts";
import { Shell } from "./shell.tsx";
import { remember, remembered } from "./signed-out.ts";
import type { Button, Effect, Event } from "./state.ts";
import { answerTheme, themeDiffers } from "./theme.ts";
import { warmMattermost } from "./warm.ts";
import { createWindows } from "./windows.ts";
import { direction, type Language, languageOf, wordsIn } from "./words.ts";

export function startShell(config: PageConfig, root: HTMLElement, purpose: "mattermost" | "configure"): void {
  const server = connectServer(config, fetch.bind(window), () => document.cookie);
  const ports = {
    subpath: config.subpath,
    pluginPath: config.pluginPath,
    fetch: fetch.bind(window),
    cookies: () => document.cookie,
  };
  const typed = new TypedText();
  let language = languageOf(document.documentElement.lang);
  let theme: HostTheme = readShownTheme();
  let verifier = "";
  let inner: Inner | null = null;
  const place = () => inner?.place() ?? null;
  /** The log-out in progress: it would also clear the cookies of the next sign-in. */
  let ending: Promise<void> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout> | undefined;

  let [state, first] = start(navigator.onLine);
  const dispatch = (event: Event): void => {
    const [next, effects] = reduce(state, event);
    if (next.frame?.key !== state.frame?.key) typed.arm();
    state = next;
    draw();
    for (const effect of effects) void run(effect);
  };

  const run = async (effect: Effect): Promise<void> => {
    switch (effect.do) {
      case "connect":
        return connect();
      case "tell_host":
        return tellHost(effect.what);
      case "sign_in":
        return signIn(effect);
      case "check_cookies":
        if ((await server.signedIn()) === false) dispatch({ is: "cookies_refused", turn: effect.turn });
        return;
      case "check_session":
        if ((await server.signedIn()) === false) {
          dispatch({
            is: "frame_at_login",
            expired: !loggedOut(config.subpath),
            from: place(),
            afterMs: Infinity,
          });
        }
        return;
      case "popup": {
        typed.forget();
        const proof = await newProof();
        verifier = proof.verifier;
        const result = await signInElsewhere(config.pluginPath, proof.challenge, effect.href, {
          theme,
          locale: language,
        });
        return dispatch(
          "code" in result
            ? { is: "popup_done", turn: effect.turn, code: result.code }
            : { is: "popup_failed", turn: effect.turn, cancelled: result.cancelled },
        );
      }
      case "redeem":
        await ending;
        return exchange(effect, () => server.redeem(effect.code, verifier, effect.subPageId));
      case "resolve":
        return dispatch(await follow(server, effect.subPageId));
      case "navigate":
        return inner?.navigate(effect.location);
      case "alarm":
        clearTimeout(timer);
        timer = setTimeout(
          () => dispatch({ is: "alarm", turn: effect.turn }),
          Math.min(effect.afterMs, 2 ** 31 - 1),
        );
        return;
      case "remember_signed_out":
        if (effect.value) {
          typed.forget();
          ending = server.signOut();
        } else forgetLogOut(config.subpath);
        return remember(effect.value ? (state.host?.personKey ?? "") : null);
      case "compare_theme":
        if (await themeDiffers(ports, theme)) dispatch({ is: "theme_differs" });
        return offerActivities();
      case "answer_theme":
        return answerTheme(ports, effect.match ? theme : null);
      case "answer_activity_offer":
        return answerActivityOffer(ports, effect.keep);
      case "warm":
        return warmMattermost(config.subpath, fetch.bind(window));
    }
  };

  /** The person is asked once per page load, and only after arriving by a link to a post, as from an activity. */
  let byPost = false;
  const offerActivities = async (): Promise<void> => {
    if (!byPost || state.notice !== null) return;
    byPost = false;
    if (await activityOfferDue(ports)) dispatch({ is: "activity_offer_due" });
  };

  const connect = async (): Promise<void> => {
    try {
      const listener = {
        theme: showTheme,
        resumed: (wanted: string | null) => dispatch({ is: "resumed", wanted }),
        link: (subPageId: string) => dispatch({ is: "link", subPageId }),
      };
      const context = await connectHost(listener, config.configured && remembered() === null);
      byPost = context.subPageId?.startsWith("post_") ?? false;
      showTheme(context.theme);
      showLanguage(languageOf(context.locale));
      const host = await hostFacts(context, config);
      dispatch({
        is: "host_ready",
        host,
        configured: config.configured,
        signedOut: remembered() === host.personKey,
        wanted: context.subPageId,
      });
    } catch (error) {
      dispatch({ is: "host_failed", why: error instanceof HostError ? error.why : "silent" });
    }
  };

  const signIn = async (effect: Extract<Effect, { do: "sign_in" }>): Promise<void> => {
    const { turn } = effect;
    if (effect.afterMs > 0) await new Promise((resolve) => setTimeout(resolve, effect.afterMs));
    if (state.turn !== turn) return;
    let token: string;
    try {
      token = await teamsToken(effect.silent);
    } catch (error) {
      return dispatch({
        is: "token_refused",
        turn,
        why: error instanceof TokenError ? error.why : "unknown",
      });
    }
    if (state.turn !== turn) return;
    await ending;
    await exchange(effect, async () =>
      ownPlace(await server.signIn(token, effect.subPageId), effect.subPageId),
    );
  };

  /** A separate tab for one place (`?open=/playbooks` in the app package) starts there; a link has priority. */
  const front = `${config.subpath}/`;
  const asked = new URLSearchParams(window.location.search).get("open");
  const open = asked === null ? null : localPath(config.subpath + asked, config.subpath);
  const ownPlace = (answer: SessionAnswer, subPageId: string | null): SessionAnswer =>
    open !== null && subPageId === null && answer.location === front ? { ...answer, location: open } : answer;

  type Asked = Pick<Extract<Effect, { do: "sign_in" }>, "turn" | "subPageId">;
  const exchange = async ({ turn, subPageId }: Asked, ask: () => Promise<SessionAnswer>): Promise<void> => {
    try {
      dispatch({ is: "session", turn, subPageId, ...(await ask()) });
    } catch (error) {
      const { kind, requestId } = error instanceof Refusal ? error : new Refusal("unknown");
      dispatch({ is: "session_refused", turn, kind, requestId });
    }
  };

  const showTheme = (next: HostTheme): void => {
    theme = next;
    document.documentElement.dataset.theme = next;
    dispatch({ is: "theme_changed" });
  };
  const showLanguage = (next: Language): void => {
    language = next;
    document.documentElement.lang = next;
    document.documentElement.dir = direction(next);
    draw();
  };

  const downloads = startDownloads(ports, () => wordsIn(language));
  const windows = createWindows({
    pluginPath: config.pluginPath,
    theme: () => theme,
    language: () => language,
    code: server.windowCode,
  });

  const frameMounted = (frame: HTMLIFrameElement): (() => void) => {
    const unwatch = watchLinks(frame, config.subpath, {
      save: (file) => void downloads.save(file),
      open: windows.open,
    });
    inner = watchInner(
      frame,
      { subpath: config.subpath, typed, now: () => performance.now() },
      {
        ready: () => dispatch({ is: "frame_ready" }),
        broken: () => dispatch({ is: "frame_broken" }),
        atLogin: (facts) => dispatch({ is: "frame_at_login", ...facts }),
        title: (title) => {
          document.title = title;
        },
        notFound: () => dispatch({ is: "link_unavailable" }),
        otherPerson: () => {
          typed.forget();
          dispatch({ is: "other_person", location: front });
        },
        externalLogin: (href) => dispatch({ is: "external_login", href }),
        share: (subPageId, label) => shareLink(subPageId, label, webUrlOf(subPageId, place(), config)),
        connect: (answer) =>
          void teamsToken(true)
            .then((token) => server.connectAccount(token), refusedToken)
            .then(answer),
      },
    );
    return () => {
      unwatch();
      inner?.stop();
      inner = null;
    };
  };

  const plugin = watchPlugin({
    pluginPath: config.pluginPath,
    fetch: fetch.bind(window),
    later(ms, then) {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    changed: (away) => dispatch({ is: away ? "plugin_off" : "plugin_on" }),
  });
  window.addEventListener("offline", () => dispatch({ is: "went_offline" }));
  window.addEventListener("online", () => {
    dispatch({ is: "went_online" });
    plugin.checkNow();
  });
  document.addEventListener("visibilitychange", () => document.hidden || plugin.checkNow());

  const screen = createRoot(root);
  const press = (button: Button) => dispatch({ is: "pressed", button });
  const draw = (): void =>
    screen.render(
      <Shell
        state={state}
        words={wordsIn(language)}
        theme={theme}
        outside={outside(place(), config)}
        press={press}
        frameMounted={frameMounted}
        content={
          purpose === "configure" ? (
            <PinChannel
              config={config}
              words={wordsIn(language)}
              fetch={window.fetch.bind(window)}
              onReady={() => dispatch({ is: "frame_ready" })}
              onBroken={() => dispatch({ is: "frame_broken" })}
            />
          ) : undefined
        }
      />,
    );
  draw();
  for (const effect of first) void run(effect);
}
