/** `@name` in a piece of text, for those who put something else there: a name, a mention of Teams. */

/**
 * A user name may contain and end in these, and so may a sentence: `ask @bob.` It has 64 characters at most; the
 * limit here keeps the search for a shorter one short.
 */
const MENTION = /(?<![\p{L}\p{N}@_.-])@([a-z0-9][a-z0-9._-]{0,127})/giu;

export type Piece<T> = { readonly text: string } | { readonly found: T; readonly text: string };

/**
 * The text in pieces. `find` gets a user name in lower case; null: nobody. The longest name that somebody has wins,
 * shortened only by punctuation at its end. A name that nobody has stays text.
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
