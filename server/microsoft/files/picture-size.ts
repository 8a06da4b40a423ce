/**
 * Reads a picture's dimensions from the first bytes of its file, as the server does before it accepts the picture.
 */

/** Returns null when it is not a picture of a known kind, or when there are too few bytes. */
export function pixelsOf(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = (text: string, at = 0) =>
    bytes.length >= at + text.length &&
    [...text].every((one, index) => bytes[at + index] === one.charCodeAt(0));
  if (starts("\x89PNG\r\n\x1a\n") && bytes.length >= 24) return view.getUint32(16) * view.getUint32(20);
  if ((starts("GIF87a") || starts("GIF89a")) && bytes.length >= 10)
    return view.getUint16(6, true) * view.getUint16(8, true);
  if (starts("BM") && bytes.length >= 26) return Math.abs(view.getInt32(18, true) * view.getInt32(22, true));
  if (starts("RIFF") && starts("WEBP", 8)) return webp(bytes, view, starts);
  return starts("\xff\xd8") ? jpeg(bytes, view) : null;
}

function webp(
  bytes: Uint8Array,
  view: DataView,
  starts: (text: string, at: number) => boolean,
): number | null {
  const three = (at: number) => view.getUint16(at, true) + ((bytes[at + 2] ?? 0) << 16);
  if (starts("VP8X", 12) && bytes.length >= 30) return (three(24) + 1) * (three(27) + 1);
  if (starts("VP8 ", 12) && bytes.length >= 30)
    return (view.getUint16(26, true) & 0x3fff) * (view.getUint16(28, true) & 0x3fff);
  if (!starts("VP8L", 12) || bytes.length < 25) return null;
  const bits = view.getUint32(21, true);
  return ((bits & 0x3fff) + 1) * (((bits >> 14) & 0x3fff) + 1);
}

/** The size is in the frame header, after segments of any length (ITU T.81, B.2). */
function jpeg(bytes: Uint8Array, view: DataView): number | null {
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return view.getUint16(at + 5) * view.getUint16(at + 7);
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
