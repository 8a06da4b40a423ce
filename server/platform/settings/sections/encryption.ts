/** Settings: the keys that encrypt stored secrets. */

import { isKeyText } from "../../store/key-text.ts";
import { trimmed } from "../rule.ts";
import { plain, section } from "../section.ts";

/** 32 bytes in base64. */
const sealingKey = trimmed("sealing_key", (text) => text === "" || isKeyText(text));

export const encryptionSettings = section("connect", {
  encryption_key: plain(sealingKey, { secret: true }),
  /** Decrypts values that were encrypted before a key rotation. */
  encryption_key_previous: plain(sealingKey, { secret: true }),
});
