/** Presence in Teams, and which states let a message through to Mattermost (docs/facts/microsoft-chat.md 7). */

export const presenceStates = [
  "Available",
  "AvailableIdle",
  "Away",
  "BeRightBack",
  "Busy",
  "BusyIdle",
  "DoNotDisturb",
  "InACall",
  "InAConferenceCall",
  "Inactive",
  "InAMeeting",
  "Offline",
  "OffWork",
  "OutOfOffice",
  "PresenceUnknown",
  "Presenting",
  "UrgentInterruptionsOnly",
] as const;
export type PresenceState = (typeof presenceStates)[number];

/** In these states Teams does not notify the person, or it is unknown whether it does. */
export const defaultStates: ReadonlySet<PresenceState> = new Set([
  "Offline",
  "OffWork",
  "Inactive",
  "Away",
  "AvailableIdle",
  "BusyIdle",
  "PresenceUnknown",
]);

const known: ReadonlySet<string> = new Set(presenceStates);
export const isPresenceState = (text: unknown): text is PresenceState =>
  typeof text === "string" && known.has(text);

/** Idle appears only in the availability: five minutes without input, whatever the calendar says. */
export function stateOf(availability: string, activity: string): PresenceState {
  if (availability === "AvailableIdle" || availability === "BusyIdle") return availability;
  if (isPresenceState(activity) && activity !== "PresenceUnknown") return activity;
  return isPresenceState(availability) ? availability : "PresenceUnknown";
}
