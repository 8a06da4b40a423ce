/**
 * Signs a Microsoft admin in by device code (RFC 8628), for actions that only a person may perform: changing the
 * registration, publishing to the catalog. The token lives only in memory, while the console's dialog is open.
 *
 * It does not use msal-node, which caches tokens and polls by itself: the console polls step by step and must be able
 * to stop.
 */

import { z } from "zod";
import { ProductError } from "../../platform/errors.ts";
import { lazy } from "../../runtime/lazy.ts";
import type { Cloud } from "../config/index.ts";
import { causeOf, causeWords, type Fetch } from "../network/index.ts";
import { aadstsOf, refusalOf } from "./refusals.ts";
import { SIGN_IN_CLIENT } from "./sign-in-client.ts";

export interface DeviceCode {
  /** The code that the person enters at `verificationUri`. */
  readonly userCode: string;
  readonly verificationUri: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly intervalMs: number;
  /** Secret: its holder gets the token. */
  readonly deviceCode: string;
}

export type DeviceCodeAnswer =
  | { readonly state: "pending" }
  | { readonly state: "slow_down" }
  | { readonly state: "declined" | "expired" }
  /** `detail` is Entra's own code, such as AADSTS53003. */
  | { readonly state: "refused"; readonly detail: string }
  | { readonly state: "signed_in"; readonly token: DelegatedToken };

export interface DelegatedToken {
  readonly accessToken: string;
  readonly expiresAt: number;
  readonly tenantId: string;
  /** The account's name, for the screen and the audit record. */
  readonly account: string;
}

export interface DeviceCodePorts {
  readonly cloud: Cloud;
  /** A tenant id, or `organizations` when the admin has not entered one. */
  readonly tenant: string;
  readonly fetch: Fetch;
  readonly now: () => number;
}

const codeAnswer = lazy(() =>
  z.object({
    device_code: z.string().min(1),
    user_code: z.string().min(1),
    verification_uri: z.url(),
    expires_in: z.coerce.number().positive(),
    interval: z.coerce.number().positive().default(5),
  }),
);
const tokenAnswer = lazy(() =>
  z.object({
    access_token: z.string().min(1),
    expires_in: z.coerce.number().positive(),
    id_token: z.string().optional(),
  }),
);
const errorAnswer = lazy(() => z.object({ error: z.string(), error_description: z.string().optional() }));
const claims = lazy(() =>
  z.object({
    tid: z.string().optional(),
    preferred_username: z.string().optional(),
    upn: z.string().optional(),
    unique_name: z.string().optional(),
  }),
);

/** Starts a device code sign-in. `permissions` are delegated Graph permissions, such as `AppCatalog.Submit`. */
export async function startDeviceCode(
  ports: DeviceCodePorts,
  permissions: readonly string[],
): Promise<DeviceCode> {
  const scope = ["openid", "profile", ...permissions.map((name) => `${ports.cloud.graphUrl}/${name}`)].join(
    " ",
  );
  const answer = await send(ports, "devicecode", { client_id: SIGN_IN_CLIENT.id, scope });
  const parsed = codeAnswer().safeParse(answer);
  if (!parsed.success) throw refused(ports, answer);
  const { device_code, user_code, verification_uri, expires_in, interval } = parsed.data;
  return {
    deviceCode: device_code,
    userCode: user_code,
    verificationUri: verification_uri,
    expiresAt: ports.now() + expires_in * 1000,
    intervalMs: interval * 1000,
  };
}

export async function askDeviceCode(ports: DeviceCodePorts, code: DeviceCode): Promise<DeviceCodeAnswer> {
  if (ports.now() >= code.expiresAt) return { state: "expired" };
  const answer = await send(ports, "token", {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: SIGN_IN_CLIENT.id,
    device_code: code.deviceCode,
  });
  const token = tokenAnswer().safeParse(answer);
  if (token.success) {
    const { access_token, expires_in, id_token } = token.data;
    const who = { ...readClaims(access_token), ...readClaims(id_token ?? "") };
    return {
      state: "signed_in",
      token: {
        accessToken: access_token,
        expiresAt: ports.now() + expires_in * 1000,
        tenantId: who.tid ?? ports.tenant,
        account: who.preferred_username ?? who.upn ?? who.unique_name ?? "",
      },
    };
  }
  const error = errorAnswer().safeParse(answer);
  switch (error.data?.error) {
    case "authorization_pending":
      return { state: "pending" };
    case "slow_down":
      return { state: "slow_down" };
    case "authorization_declined":
    case "access_denied":
      return { state: "declined" };
    case "expired_token":
    case "code_expired":
      return { state: "expired" };
    case undefined:
      throw refused(ports, answer);
    default:
      return { state: "refused", detail: errorCode(answer) };
  }
}

/** The same, but while Microsoft cannot be reached the answer is to ask less often (RFC 8628, 3.5). */
export async function askThroughFaults(ports: DeviceCodePorts, code: DeviceCode): Promise<DeviceCodeAnswer> {
  try {
    return await askDeviceCode(ports, code);
  } catch (error) {
    if (error instanceof ProductError && error.code === "microsoft_unreachable")
      return { state: "slow_down" };
    throw error;
  }
}

async function send(
  ports: DeviceCodePorts,
  endpoint: string,
  fields: Record<string, string>,
): Promise<unknown> {
  let response: Response;
  try {
    response = await ports.fetch(
      `${ports.cloud.loginUrl}/${encodeURIComponent(ports.tenant)}/oauth2/v2.0/${endpoint}`,
      {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
        body: new URLSearchParams(fields).toString(),
      },
    );
    return await response.json();
  } catch (error) {
    const detail = `${new URL(ports.cloud.loginUrl).host}: ${causeWords(causeOf(error))}`;
    throw new ProductError("microsoft_unreachable", detail, { cause: error });
  }
}

/** There was an answer: a refusal by Entra, or a reply of another server in its place. */
function refused({ cloud }: DeviceCodePorts, answer: unknown): ProductError {
  const code = errorCode(answer);
  if (code.startsWith("AADSTS")) return new ProductError(refusalOf(code).code, code);
  const detail = code === "unknown" ? "the answer is not Microsoft's" : code;
  return new ProductError("microsoft_unreachable", `${new URL(cloud.loginUrl).host}: ${detail}`);
}

/** Returns Entra's number if there is one. Entra's text is not used, because it names people and correlation ids. */
function errorCode(answer: unknown): string {
  const error = errorAnswer().safeParse(answer).data;
  return aadstsOf(error?.error_description ?? "") ?? error?.error ?? "unknown";
}

/** Only for display: Graph, which gets the token, decides who signed in. */
function readClaims(token: string): z.output<ReturnType<typeof claims>> {
  try {
    return claims().parse(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()));
  } catch {
    return {};
  }
}
