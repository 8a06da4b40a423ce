/** The host's half of the plugin RPC, driven by the generated tables (docs/plugin-protocol.md). */

import { any, bytes, Registry, slice, string, struct, uint32 } from "../../../server/runtime/gob/index.ts";
import { nothing, type RpcClient, type RpcServer } from "../../../server/runtime/goplugin/index.ts";
import { AppError, GoError } from "../../../server/runtime/mattermost/index.ts";
import { codecOf, type Letters, letter } from "../../../server/runtime/mattermost/method-codec.ts";
import { withoutZeros } from "../../../server/runtime/mattermost/testing/travelled.ts";
import { apiMethods } from "../../../server/runtime/mattermost/wire/api.gen.ts";
import type { AppError as WireAppError } from "../../../server/runtime/mattermost/wire/model.gen.ts";
import { registerNames } from "../../../server/runtime/mattermost/wire/registry.gen.ts";
import type { HookMethod } from "../../../server/runtime/mattermost/wire/shapes.ts";
import { appErrorToWire, errorFromWire, errorToWire } from "../../../server/runtime/mattermost/wire-error.ts";
import type { StandInApi } from "./plugin-api.ts";

export const registry = registerNames(new Registry());

/** `Implemented` answers the list itself, without a struct around it. */
export const implementedReply = slice(string);
export const onActivateArgs = struct("", () => ({ APIMuxId: uint32, DriverMuxId: uint32 }));
export const onActivateReply = struct("", () => ({ A: any }));
const configurationReply = struct("", () => ({ A: bytes }));

/** Serves every method of the stand-in. Others answer "can't find method", as on an older server. */
export function serveApi(server: RpcServer, implementation: StandInApi): void {
  server.handle("Plugin.LoadPluginConfiguration", nothing, configurationReply, async () => ({
    A: new TextEncoder().encode(JSON.stringify(await implementation.loadPluginConfiguration())),
  }));
  for (const [name, method] of Object.entries(apiMethods)) {
    const run = Reflect.get(implementation, name);
    if (typeof run !== "function" || method.byHand) continue;
    const codec = codecOf(method);
    const parameters = method.args().map((_, i) => letter(i));
    server.handle(`Plugin.${method.go}`, codec.args, codec.returns, async (args) => {
      try {
        const given: unknown = await run(...parameters.map((parameter) => args[parameter]));
        // Go sends no pointer to false, 0 or "", but our own type of the settings would.
        const result = name === "getConfig" || name === "getUnsanitizedConfig" ? withoutZeros(given) : given;
        const results = codec.results > 1 && Array.isArray(result) ? result : [result];
        return Object.fromEntries(results.slice(0, codec.results).map((each, i) => [letter(i), each]));
      } catch (error) {
        if (!codec.failure || !(error instanceof AppError || error instanceof GoError)) throw error;
        return { [codec.failure]: method.fails === "AppError" ? appErrorToWire(error) : errorToWire(error) };
      }
    });
  }
}

/** Calls a hook and returns its results in order; throws its failures. */
export async function callHook(
  client: RpcClient,
  method: HookMethod,
  args: readonly unknown[],
): Promise<unknown> {
  const codec = codecOf(method);
  const given = Object.fromEntries(args.map((value, i) => [letter(i), value]));
  const reply = await client.call(`Plugin.${method.go}`, codec, given);
  const failed = codec.failure ? reply[codec.failure] : null;
  if (failed)
    throw method.fails === "AppError" ? AppError.fromWire(failed as WireAppError) : errorFromWire(failed);
  const results = Array.from({ length: codec.results }, (_, i) => reply[letter(i)]);
  if (method.prefilled && results[0]) results[0] = mergeInto(args[1], results[0]);
  return codec.results > 1 ? results : results[0];
}

/**
 * The host decodes the reply of some hooks into the value that it sent: fields that the plugin leaves out or sets to
 * zero keep their value, and maps only grow.
 */
function mergeInto(original: unknown, reply: unknown): unknown {
  const merged = { ...(original as Letters) };
  for (const [key, value] of Object.entries(reply as Letters)) {
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isMap) merged[key] = { ...(merged[key] as Letters | null), ...value };
    else if (!isZero(value)) merged[key] = value;
  }
  return merged;
}

const isZero = (value: unknown) =>
  value === "" ||
  value === 0 ||
  value === false ||
  value === null ||
  (Array.isArray(value) && value.length === 0);
