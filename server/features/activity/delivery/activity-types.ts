/**
 * The activity types that this code sends, and the placeholders it fills. The app package declares the same list in
 * manifest-template/, and Graph answers 400 to any other type; activity-types.test.ts compares the two.
 */

import { reasons } from "../rules/reasons.ts";

export const activityTypes: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(reasons.map((reason) => [reason, ["author", "channel"]])),
  direct_message: ["author"],
  /** Sent when more messages arrived than one person should get one by one. */
  summary: ["count"],
  /** Sent when the admin's setting hides everything but the fact that there is a message. */
  message: [],
};
