/** Sub-page ids of deep links: `post_<id>`, `channel_…`. Anything else in a link is ignored. */

const kinds = ["post", "channel", "team", "thread", "user", "run", "call"] as const;
export type SubPageKind = (typeof kinds)[number];

/** Mattermost ids are 26 characters of z-base-32 (server/public/model/utils.go, NewId). */
const pattern = new RegExp(`^(${kinds.join("|")})_[a-z0-9]{26}$`);

/** Returns the id if it has the right form, else `null`. */
export function subPageId(value: unknown): string | null {
  return typeof value === "string" && pattern.test(value) ? value : null;
}
