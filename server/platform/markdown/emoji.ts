/** Mattermost's emoji names, and their characters. */

import { lazy } from "../../runtime/lazy.ts";

const TONES: Readonly<Record<string, string>> = {
  light: "\u{1f3fb}",
  medium_light: "\u{1f3fc}",
  medium: "\u{1f3fd}",
  medium_dark: "\u{1f3fe}",
  dark: "\u{1f3ff}",
};

/** Loaded with the first: 2,300 names would cost every start 1.5 ms. */
const emojiByName = lazy(() => (require("./emoji.gen.ts") as typeof import("./emoji.gen.ts")).emoji);

/** A custom emoji is a picture that only Mattermost has: its name stays. */
export function emojiText(name: string): string {
  const emoji = emojiByName();
  if (Object.hasOwn(emoji, name)) return emoji[name] ?? "";
  const toned = /^(.+?)_((?:medium_)?(?:light|dark)|medium)_skin_tone$/.exec(name);
  const base = toned?.[1] && Object.hasOwn(emoji, toned[1]) ? emoji[toned[1]] : undefined;
  if (base === undefined) return `:${name}:`;
  const [first = "", ...rest] = [...base];
  return first + (TONES[toned?.[2] ?? ""] ?? "") + rest.filter((one) => one !== "\ufe0f").join("");
}
