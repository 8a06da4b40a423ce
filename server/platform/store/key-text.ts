/** Whether the text is 32 bytes in canonical base64, a key of AES-256. */
export function isKeyText(text: string): boolean {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return false;
  return Buffer.from(text, "base64").toString("base64") === text;
}
