/** The host's half of the plugin RPC, driven by the generated tables (docs/plugin-protocol.md). */

import {
  any,
  bytes,
  int,
  map,
  pointer,
  Registry,
  slice,
  string,
  struct,
  Tagged,
  type Type,
  tagged,
  uint32,
  url,
} from "../../../server/gob/index.ts";
import { nothing, type RpcClient, type RpcServer } from "../../../server/goplugin/index.ts";
import { AppError, GoError } from "../../../server/mattermost/index.ts";
import { apiMethods as apiTable } from "../../../server/mattermost/wire/api.gen.ts";
import {
  type Context,
  AppError as WireAppError,
  Context as wireContext,
} from "../../../server/mattermost/wire/model.gen.ts";
import { registerNames } from "../../../server/mattermost/wire/registry.gen.ts";
import type { HookMethod } from "../../../server/mattermost/wire/shapes.ts";
import type { StandInApi } from "./plugin-api.ts";

export const registry = registerNames(new Registry());

type Fields = Record<string, unknown>;

/** Go's generated Z_XArgs and Z_XReturns: fields A, B, C… in the order of the parameters. */
export function lettered(types: readonly Type<unknown>[]): Type<Fields> {
  return struct<Fields>("", () => Object.fromEntries(types.map((type, i) => [letter(i), type] as const)));
}

const letter = (i: number) => String.fromCharCode(65 + i);

export const onActivateArgs = struct("", () => ({ APIMuxId: uint32, DriverMuxId: uint32 }));
export const onlyError = lettered([any]);
export const header: Type<Record<string, string[]>> = map(string, slice(string));

export interface HttpRequestSubset {
  Method: string;
  URL: string | null;
  Proto: string;
  ProtoMajor: number;
  ProtoMinor: number;
  Header: Record<string, string[]>;
  Host: string;
  RemoteAddr: string;
  RequestURI: string;
}

const httpRequestSubset: Type<HttpRequestSubset> = struct<HttpRequestSubset>("HTTPRequestSubset", () => ({
  Method: string,
  URL: pointer(url),
  Proto: string,
  ProtoMajor: int,
  ProtoMinor: int,
  Header: header,
  Host: string,
  RemoteAddr: string,
  RequestURI: string,
}));

export interface ServeHttpArgs {
  ResponseWriterStream: number;
  Request: HttpRequestSubset | null;
  Context: Context | null;
  RequestBodyStream: number;
}

export const serveHttpArgs: Type<ServeHttpArgs> = struct<ServeHttpArgs>("Z_ServeHTTPArgs", () => ({
  ResponseWriterStream: uint32,
  Request: pointer(httpRequestSubset),
  Context: pointer(wireContext),
  RequestBodyStream: uint32,
}));

/** Serves every method the stand-in has; the rest is "can't find method", as on an older server. */
export function serveApi(server: RpcServer, implementation: StandInApi): void {
  for (const [name, method] of Object.entries(apiTable)) {
    const run = Reflect.get(implementation, name);
    if (typeof run !== "function") continue;
    if (name === "loadPluginConfiguration") {
      server.handle(`Plugin.${method.go}`, nothing, lettered([bytes]), async () => ({
        A: new TextEncoder().encode(JSON.stringify(await run())),
      }));
      continue;
    }
    if (method.byHand) continue;
    const argTypes = method.args();
    const resultTypes = method.results();
    const failure =
      method.fails === "AppError" ? [pointer(WireAppError)] : method.fails === "error" ? [any] : [];
    server.handle(
      `Plugin.${method.go}`,
      lettered(argTypes),
      lettered([...resultTypes, ...failure]),
      async (args) => {
        try {
          const result: unknown = await run(...argTypes.map((_, i) => args[letter(i)]));
          if (resultTypes.length === 1) return { A: result };
          return Array.isArray(result) ? Object.fromEntries(result.map((each, i) => [letter(i), each])) : {};
        } catch (error) {
          if (!method.fails || !(error instanceof AppError || error instanceof GoError)) throw error;
          const failed = method.fails === "AppError" ? toWire(error) : asGoError(error);
          return { [letter(resultTypes.length)]: failed };
        }
      },
    );
  }
}

/** Calls a hook and gives its results back as the generated table orders them; failures are thrown. */
export async function callHook(
  client: RpcClient,
  method: HookMethod,
  args: readonly unknown[],
): Promise<unknown> {
  const argTypes = method.args();
  const resultTypes = method.results();
  const failure = method.fails ? [method.fails === "AppError" ? pointer(WireAppError) : any] : [];
  const reply = await client.call(
    `Plugin.${method.go}`,
    lettered(argTypes),
    Object.fromEntries(args.map((value, i) => [letter(i), value])),
    lettered([...resultTypes, ...failure]),
  );
  const failed = reply[letter(resultTypes.length)];
  if (method.fails && failed) throw fromWire(failed);
  const results = resultTypes.map((_, i) => reply[letter(i)]);
  if (method.prefilled && results[0]) results[0] = mergeInto(args[1], results[0]);
  return results.length > 1 ? results : results[0];
}

/**
 * The host decodes the reply of some hooks into the value it sent: what the plugin leaves out or sets to zero
 * keeps its value, maps only grow.
 */
function mergeInto(original: unknown, reply: unknown): unknown {
  const merged = { ...(original as Fields) };
  for (const [key, value] of Object.entries(reply as Fields)) {
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isMap) merged[key] = { ...(merged[key] as Fields | null), ...value };
    else if (value !== "" && value !== 0 && value !== false && value !== null && !isEmpty(value))
      merged[key] = value;
  }
  return merged;
}

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

function toWire(error: AppError | GoError): WireAppError {
  const app = error instanceof AppError ? error : new AppError(error.message);
  return {
    Id: app.id,
    Message: app.message,
    DetailedError: app.detailedError,
    RequestId: app.requestId,
    StatusCode: app.statusCode,
    Where: app.where,
    SkipTranslation: false,
  };
}

function asGoError(error: AppError | GoError): Tagged {
  if (error instanceof AppError) return tagged("*model.AppError", toWire(error));
  return tagged("*plugin.ErrorString", { Code: 0, Err: error.message });
}

/** What a hook failed with: *model.AppError as a pointer, or an error inside an interface. */
export function fromWire(failed: unknown): Error {
  const value = failed instanceof Tagged ? failed.value : failed;
  const fields = (typeof value === "object" && value !== null ? value : {}) as Fields;
  if ("StatusCode" in fields) return AppError.fromWire(value as WireAppError);
  return new GoError(String(fields.Err ?? value));
}
