import { randomBytes } from "node:crypto";

const ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"; // model.NewId: base32 of a UUID in this alphabet

/** A Mattermost id: 26 characters. */
export function newId(): string {
  return Array.from(randomBytes(26), (byte) => ALPHABET[byte & 31]).join("");
}
