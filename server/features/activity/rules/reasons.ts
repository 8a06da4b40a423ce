/** Activity types of the app package (manifest-template/manifest.json), except `summary`. */
export const reasons = [
  "mention",
  "direct_message",
  "group_message",
  "thread_reply",
  "channel_mention",
  "keyword",
] as const;
export type Reason = (typeof reasons)[number];
