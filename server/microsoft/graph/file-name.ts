/** Makes names of files safe for Mattermost, for Microsoft 365, and for people who save them. */

const MAX_BYTES = 255;
/**
 * Control characters, marks that change the direction of text, and characters that Windows does not allow in names.
 */
const UNSAFE = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"*:<>?|]/gu;
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** A file name that OneDrive and SharePoint accept, also inside the address of a call. */
export const driveName = (given: string) => safeName(given, "file").replace(/[#%]/g, "_");

/** At most 255 bytes; the extension is kept. */
export function safeName(given: string, instead: string): string {
  const last = given.toWellFormed().normalize("NFC").split(/[\\/]/).at(-1) ?? "";
  const clean = last
    .replace(UNSAFE, "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[. ]+$/, "")
    .replace(/^\.+/, "");
  const name = clean === "" ? instead : clean.replace(RESERVED, "_$&");
  return shortened(name);
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const dot = name.lastIndexOf(".");
  const end = dot > 0 && Buffer.byteLength(name.slice(dot)) <= 32 ? name.slice(dot) : "";
  const stem = end === "" ? name : name.slice(0, dot);
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(stem)) {
    if (Buffer.byteLength(kept + segment + end) > MAX_BYTES) break;
    kept += segment;
  }
  return kept + end;
}
