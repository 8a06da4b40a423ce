/** Finds `@name` in a text, for callers that replace it by a display name or a Teams mention. */

/**
 * A user name may contain and end in these characters, and so may a sentence: `ask @bob.` A name has at most 64
 * characters; the limit here bounds the search for a shorter one.
 */
const MENTION = /(?<![\p{L}\p{N}@_.-])@([a-z0-9][a-z0-9._-]{0,127})/giu;

export type Piece<T> = { readonly text: string } | { readonly found: T; readonly text: string };

/**
 * Splits the text at mentions. `find` gets a user name in lower case and returns null when nobody has it. The longest
 * existing name wins; a candidate is shortened only by punctuation at its end. An unknown name stays text.
 */
export function splitMentions<T>(text: string, find: (username: string) => T | null): Piece<T>[] {
  const pieces: Piece<T>[] = [];
  let from = 0;
  for (const match of text.matchAll(MENTION)) {
    for (let name = match[1] ?? ""; name !== ""; name = /[._-]$/.test(name) ? name.slice(0, -1) : "") {
      const found = find(name.toLowerCase());
      if (found === null) continue;
      if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
      from = match.index + 1 + name.length;
      pieces.push({ found, text: `@${name}` });
      break;
    }
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
