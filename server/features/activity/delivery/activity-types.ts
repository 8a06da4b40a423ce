/**
 * The activity types this code sends, and the placeholders it fills. The app package declares the same list
 * in manifest-template/; activity-types.test.ts holds the two together, for Graph answers 400 to anything else.
 */

import { reasons } from "../rules/reasons.ts";

export const activityTypes: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(reasons.map((reason) => [reason, ["author", "channel"]])),
  direct_message: ["author"],
  /** More arrived than one person should get one by one. */
  summary: ["count"],
  /** The admin lets nothing but the fact of a message out. */
  message: [],
};
