/** Names of files on their way between Mattermost and Microsoft 365, made safe for both and for people who save them. */

const MAX_BYTES = 255;
/** Control characters, marks that change the text direction, and characters that Windows does not allow in names. */
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029"*:<>?|]/gu;
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** Returns a name that OneDrive and SharePoint accept, also within the address of a call. */
export const driveName = (given: string) =>
  safeName(given, "file")
    .replace(/[#%]/g, "_")
    .replace(/^~\$/, "__")
    .replace(/_vti_/gi, "_vti-")
    .replace(/^desktop\.ini$/i, "_$&");

/** Returns a name of at most 255 bytes that keeps its extension. */
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
