/**
 * The states, events and effects of the shell (reduce.ts). No token or cookie ever enters a state.
 *
 *   connecting ──▶ signing-in ──▶ opening ──▶ open ◀──▶ renewing
 *        │             │ ▲            │         │
 *        │         consent            │     signed out in Mattermost, links, suspended …
 *        ▼             ▼              ▼         ▼
 *      trouble: an explanation and a next step (retry · another method · browser · desktop app)
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

/** Facts from the host, for display only: the verified token alone identifies the person. */
export interface HostFacts {
  readonly personKey: string;
  readonly otherOrganisation: boolean;
}

export type Notice = "link_unavailable" | "theme_offer" | "activity_offer" | "offline" | "plugin_off";

export interface State {
  readonly phase: Phase;
  readonly host: HostFacts | null;
  /** Sub-page id to open with the next sign-in, or when Mattermost is open; kept until the server has answered. */
  readonly wanted: string | null;
  /** The inner Mattermost. A new key reloads it; the same key keeps what the person sees. */
  readonly frame: { readonly location: string; readonly key: number } | null;
  readonly online: boolean;
  readonly notice: Notice | null;
  /** Counts attempts, so that a late timer or answer of an earlier one changes nothing. */
  readonly turn: number;
  /** `notifySuccess` was called. */
  readonly hostNotified: boolean;
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
      /** The sub-page id of the request; a link may have arrived since. */
      readonly subPageId: string | null;
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
  | { readonly is: "link_resolved"; readonly subPageId: string; readonly location: string }
  /** Without an id: the place in the frame, or that of the sign-in. */
  | { readonly is: "link_unavailable"; readonly subPageId?: string }
  /** The session has ended, so the server cannot say where the link leads. */
  | { readonly is: "link_needs_session"; readonly subPageId: string }
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
