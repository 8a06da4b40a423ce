/** Decides who may connect a Microsoft account. Pure. */

export interface Applicant {
  readonly isBot: boolean;
  /** Of another server of a shared channel. */
  readonly isRemote: boolean;
  readonly isGuest: boolean;
  readonly isActive: boolean;
  readonly connectedOnce: boolean;
  readonly onList: boolean;
}

export interface Seats {
  /** Most people who may ever have been connected; 0 stops new connections. */
  readonly limit: number;
  readonly taken: number;
  /** Only people on the list. */
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
