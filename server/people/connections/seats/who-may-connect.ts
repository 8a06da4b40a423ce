/** Decides who may connect a Microsoft account. A pure function. */

export interface Applicant {
  readonly isBot: boolean;
  /** True for an account of another server, in a shared channel. */
  readonly isRemote: boolean;
  readonly isGuest: boolean;
  readonly isActive: boolean;
  readonly connectedOnce: boolean;
  readonly onList: boolean;
}

export interface Seats {
  /** Limit of people who may ever have been connected; 0 stops new connections. */
  readonly limit: number;
  readonly taken: number;
  /** True when only people on the list may connect. */
  readonly restricted: boolean;
}

export type MayNotConnect = "bot" | "guest" | "inactive" | "not_listed" | "no_seat";

export function mayConnect(applicant: Applicant, seats: Seats): MayNotConnect | null {
  if (applicant.isBot || applicant.isRemote) return "bot";
  if (!applicant.isActive) return "inactive";
  if (applicant.isGuest) return "guest";
  if (applicant.connectedOnce) return null;
  if (seats.restricted && !applicant.onList) return "not_listed";
  return seats.taken < seats.limit ? null : "no_seat";
}
