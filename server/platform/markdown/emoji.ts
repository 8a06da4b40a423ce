/** Converts between Mattermost's emoji names and their characters. */

import { lazy } from "../../runtime/lazy.ts";

const TONES: Readonly<Record<string, string>> = {
  light: "\u{1f3fb}",
  medium_light: "\u{1f3fc}",
  medium: "\u{1f3fd}",
  medium_dark: "\u{1f3fe}",
  dark: "\u{1f3ff}",
};

/** Loaded on first use, because 2,300 names would cost every start 1.5 ms. */
const emojiByName = lazy(() => (require("./emoji.gen.ts") as typeof import("./emoji.gen.ts")).emoji);

/** Returns the character of an emoji. A custom emoji is an image that only Mattermost has, so its name stays. */
export function emojiText(name: string): string {
  const emoji = emojiByName();
  if (Object.hasOwn(emoji, name)) return emoji[name] ?? "";
  const toned = /^(.+?)_((?:medium_)?(?:light|dark)|medium)_skin_tone$/.exec(name);
  const base = toned?.[1] && Object.hasOwn(emoji, toned[1]) ? emoji[toned[1]] : undefined;
  if (base === undefined) return `:${name}:`;
  const [first = "", ...rest] = [...base];
  return first + (TONES[toned?.[2] ?? ""] ?? "") + rest.filter((one) => one !== "\ufe0f").join("");
}

/** The well-known name of each emoji that has several. */
const KNOWN = ["+1", "heart", "laughing", "open_mouth", "cry", "angry", "tada", "white_check_mark"] as const;

const plainEmoji = (text: string) => text.replaceAll("\ufe0f", "");

const nameByEmoji = lazy(() => {
  const names = new Map<string, string>();
  for (const [name, text] of Object.entries(emojiByName()))
    if (!names.has(plainEmoji(text))) names.set(plainEmoji(text), name);
  for (const name of KNOWN) names.set(plainEmoji(emojiText(name)), name);
  return names;
});

/**
 * Returns Mattermost's name of an emoji, without the skin tone when only the base emoji is known; null when it has
 * none.
 */
export function emojiName(text: string): string | null {
  const plain = plainEmoji(text);
  const names = nameByEmoji();
  return names.get(plain) ?? names.get(plain.replaceAll(/[\u{1f3fb}-\u{1f3ff}]/gu, "")) ?? null;
}
