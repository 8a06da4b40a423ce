import { type CallLimit, CallTimeout, type RpcClient, RpcError } from "../goplugin/index.ts";
import { nullsAsZeros } from "./config-zeros.ts";
import { ApiTimeout, AppError, ConfigOfAnotherVersion, NotSupportedByServer } from "./errors.ts";
import { gobSafe, printed } from "./go-values.ts";
import { codecOf, type Letters, letter } from "./method-codec.ts";
import { KNOWN_SERVER, sameMinor } from "./version.ts";
import { type Api, apiMethods } from "./wire/api.gen.ts";
import { Config } from "./wire/config.gen.ts";
import type { AppError as WireAppError } from "./wire/model.gen.ts";
import type { ApiMethod } from "./wire/shapes.ts";
import { errorFromWire } from "./wire-error.ts";

export type ApiName = keyof Api;

/** Calls one generated method over the wire. */
export type Caller = (name: ApiName, args: unknown[]) => Promise<unknown>;

/** Makes the caller of one activation. `client` throws when the plugin is not activated. */
export function callerOver(
  client: (name: ApiName) => RpcClient,
  limitOf: (name: ApiName) => CallLimit,
): Caller {
  return async (name, given) => {
    const rpc = client(name);
    const method = apiMethods[name];
    const codec = codecOf(method);
    const args: Letters = {};
    for (let i = 0; i < given.length; i++) args[letter(i)] = given[i];
    let returns: Letters;
    try {
      returns = await rpc.call(`Plugin.${method.go}`, codec, args, limitOf(name));
    } catch (error) {
      throw asApiError(error, name);
    }
    return resultOf(method, returns);
  };
}

/** Translates a time limit and net/rpc's "no such method" into the API's own errors. */
export function asApiError(error: unknown, name: ApiName): unknown {
  if (error instanceof CallTimeout) return new ApiTimeout(name, error.seconds);
  if (!(error instanceof RpcError)) return error;
  const { go, since } = apiMethods[name];
  const missing =
    error.message === `rpc: can't find method Plugin.${go}` ||
    error.message.endsWith("called but not implemented");
  return missing ? new NotSupportedByServer(name, since) : error;
}

function resultOf(method: ApiMethod, returns: Letters): unknown {
  const { results, failure } = codecOf(method);
  if (failure) {
    const value = returns[failure];
    const error =
      method.fails === "AppError" ? value && AppError.fromWire(value as WireAppError) : errorFromWire(value);
    if (error) throw error;
  }
  if (results === 0) return undefined;
  if (results === 1) return returns.A;
  return Array.from({ length: results }, (_, i) => returns[letter(i)]);
}

/** Throws when saving the whole configuration would lose settings of a server of another version. */
export function assertKnownConfig(serverVersion: string): void {
  if (!sameMinor(serverVersion, KNOWN_SERVER)) throw new ConfigOfAnotherVersion(serverVersion, KNOWN_SERVER);
}

/** Makes the typed API: one function for each method, plus the few whose wire form differs. */
export function makeApi(call: Caller, byHand: Partial<Api>): Api {
  const api: Partial<Record<ApiName, unknown>> = {};
  for (const name of Object.keys(apiMethods) as ApiName[]) {
    if (!apiMethods[name].byHand) api[name] = (...args: unknown[]) => call(name, args);
  }
  // Go formats the values before it sends them; the server accepts only strings.
  for (const name of ["logDebug", "logInfo", "logWarn", "logError"] as const) {
    api[name] = (message: string, ...keyValuePairs: unknown[]) =>
      call(name, [message, keyValuePairs.map(printed)]);
  }
  // Go sends audit records through JSON first, so that any value a plugin passes has a form that gob can send.
  api.logAuditRec = (record: unknown) => call("logAuditRec", [gobSafe(record)]);
  api.logAuditRecWithLevel = (record: unknown, level: unknown) =>
    call("logAuditRecWithLevel", [gobSafe(record), level]);
  let version: string | undefined;
  api.saveConfig = async (config: unknown) => {
    version ??= String(await call("getServerVersion", []));
    assertKnownConfig(version);
    return call("saveConfig", [nullsAsZeros(Config, config)]);
  };
  return Object.assign(api, byHand) as Api;
}
