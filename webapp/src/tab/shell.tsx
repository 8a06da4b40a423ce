/** Renders the state: Mattermost in its frame, or a message with buttons. */

import React, { useEffect, useLayoutEffect, useRef } from "react";
import type { Button, Notice, Phase, State, Trouble } from "./state.ts";
import type { Words } from "./words.ts";

type Way = Button | "open_browser" | "open_desktop";

/** The first button is the one that most people need. */
const ways: Readonly<Record<Trouble, readonly Way[]>> = {
  host_silent: ["retry", "open_browser", "open_desktop"],
  host_missing: ["open_browser", "open_desktop"],
  offline: ["retry"],
  server_unreachable: ["retry"],
  server_upgrading: ["retry"],
  plugin_disabled: ["open_browser", "open_desktop", "retry"],
  not_configured: ["open_browser", "open_desktop", "retry"],
  token_unavailable: ["retry", "other_method", "open_browser"],
  registration_mismatch: ["other_method", "retry"],
  microsoft_unavailable: ["retry", "other_method"],
  tenant_unknown: ["open_browser", "other_method", "retry"],
  directory_refused: ["open_browser", "other_method", "retry"],
  sign_in_refused: ["retry", "other_method", "open_browser"],
  other_organisation: ["other_method", "open_browser"],
  no_account: ["retry", "other_method"],
  account_deactivated: ["retry"],
  account_refused: ["other_method", "open_browser", "open_desktop"],
  cookies_refused: ["open_browser", "open_desktop", "retry"],
  too_many_attempts: ["retry"],
  popup_failed: ["other_method", "open_browser", "open_desktop"],
  signed_out: ["sign_in", "other_method"],
  unknown: ["retry", "open_browser"],
};

/**
 * What Mattermost inside may use: Calls (microphone, camera, screen), clipboard, full screen, sounds. The host in
 * turn decides what it allows the page.
 */
const ALLOW =
  "autoplay; camera; clipboard-read; clipboard-write; display-capture; encrypted-media; fullscreen; " +
  "microphone; picture-in-picture; screen-wake-lock; speaker-selection";

export interface ShellProps {
  readonly state: State;
  readonly words: Words;
  /** Used for the wording of the offer. */
  readonly theme: string;
  /** The place in Mattermost that the buttons to browser and desktop app open. */
  readonly outside: { readonly browser: string; readonly desktop: string };
  readonly press: (button: Button) => void;
  readonly frameMounted: (frame: HTMLIFrameElement) => () => void;
  /** Shown in place of Mattermost, by a page that needs a session and shows something else. */
  readonly content?: React.JSX.Element | undefined;
}

export function Shell(props: ShellProps): React.JSX.Element {
  const { state, words } = props;
  const { frame, notice } = state;
  const shown = state.phase.at === "open" || (state.phase.at === "renewing" && state.phase.why === "early");
  return (
    <>
      {shown && notice && <NoticeBar notice={notice} {...props} />}
      {frame && props.content && (
        <div key={frame.key} className={shown ? "own" : "own covered"}>
          {props.content}
        </div>
      )}
      {frame && !props.content && (
        <Mattermost
          key={frame.key}
          location={frame.location}
          title={words.frame}
          covered={!shown}
          mounted={props.frameMounted}
        />
      )}
      {!shown && <Page {...props} />}
    </>
  );
}

function Mattermost(props: {
  location: string;
  title: string;
  covered: boolean;
  mounted: (frame: HTMLIFrameElement) => () => void;
}): React.JSX.Element {
  const frame = useRef<HTMLIFrameElement>(null);
  const { mounted, covered } = props;
  useLayoutEffect(() => (frame.current ? mounted(frame.current) : undefined), [mounted]);
  useEffect(() => {
    if (!covered) frame.current?.focus();
  }, [covered]);
  return (
    <iframe
      ref={frame}
      className={covered ? "mattermost covered" : "mattermost"}
      title={props.title}
      src={props.location}
      allow={ALLOW}
    />
  );
}

function Page(props: ShellProps): React.JSX.Element {
  const { state, words } = props;
  const progress = progressOf(state.phase, words);
  return (
    <main className="page">
      {progress === null ? (
        <WordsCard {...props} />
      ) : (
        <div className="card" role="status">
          <div className="turning" aria-hidden="true" />
          <p>{progress}</p>
        </div>
      )}
    </main>
  );
}

function progressOf(phase: Phase, words: Words): string | null {
  switch (phase.at) {
    case "connecting":
      return words.signing_in;
    case "signing-in":
      return phase.attempt > 0 ? words.still_working : words.signing_in;
    case "opening":
    case "open":
      return words.opening;
    case "renewing":
      return words.renewing;
    default:
      return null;
  }
}

function WordsCard({ state, words, outside, press }: ShellProps): React.JSX.Element {
  const { phase } = state;
  const [[title, text], buttons] = saying(phase, words);
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new title is what has to be read out
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <div className="card words" data-kind={phase.at === "trouble" ? phase.kind : phase.at}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p>{text}</p>
      <div className="ways">
        {buttons.map((way, at) => (
          <WayOut
            key={way}
            way={way}
            first={at === 0}
            outside={outside}
            label={labelOf(way, phase, words)}
            press={press}
          />
        ))}
      </div>
      {phase.at === "trouble" && phase.retryInMs !== null && <p className="quiet">{words.trying_again}</p>}
      {phase.at === "trouble" && phase.requestId !== null && (
        <p className="quiet">{words.request_id.replace("{id}", phase.requestId)}</p>
      )}
    </div>
  );
}

function saying(phase: Phase, words: Words): [readonly [string, string], readonly Way[]] {
  if (phase.at === "trouble") return [words[phase.kind], ways[phase.kind]];
  if (phase.at === "consent" && phase.waiting) return [words.consent_waiting, ["other_method"]];
  if (phase.at === "consent" && phase.refusedBefore)
    return [words.consent_again, ["consent", "other_method"]];
  if (phase.at === "consent") return [words.consent, ["consent", "other_method"]];
  return [words.other_waiting, ["other_method"]];
}

function labelOf(way: Way, phase: Phase, words: Words): string {
  if (way === "consent") return phase.at === "consent" && phase.refusedBefore ? words.retry : words.sign_in;
  if (way === "other_method" && phase.at === "other-method") return words.retry;
  return words[way as keyof Words] as string;
}

function WayOut(props: {
  way: Way;
  first: boolean;
  label: string;
  outside: ShellProps["outside"];
  press: (button: Button) => void;
}): React.JSX.Element {
  const className = props.first ? "way first" : "way";
  const { way } = props;
  if (way === "open_browser" || way === "open_desktop") {
    const href = way === "open_browser" ? props.outside.browser : props.outside.desktop;
    return (
      <a className={className} href={href} target="_blank" rel="noopener noreferrer">
        {props.label}
      </a>
    );
  }
  return (
    <button type="button" className={className} onClick={() => props.press(way)}>
      {props.label}
    </button>
  );
}

/** Above Mattermost, not over it, so that search, header and dialogs stay accessible. */
function NoticeBar({ notice, words, theme, press }: ShellProps & { notice: Notice }): React.JSX.Element {
  const [text, answers] = noticeOf(notice, words, theme);
  const section = useRef<HTMLElement>(null);
  // When a notice closes while it has the focus, Mattermost gets it; otherwise the focus would be lost.
  useLayoutEffect(() => {
    const bar = section.current;
    return () => {
      if (!bar?.contains(document.activeElement)) return;
      queueMicrotask(() => document.querySelector<HTMLElement>("iframe.mattermost")?.focus());
    };
  }, []);
  return (
    <section
      ref={section}
      className="bar notice"
      data-kind={notice}
      aria-label={words.notice}
      onKeyDown={(event) => event.key === "Escape" && press("dismiss")}
    >
      <span role="status">{text}</span>
      {answers.map(([button, label], at) => (
        <button
          key={button}
          type="button"
          className={at === 0 ? "way first" : "way"}
          onClick={() => press(button)}
        >
          {label}
        </button>
      ))}
      <button type="button" className="way" onClick={() => press("dismiss")}>
        {words.close}
      </button>
    </section>
  );
}

function noticeOf(
  notice: Notice,
  words: Words,
  theme: string,
): readonly [string, readonly (readonly [Button, string])[]] {
  switch (notice) {
    case "link_unavailable":
      return [words.link_unavailable, []];
    case "offline":
      return [words.offline_notice, []];
    case "plugin_off":
      return [words.plugin_off, []];
    case "activity_offer":
      return [
        words.activity_offer,
        [
          ["activity_yes", words.activity_yes],
          ["activity_no", words.activity_no],
        ],
      ];
    case "theme_offer": {
      const offer = { dark: words.theme_offer_dark, contrast: words.theme_offer_contrast }[theme];
      return [
        offer ?? words.theme_offer_light,
        [
          ["theme_yes", words.theme_yes],
          ["theme_no", words.theme_no],
        ],
      ];
    }
  }
}
