/** Builds the change notifications of the fake Graph: entries, encrypted contents, tokens, and forgeries of each. */

import {
  constants,
  createCipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
  randomUUID,
  X509Certificate,
} from "node:crypto";
import { newSigningKey, signJwt } from "../entra/keys.ts";
import type { Entra } from "../entra/server.ts";
import type { SentChange, Subscription } from "./changes.ts";
import { familyOf } from "./subscription-rules.ts";

export const CHANGE_TRACKING_APP_ID = "0bf30f3b-4a52-48df-9a82-234910c4a086";

export const forgeries = [
  "client state",
  "no client state",
  "tenant",
  "subscription",
  "token signature",
  "token audience",
  "token issuer",
  "token sender",
  "token expired",
  "no token",
  "content signature",
  "content key",
  "plain",
] as const;
export type Forgery = (typeof forgeries)[number];

interface Making {
  readonly tenantId: string;
  readonly forgery: Forgery | null;
}

/** The fields that every notification has. */
export function commonOf(one: Subscription, tenantId: string) {
  return {
    subscriptionId: one.id,
    subscriptionExpirationDateTime: new Date(one.expiresAt).toISOString(),
    clientState: one.clientState,
    tenantId,
  };
}

/** One notification of a change. */
export function notificationOf(one: Subscription, change: SentChange, { tenantId, forgery }: Making): object {
  const { resource, changeType, data } = change;
  const etag = data.etag ?? data["@odata.etag"];
  const id = /\('([^']*)'\)$/.exec(resource)?.[1] ?? resource.split("/").at(-1);
  const entry: Record<string, unknown> = {
    ...commonOf(one, tenantId),
    id: randomUUID(),
    changeType,
    resource,
    resourceData: {
      "@odata.type":
        familyOf(one.resource) === "events" ? "#Microsoft.Graph.Event" : "#Microsoft.Graph.chatMessage",
      "@odata.id": resource,
      ...(one.certificate === null && etag !== undefined && { "@odata.etag": etag }),
      id,
    },
  };
  if (one.certificate && forgery !== "plain")
    entry.encryptedContent = encrypted(one.certificate, JSON.stringify(data), forgery);
  if (forgery === "client state") entry.clientState = `${String(one.clientState).slice(0, -4)}AAAA`;
  if (forgery === "no client state") delete entry.clientState;
  if (forgery === "tenant") entry.tenantId = randomUUID();
  if (forgery === "subscription") entry.subscriptionId = randomUUID();
  return entry;
}

interface TokenMaking {
  readonly forgery: Forgery | null;
  /** Milliseconds. */
  readonly now: number;
}

const strangersKey = newSigningKey("stranger");

/** As Entra issues it to Graph change tracking; v1, as in reality. */
export function validationToken(appId: string, entra: Entra, { forgery, now }: TokenMaking): string {
  const { issuerV1, key, tenantId } = entra.ports(now);
  const at = Math.floor(now / 1000);
  const claims = {
    aud: forgery === "token audience" ? randomUUID() : appId,
    iss: forgery === "token issuer" ? `https://sts.sandbox.example/${randomUUID()}/` : issuerV1,
    iat: at - 60,
    nbf: at - 60,
    exp: at + (forgery === "token expired" ? -3_600 : 3_600),
    appid: forgery === "token sender" ? randomUUID() : CHANGE_TRACKING_APP_ID,
    appidacr: "2",
    idtyp: "app",
    oid: randomUUID(),
    sub: randomUUID(),
    tid: tenantId,
    ver: "1.0",
  };
  return signJwt(claims, forgery === "token signature" ? { ...strangersKey, kid: key.kid } : key);
}

function encrypted(
  certificate: { readonly id: string; readonly base64: string },
  json: string,
  forgery: Forgery | null,
) {
  const { publicKey, fingerprint } = new X509Certificate(Buffer.from(certificate.base64, "base64"));
  const key = randomBytes(32);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(json), cipher.final()]);
  const signingKey = forgery === "content signature" ? randomBytes(32) : key;
  const sent = forgery === "content key" ? randomBytes(32) : key;
  return {
    data: data.toString("base64"),
    dataSignature: createHmac("sha256", signingKey).update(data).digest("base64"),
    dataKey: publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING }, sent).toString(
      "base64",
    ),
    encryptionCertificateId: certificate.id,
    encryptionCertificateThumbprint: fingerprint.replaceAll(":", ""),
  };
}
