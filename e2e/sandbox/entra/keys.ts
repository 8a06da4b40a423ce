import { createHash, type KeyObject, sign } from "node:crypto";
import { newRsaKeyPair, rsaKeyPair } from "./key-pairs.ts";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /**
   * Whether the key set contains it. In a key rotation, a new key signs before others have fetched it.
   */
  published: boolean;
}

/** `name`: see rsaKeyPair. Without it the key is new, even in tests. */
export function newSigningKey(name?: string, published = true): SigningKey {
  const { publicKey, privateKey } = name === undefined ? newRsaKeyPair() : rsaKeyPair(name);
  const kid = createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
  return { kid, privateKey, publicKey, published };
}

/** As Entra publishes it, but without `x5c`, which nobody may rely on. */
export function toJwk(key: SigningKey, issuer: string): Record<string, unknown> {
  return {
    ...key.publicKey.export({ format: "jwk" }),
    use: "sig",
    kid: key.kid,
    x5t: key.kid,
    alg: "RS256",
    issuer,
  };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function signJwt(claims: object, key: SigningKey, header: object = {}): string {
  const body = `${encode({ typ: "JWT", alg: "RS256", kid: key.kid, ...header })}.${encode(claims)}`;
  return `${body}.${sign("sha256", Buffer.from(body), key.privateKey).toString("base64url")}`;
}

/** For attacks: a token with any header and a given signature. */
export function joinJwt(header: object, claims: object, signature: (body: string) => string): string {
  const body = `${encode(header)}.${encode(claims)}`;
  return `${body}.${signature(body)}`;
}
