/**
 * User names and names for new accounts, by the server's own rules: model.IsValidUsername (`[a-z0-9.\-_]`, at most
 * 64, four reserved names), and the way app.CreateOAuthUser finds a free name.
 */

/** model.UserNameMaxLength and model.UserFirstNameMaxRunes. */
const MAX_USERNAME = 64;
const MAX_NAME = 64;

/**
 * model.restrictedUsernames, and a mention that the server's list lacks: an account named `here` would look like it.
 */
const RESERVED = new Set(["all", "channel", "matterbot", "system", "here"]);

/** Letters that Unicode does not decompose into a Latin letter and a mark. */
const LATIN = letters("ß ss æ ae œ oe ø o ł l đ d ð d þ th ı i ħ h ŋ n ŧ t ə e");
const CYRILLIC = letters(
  "а a б b в v г g д d е e ж zh з z и i й i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ъ - ы y ь - э e ю iu я ia",
  "ё e є ie і i ї i ґ g ў u ј j љ lj њ nj ћ c ђ dj џ dz ѓ g ќ k ѕ dz",
);
const GREEK = letters(
  "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o",
);
const TABLE: ReadonlyMap<string, string> = new Map([...LATIN, ...CYRILLIC, ...GREEK]);

/** `-`: the letter alone has no sound. */
function letters(...lines: readonly string[]): [string, string][] {
  const words = lines.join(" ").split(" ");
  return words.flatMap((letter, index) => {
    const latin = words[index + 1] ?? "";
    return index % 2 === 0 ? [[letter, latin === "-" ? "" : latin] as [string, string]] : [];
  });
}

/** Transliterates to the letters of user names: é → e, ß → ss, ж → zh. Letters without an equivalent are dropped. */
export function foldLetters(text: string): string {
  // Composed first: й is a letter of the table, и with a mark is not.
  return [...text.toLowerCase().normalize("NFKC")]
    .map((letter) => TABLE.get(letter) ?? decomposed(letter))
    .join("")
    .replace(/[^a-z0-9._-]+/g, "");
}

const decomposed = (letter: string) =>
  [
    ...letter
      .normalize("NFKD")
      .replace(/\p{M}+/gu, "")
      .toLowerCase(),
  ]
    .map((one) => TABLE.get(one) ?? one)
    .join("");

/**
 * Makes a user name from the part before the @ of the first suitable address. It begins with a letter, ends with a
 * letter or digit, and has at least three characters. Employee numbers are kept after a word.
 */
export function usernameOf(...addresses: readonly string[]): string {
  const locals = addresses.map((address) =>
    foldLetters(address.slice(0, Math.max(0, address.lastIndexOf("@")))),
  );
  for (const folded of locals) {
    const local = trimmed(folded.replace(/^[^a-z]+/, ""));
    if (local === "") continue;
    return local.length < 3 || RESERVED.has(local) ? `${local}.user` : local;
  }
  const number = locals.map((folded) => folded.replace(/^[^0-9]+/, "")).find((digits) => digits !== "");
  return number === undefined ? "user" : trimmed(`user.${number}`);
}

const trimmed = (name: string) => name.slice(0, MAX_USERNAME).replace(/[._-]+$/, "");

/** `anna`, `anna0`, `anna01`, `anna012`, …: as the server names people who come by single sign-on. */
export function numbered(username: string, collision: number): string {
  const suffix = Array.from({ length: collision }, (_, index) => String(index))
    .join("")
    .slice(-MAX_USERNAME / 2);
  return username.slice(0, MAX_USERNAME - suffix.length) + suffix;
}

export interface PersonName {
  readonly givenName: string;
  readonly familyName: string;
  readonly displayName: string;
}

/** Returns first and last name: the directory's own if it has them, else the display name split up. */
export function namesOf({ givenName, familyName, displayName }: PersonName): [first: string, last: string] {
  if (givenName !== "" || familyName !== "") return [cut(givenName), cut(familyName)];
  // Many directories display people as "Cummins, Daniel". The last part is the given name: "Smith, Jr., Bob".
  const parts = displayName.split(/[,،，、]/).map((part) => part.trim());
  const [only = "", ...others] = parts.filter((part) => part !== "");
  const given = others.pop();
  if (given !== undefined) return [cut(given), cut([only, ...others].join(", "))];
  const words = only.split(/\s+/);
  const last = words.length > 1 ? (words.pop() ?? "") : "";
  return [cut(words.join(" ")), cut(last)];
}

const cut = (text: string) => [...text.trim()].slice(0, MAX_NAME).join("");
