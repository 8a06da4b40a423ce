/**
 * The possible outcomes of an attempt to connect: a closed set of codes with their HTTP status. The texts are in
 * outcome-words.ts.
 */

export const outcomes = {
  connected: 200,
  already_connected: 200,
  bot_connected: 200,
  /** Another account is already the bot. */
  bot_exists: 200,
  /** The state is missing, unknown, used, expired, or belongs to another session. */
  state: 400,
  /** The person cancelled on Microsoft's page. */
  cancelled: 403,
  /** An admin of the organisation must consent first. */
  needs_admin: 403,
  /** A policy of the organisation, such as Conditional Access, refuses. */
  policy: 403,
  other_tenant: 403,
  microsoft_guest: 403,
  other_address: 403,
  /**
   * The Microsoft account is connected to another account here: an active one, a deactivated one, or a deleted one.
   */
  account_taken: 403,
  holder_left: 403,
  holder_gone: 403,
  /** The Microsoft account is the bot of this server. */
  account_is_bot: 403,
  /** Only system admins may connect the bot. */
  admins_only: 403,
  /** The Mattermost account is linked to another Microsoft account. */
  linked_elsewhere: 403,
  no_offline: 403,
  bot: 403,
  guest: 403,
  inactive: 403,
  not_listed: 403,
  no_seat: 403,
  /** Microsoft refused for another reason; the code in the log names it. */
  refused: 403,
  token_invalid: 502,
  unreachable: 503,
  not_configured: 503,
} as const;

export type Outcome = keyof typeof outcomes;

export interface Ending {
  readonly outcome: Outcome;
  /** Entra's number or our own reason, for the log and the audit record. Names no person. */
  readonly detail: string;
  /** True for the bot account, false for the person's own. */
  readonly isBot?: boolean;
  /** Shown only to the person: the two addresses of `other_address`, the user name of `account_taken`. */
  readonly names?: Readonly<Record<string, string>>;
  /** A request of this server got no answer. A query of the browser never sets it: anybody can write one. */
  readonly isOutage?: true;
}

export const ending = (outcome: Outcome, detail = ""): Ending => ({ outcome, detail });

/** A request of this server to Microsoft got no answer: for a while nobody has to connect. */
export const outage = (detail: string): Ending => ({ outcome: "unreachable", detail, isOutage: true });
