/** Checks of the tenant's keys and of how they are fetched. */

import { mutationsOf } from "./mutation.ts";

const keys = "server/microsoft/entra/tenant-keys.ts";
const kept = "server/microsoft/entra/kept-document.ts";
const json = "server/microsoft/entra/read-json.ts";
const tokens = "server/features/sign-in/bad-tokens.test.ts";
const badKeys = "server/features/sign-in/bad-keys.test.ts";
const keeping = "server/microsoft/entra/tenant-keys.test.ts server/microsoft/entra/unusable-keys.test.ts";

export const tenantKeysMutations = mutationsOf([
  // The keys and how they are fetched.
  [
    json,
    'redirect: "manual"',
    'redirect: "follow"',
    badKeys,
    "the way to the keys a redirect that leads to good keys: keys_unavailable",
  ],
  [
    json,
    "if (response.status !== 200)",
    "if (false)",
    keeping,
    "an HTTP error with keys in its body yields no keys",
  ],
  [
    json,
    "if (size > maxBytes)",
    "if (false)",
    keeping,
    "documents are read up to their limit and no further",
  ],
  [
    keys,
    'if (offered.protocol !== "https:" || !sameHost)',
    "if (false)",
    badKeys,
    "the way to the keys keys on another host: keys_unavailable",
  ],
  [keys, 'offered.protocol !== "https:" || ', "", keeping, "keys over http are not requested"],
  [
    keys,
    'if (jwk.use !== undefined && jwk.use !== "sig")',
    "if (false)",
    keeping,
    "jwks-rsa silently drops unusable keys; we report them encryption",
  ],
  [
    keys,
    'if (jwk.alg !== undefined && jwk.alg !== "RS256")',
    "if (false)",
    badKeys,
    "keys that must not be used for another algorithm: key_unknown",
  ],
  [
    keys,
    'if ("d" in jwk)',
    "if (false)",
    keeping,
    "jwks-rsa silently drops unusable keys; we report them its private half",
  ],
  [
    keys,
    "if (bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS)",
    "if (false)",
    tokens,
    "algorithm and key tricks a published key of 1024 bits: key_unknown",
  ],
  [
    keys,
    'if (e !== "AQAB")',
    "if (false)",
    keeping,
    "jwks-rsa silently drops unusable keys; we report them exponent 3",
  ],
  [
    keys,
    "return isUnique;",
    "return true;",
    badKeys,
    "keys that must not be used two under one kid: keys_unavailable",
  ],
  [
    keys,
    "if (issuer !== undefined && ",
    "if (false && ",
    badKeys,
    "keys that must not be used of the tenant of personal accounts: key_unknown",
  ],
  [
    keys,
    "if (unusable.length > 0) onUnusableKeys?.(unusable);",
    "",
    keeping,
    "jwks-rsa silently drops unusable keys; we report them encryption",
  ],
  [
    kept,
    "this.#clock() - this.#value.at < this.#rules.cooldownMs",
    "false",
    badKeys,
    "keys that must not be used an unknown kid again and again: one request per half minute: key_unknown",
  ],
  [
    kept,
    "if (this.#pausing() && this.#failure) throw this.#failure.error;",
    "",
    badKeys,
    "keys that must not be used an outage: one request per five seconds: keys_unavailable",
  ],
  [
    kept,
    "age < this.#rules.maxAgeMs",
    "true",
    badKeys,
    "keys that must not be used keys that were kept through an outage for too long: keys_unavailable",
  ],
  [
    kept,
    "this.#running ??= this.#load()",
    "this.#running = this.#load()",
    keeping,
    "keys are requested once for each token version, for a hundred callers at the same time",
  ],
]);
