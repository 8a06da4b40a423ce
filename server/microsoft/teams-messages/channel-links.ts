/** Finds `~channel` in a text, for links to channels. */

const CHANNEL = /(?<![\p{L}\p{N}~_.-])~([a-z0-9][a-z0-9._-]{0,63})/giu;

type Piece =
  | { readonly text: string }
  | { readonly text: string; readonly found: string; readonly name: string };

/** Splits the text at channel names. `find` gets a name in lower case; null: no channel that may be revealed. */
export function splitChannels(text: string, find: (name: string) => string | null): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(CHANNEL)) {
    for (let name = match[1] ?? ""; name !== ""; name = /[._-]$/.test(name) ? name.slice(0, -1) : "") {
      const found = find(name.toLowerCase());
      if (found === null) continue;
      if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
      from = match.index + 1 + name.length;
      pieces.push({ text: `~${name}`, found, name: name.toLowerCase() });
      break;
    }
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
