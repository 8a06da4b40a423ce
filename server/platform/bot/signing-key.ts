/** The key that signs buttons and dialogs. */

import type { KeyValueStore } from "../../runtime/mattermost/index.ts";
import { randomKey } from "../store/random-key.ts";

export const signingKey = (kv: Pick<KeyValueStore, "get" | "compareAndSet">) =>
  randomKey(kv, "bot/signing-key");
