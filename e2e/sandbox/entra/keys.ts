import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Whether the key set shows it. A new key signs before others have fetched it: that is what rotation is like. */
  published: boolean;
}

export function newSigningKey(published = true): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const kid = createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
  return { kid, privateKey, publicKey, published };
}

/** As Entra publishes it; `x5c` is left out, nobody may need it. */
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

/** A token whose header says what the caller likes and whose signature is given: for attacks. */
export function joinJwt(header: object, claims: object, signature: (body: string) => string): string {
  const body = `${encode(header)}.${encode(claims)}`;
  return `${body}.${signature(body)}`;
}
