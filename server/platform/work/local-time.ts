/** Computes daily times in a person's time zone, with daylight saving and days of 23 or 25 hours. */

export interface DailyTime {
  /** An IANA time zone that Intl accepts. */
  readonly zone: string;
  readonly hour: number;
  readonly minute: number;
  /** ISO weekdays, Monday is 1. With an empty list the time never comes. */
  readonly weekdays: readonly number[];
}

/**
 * Returns the first moment strictly after `after`, in milliseconds since 1970; null when no weekday is chosen.
 *
 * A wall time that does not exist on a day (the clock goes forward) means the later reading; of one that exists
 * twice, the first is used. Temporal calls this "compatible".
 */
export function nextDailyTime({ zone, hour, minute, weekdays }: DailyTime, after: number): number | null {
  const start = Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(zone).toPlainDate();
  // 8 days, because today's time may be over.
  for (let days = 0; days <= 8; days += 1) {
    const date = start.add({ days });
    if (!weekdays.includes(date.dayOfWeek)) continue;
    const at = date.toZonedDateTime({ timeZone: zone, plainTime: { hour, minute } }).epochMilliseconds;
    if (at > after) return at;
  }
  return null;
}
