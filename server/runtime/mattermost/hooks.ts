import { type Broker, nothing, type RpcServer } from "../goplugin/index.ts";
import { nullsAsZeros } from "./config-zeros.ts";
import { serveFileUpload } from "./file-upload.ts";
import { type HttpServing, serveHttp } from "./http/serve.ts";
import { ServeHttpArgs } from "./http/wire.ts";
import type { Logger } from "./log.ts";
import { codecOf, type Letters, letter } from "./method-codec.ts";
import { Config } from "./wire/config.gen.ts";
import { type Hooks, hooks as table } from "./wire/hooks.gen.ts";
import type { Post } from "./wire/model.gen.ts";
import type { HookMethod } from "./wire/shapes.ts";
import { appErrorToWire, errorToWire } from "./wire-error.ts";

type HookName = keyof Hooks;
type AnyHook = (...args: unknown[]) => unknown;

/** Go names of the hooks that a plugin defines: the server calls no others. */
export function implementedHooks(hooks: Hooks): string[] {
  return (Object.keys(table) as HookName[]).filter((name) => hooks[name]).map((name) => table[name].go);
}

/** Returns the hooks as separate functions, so that others can be added; `this` stays the plugin's object. */
export function boundHooks(hooks: Hooks): Hooks {
  const names = (Object.keys(table) as HookName[]).filter((name) => hooks[name]);
  return Object.fromEntries(names.map((name) => [name, hooks[name]?.bind(hooks)]));
}

/** Serves every hook that the plugin defines, except OnActivate, which the activation handles. */
export function serveHooks(
  server: RpcServer,
  broker: Broker,
  hooks: Hooks,
  { log, exchanges }: Pick<HttpServing, "log" | "exchanges">,
): void {
  for (const name of Object.keys(table) as HookName[]) {
    const hook = hooks[name]?.bind(hooks) as AnyHook | undefined;
    if (hook && !table[name].byHand && name !== "onActivate") serveHook(server, name, hook, log);
  }
  const { serveHTTP, serveMetrics, fileWillBeUploaded } = hooks;
  for (const [name, hook] of Object.entries({ ServeHTTP: serveHTTP, ServeMetrics: serveMetrics })) {
    const handler = hook?.bind(hooks);
    if (handler)
      server.handle(`Plugin.${name}`, ServeHttpArgs, nothing, (args) =>
        serveHttp(args, { broker, handler, log, exchanges }),
      );
  }
  if (fileWillBeUploaded) serveFileUpload(server, broker, fileWillBeUploaded.bind(hooks));
}

function serveHook(server: RpcServer, name: HookName, hook: AnyHook, log: Logger): void {
  const method = table[name];
  const codec = codecOf(method);
  server.handle(`Plugin.${method.go}`, codec.args, codec.returns, (args) => {
    const given = Object.values(args);
    try {
      const result = hook(...given);
      if (!(result instanceof Promise)) return reply(name, method, given, result);
      return result.then(
        (value) => reply(name, method, given, value),
        (error) => failure(name, method, error, log),
      );
    } catch (error) {
      return failure(name, method, error, log);
    }
  });
}

/**
 * Builds the reply {A, B, …}. When the hook returns nothing, the reply is empty: the server then has nil, "", or its
 * own value.
 */
function reply(name: HookName, method: HookMethod, given: unknown[], result: unknown): Letters {
  if (name === "messageWillBeUpdated") return updatedPost(given[1] as Post, result);
  const { results } = codecOf(method);
  if (results === 0 || result === undefined || result === null) return {};
  if (name === "configurationWillBeSaved") return { A: nullsAsZeros(Config, result) };
  if (results === 1) return { A: result };
  if (!Array.isArray(result))
    throw new TypeError(`${name} must answer an array of ${results} values, or nothing`);
  return Object.fromEntries(result.slice(0, results).map((value, i) => [letter(i), value]));
}

/**
 * The one hook whose reply starts empty and in which nil rejects the edit. Returning nothing accepts the edit, and
 * fields that a returned post leaves out are taken from the new post, as the server does for the other hooks.
 */
function updatedPost(newPost: Post, result: unknown): Letters {
  if (result === undefined) return { A: newPost };
  const [post, rejection] = (result ?? [null, ""]) as [Partial<Post> | null, string];
  return { A: post === null ? null : { ...newPost, ...post }, B: rejection };
}

/** A hook whose Go form returns an error answers with the thrown error. For the others, the server just continues. */
function failure(name: HookName, method: HookMethod, error: unknown, log: Logger): Letters {
  const { failure: field } = codecOf(method);
  if (!field) {
    log.error(`hook ${name} failed`, { error });
    throw error;
  }
  return { [field]: method.fails === "AppError" ? appErrorToWire(error, name) : errorToWire(error) };
}
