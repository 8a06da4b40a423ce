/** The key families of change notifications in the key-value store. */

import type { KeyFamily } from "../../platform/store/key-families.ts";

const handled = "handled; a day at most, parked ones a week";

export const storedKeys: readonly KeyFamily[] = [
  {
    prefix: "subscription_",
    holds: "subscriptions at Microsoft: resource with its IDs, when made, renewed and expiring",
    until: "no feature needs it any more",
  },
  {
    prefix: "subscribed_",
    holds: "when changes came last, when gaps were filled, the last problem",
    until: "no feature needs it any more",
  },
  {
    prefix: "subscriptions_keys",
    holds: "certificates, and their private keys sealed with the encryption key",
    until: "replaced every 180 days, and a day after nothing names them",
  },
  {
    prefix: "subscriptions/secret",
    holds: "the key from which the secrets of subscriptions are derived",
    until: "stays",
  },
  {
    prefix: "queue_changes_",
    holds: "changes that wait: which message or event, and how it changed. No text",
    until: handled,
  },
  {
    prefix: "changes_body_",
    holds: "contents of waiting changes, encrypted as Microsoft sent them",
    until: "a minute after they are handled; a day at most",
  },
  { prefix: "changes_seen_", holds: "hashes of handled changes", until: "five hours" },
];
