/**
 * The issuers and signing keys of one tenant, from the authority's two metadata documents:
 *
 *   {login}/{tenant}/.well-known/openid-configuration        ─▶ issuer and keys of v1 tokens
 *   {login}/{tenant}/v2.0/.well-known/openid-configuration   ─▶ issuer and keys of v2 tokens
 *
 * The issuer of the v2 document must be the address it was read from, without the well-known part (OpenID Connect
 * Discovery 1.0, section 4.3). v1 issuers are on other hosts than the login page; Microsoft documents which.
 */

import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";
import type { Fetch } from "../network/index.ts";
import { type KeepRules, KeptDocument } from "./kept-document.ts";
import { readJson, TenantUnknown } from "./read-json.ts";

export type TokenVersion = "1.0" | "2.0";

export type KeyAnswer =
  | { readonly found: true; readonly issuer: string; readonly key: KeyObject }
  | {
      readonly found: false;
      readonly reason: "key_unknown" | "keys_unavailable" | "tenant_unknown";
      readonly detail: string;
    };

export interface KeySource {
  find(version: TokenVersion, kid: string): Promise<KeyAnswer>;
}

export interface TenantKeysOptions {
  /** The authority without tenant: `https://login.microsoftonline.com`. */
  readonly loginUrl: string;
  readonly tenantId: string;
  readonly fetch: Fetch;
  readonly clock: () => number;
  /** Called with published keys that cannot be used, which jwks-rsa silently drops. */
  readonly onUnusableKeys?: (unusable: readonly UnusableKey[]) => void;
}

export interface KeysInUse {
  readonly issuer: string;
  readonly kids: readonly string[];
  /** Published keys that were left out. */
  readonly unusable: readonly UnusableKey[];
}

export interface UnusableKey {
  readonly kid: string;
  readonly why: string;
}

const HOUR = 3_600_000;
/**
 * Microsoft rolls keys without notice and asks for about a day of caching; a removed key is dropped within `freshMs`.
 */
const KEEP: KeepRules = { freshMs: 6 * HOUR, maxAgeMs: 48 * HOUR, cooldownMs: 30_000, retryMs: 5_000 };
/** Entra's documents have 2 KB, and about 10 keys of 2 KB. */
const METADATA_LIMITS = { timeoutMs: 5_000, maxBytes: 64 * 1024 };
const JWKS_LIMITS = { timeoutMs: 5_000, maxBytes: 256 * 1024 };
const MAX_KEYS = 100;

/** Below 2048 bits a key can be broken; above 8192 one verification costs more than a sign-in may. */
const MIN_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 8192;

/** The only authority whose documents name another host (docs/facts/microsoft.md 7). */
const KEY_HOST_ALIASES: Readonly<Record<string, string>> = {
  "login.partner.microsoftonline.cn": "login.chinacloudapi.cn",
};

/** Hosts of v1 issuers besides the login page's own (docs/facts/microsoft.md 7). */
const V1_ISSUER_HOSTS: Readonly<Record<string, string>> = {
  "login.microsoftonline.com": "sts.windows.net",
  "login.microsoftonline.us": "sts.windows.net",
  "login.partner.microsoftonline.cn": "sts.chinacloudapi.cn",
};

const metadataShape = lazy(() => z.object({ issuer: z.url(), jwks_uri: z.url() }));
/** Keys are parsed one by one, so that a malformed one does not affect the others. */
const jwksShape = lazy(() => z.object({ keys: z.array(z.unknown()).min(1).max(MAX_KEYS) }));
type Jwk = Readonly<Record<string, unknown>>;

export class TenantKeys implements KeySource {
  readonly #documents: Readonly<Record<TokenVersion, VersionDocuments>>;

  constructor(options: TenantKeysOptions) {
    this.#documents = {
      "1.0": new VersionDocuments("1.0", options),
      "2.0": new VersionDocuments("2.0", options),
    };
  }

  find(version: TokenVersion, kid: string): Promise<KeyAnswer> {
    return this.#documents[version].find(kid);
  }

  /** For the Checks page: what the authority publishes now. Throws with the reason when it cannot be read. */
  async describe(version: TokenVersion): Promise<KeysInUse> {
    return this.#documents[version].describe();
  }
}

interface KeySet {
  readonly keys: ReadonlyMap<string, KeyObject>;
  readonly unusable: readonly UnusableKey[];
}

/** Metadata and keys of one token version. */
class VersionDocuments {
  readonly #metadata: KeptDocument<{ issuer: string; jwksUri: string }>;
  readonly #keys: KeptDocument<KeySet>;

  constructor(version: TokenVersion, options: TenantKeysOptions) {
    this.#metadata = new KeptDocument(() => readMetadata(version, options), KEEP, options.clock);
    this.#keys = new KeptDocument(
      async () => readKeys((await this.#metadata.current()).jwksUri, options),
      KEEP,
      options.clock,
    );
  }

  async find(kid: string): Promise<KeyAnswer> {
    try {
      const { issuer } = await this.#metadata.current();
      const key = (await this.#keys.current()).keys.get(kid) ?? (await this.#keys.renewed()).keys.get(kid);
      if (key) return { found: true, issuer, key };
      return { found: false, reason: "key_unknown", detail: "no published key has the token's kid" };
    } catch (error) {
      return {
        found: false,
        reason: error instanceof TenantUnknown ? "tenant_unknown" : "keys_unavailable",
        detail: error instanceof Error ? error.message : String(error),
      };
    }
  }

  async describe(): Promise<KeysInUse> {
    const { issuer } = await this.#metadata.renewed();
    const { keys, unusable } = await this.#keys.renewed();
    return { issuer, kids: [...keys.keys()], unusable };
  }
}

async function readMetadata(
  version: TokenVersion,
  { fetch, loginUrl, tenantId }: TenantKeysOptions,
): Promise<{ issuer: string; jwksUri: string }> {
  const base = `${loginUrl}/${tenantId}${version === "2.0" ? "/v2.0" : ""}`;
  const url = `${base}/.well-known/openid-configuration`;
  const parsed = metadataShape().safeParse(await readJson(fetch, url, METADATA_LIMITS));
  if (!parsed.success) throw new Error(`${url} lacks issuer or jwks_uri`);
  const { issuer, jwks_uri: jwksUri } = parsed.data;
  // The documents of `common`, of other tenants and of other authorities would let other people in.
  const fits = version === "2.0" ? issuer === base : isV1Issuer(issuer, loginUrl, tenantId);
  if (!fits) throw new Error(`${url} has the issuer of another tenant or authority`);
  const allowed = new URL(loginUrl);
  const offered = new URL(jwksUri);
  const sameHost = offered.host === allowed.host || offered.host === KEY_HOST_ALIASES[allowed.host];
  if (offered.protocol !== "https:" || !sameHost)
    throw new Error(`${url} names keys on another host: ${offered.host}`);
  return { issuer, jwksUri };
}

function namesTenant(issuer: string, tenantId: string): boolean {
  return URL.canParse(issuer) && new URL(issuer).pathname.split("/").includes(tenantId);
}

/**
 * The v1 issuer of a private cloud is undocumented: accept the login page's host, or a host named `sts` like
 * Microsoft's.
 */
function isV1Issuer(issuer: string, loginUrl: string, tenantId: string): boolean {
  const login = new URL(loginUrl);
  if (issuer === `${login.origin}/${tenantId}/`) return true;
  const { hostname } = new URL(issuer);
  const documented = V1_ISSUER_HOSTS[login.host];
  const isKnownHost = documented ? hostname === documented : /^sts\.[a-z0-9.-]+$/.test(hostname);
  return isKnownHost && issuer === `https://${hostname}/${tenantId}/`;
}

async function readKeys(
  jwksUri: string,
  { fetch, tenantId, onUnusableKeys }: TenantKeysOptions,
): Promise<KeySet> {
  const unusable: UnusableKey[] = [];
  // Loaded with the first key set: they would cost every start of the plugin 20 ms.
  const [{ default: jwksRsa }, { createPublicKey }] = await Promise.all([
    import("jwks-rsa"),
    import("node:crypto"),
  ]);
  const client = jwksRsa({
    jwksUri,
    // Our cache keeps all keys through an outage; a second cache would disagree about cooldown and age.
    cache: false,
    fetcher: async (uri) => {
      const parsed = jwksShape().safeParse(await readJson(fetch, uri, JWKS_LIMITS));
      if (!parsed.success) throw new Error(`${uri} is not a key set of 1 to ${MAX_KEYS} keys`);
      const objects = parsed.data.keys.flatMap((jwk): Jwk[] => {
        if (typeof jwk === "object" && jwk !== null && !Array.isArray(jwk)) return [jwk as Jwk];
        unusable.push({ kid: "", why: "is not an object" });
        return [];
      });
      usable = usableKeys(objects, tenantId, unusable);
      return { keys: usable };
    },
  });
  let usable: readonly Jwk[] = [];
  try {
    const keys = new Map<string, KeyObject>();
    for (const { kid, ...signingKey } of await client.getSigningKeys()) {
      keys.set(kid, createPublicKey(signingKey.getPublicKey()));
    }
    for (const { kid } of usable) {
      if (typeof kid === "string" && !keys.has(kid)) unusable.push({ kid, why: "cannot be imported" });
    }
    return { keys, unusable };
  } finally {
    if (unusable.length > 0) onUnusableKeys?.(unusable);
  }
}

function usableKeys(all: readonly Jwk[], tenantId: string, unusable: UnusableKey[]): Jwk[] {
  const leaveOut = (jwk: Jwk, why: string) =>
    unusable.push({ kid: typeof jwk.kid === "string" ? jwk.kid.slice(0, 64) : "", why });
  const good = all.filter((jwk) => {
    const why = whyUnusable(jwk, tenantId);
    if (why !== null) leaveOut(jwk, why);
    return why === null;
  });
  // Considers only good keys: a malformed key must not displace a good one with the same kid.
  return good.filter((jwk) => {
    const isUnique = good.every((other) => other.kid !== jwk.kid || other.n === jwk.n);
    if (!isUnique) leaveOut(jwk, "shares its kid with another key");
    return isUnique;
  });
}

/**
 * Why a key is unusable, or null. The rules are spelled out here, because jwks-rsa silently drops keys it cannot
 * import.
 */
function whyUnusable(jwk: Jwk, tenantId: string): string | null {
  const { kid, n, e } = jwk;
  if (typeof kid !== "string" || kid === "") return "has no kid";
  if (jwk.kty !== "RSA") return "is not an RSA key";
  if (jwk.use !== undefined && jwk.use !== "sig") return "is not for signatures";
  if (jwk.alg !== undefined && jwk.alg !== "RS256") return "is for another algorithm";
  if ("d" in jwk) return "contains a private key";
  if (typeof n !== "string" || typeof e !== "string") return "lacks modulus or exponent";
  // RFC 7518 6.3.1.1. Node ignores padding and line ends, so such a key would share its kid with a good one.
  if (!/^[A-Za-z0-9_-]+$/.test(n)) return "has a modulus that is not base64url";
  const bits = bitLength(n);
  if (bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS) return `has ${bits} bits`;
  if (e !== "AQAB") return "has an exponent other than 65537";
  // Entra marks keys with the issuer they sign for: a template, or the fixed tenant of personal accounts.
  const issuer = jwk.issuer;
  if (issuer !== undefined && !(typeof issuer === "string" && namesTenant(fill(issuer, tenantId), tenantId)))
    return "belongs to another tenant";
  return null;
}

const fill = (template: string, tenantId: string) => template.replace("{tenantid}", tenantId);

function bitLength(base64url: string): number {
  const bytes = Buffer.from(base64url, "base64url");
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) return 0;
  return (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}
