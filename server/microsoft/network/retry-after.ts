/** Parses `Retry-After` (RFC 9110, sections 10.2.3 and 5.6.7). No other code reads that header. */

/** Graph and its gateways also send decimals; a fraction of a second is rounded up. */
const SECONDS = /^\d{1,10}(\.\d+)?$/;
/** The three forms of an HTTP date. Anything else that `Date.parse` accepts is not a date here. */
const DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/** Returns milliseconds from `now` (since 1970), never negative; `null` when the header is unusable. */
export function retryAfter(value: string | null, now: number): number | null {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return Math.ceil(Number(text)) * 1000;
  if (!DATES.some((form) => form.test(text))) return null;
  // The asctime form has no time zone and means GMT, too.
  const date = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
