import { PacedHeap } from "../engine/heap.ts";
import { any, Registry, slice, string, struct, type Type, uint32 } from "../gob/index.ts";
import {
  type Broker,
  type Dispenser,
  LAST_CALLS_MS,
  logUnreadable,
  nothing,
  processSeconds,
  RpcClient,
  RpcServer,
  type Session,
  type Stream,
  type StreamBroken,
  serve,
  serveSession,
} from "../goplugin/index.ts";
import { within } from "../within.ts";
import { assertKnownConfig } from "./api.ts";
import { type ApiLimits, apiLimits } from "./api-limits.ts";
import { boundHooks, implementedHooks, serveHooks } from "./hooks.ts";
import { type HostControl, makeHost, type PluginHost } from "./host.ts";
import { HttpExchanges, type HttpLimits } from "./http/exchanges.ts";
import type { Hooks } from "./wire/hooks.gen.ts";
import { registerNames } from "./wire/registry.gen.ts";
import { errorToWire } from "./wire-error.ts";

/**
 * A plugin's hooks, or a function that creates them from the host. The function runs before the server activates the
 * plugin: it wires things together and must not use the API until `onActivate`.
 */
export type PluginDefinition = Hooks | ((host: PluginHost) => Hooks);

export interface Plugin {
  readonly define: (host: PluginHost) => Hooks;
  /** True when the definition uses the host: it may then have jobs and handlers that the runtime must manage. */
  readonly usesHost: boolean;
}

export function definePlugin(definition: PluginDefinition): Plugin {
  return typeof definition === "function"
    ? { define: definition, usesHost: true }
    : { define: () => definition, usesHost: false };
}

export interface PluginOptions {
  /** How long the server may take to answer. Default: apiLimits. */
  apiLimits?: ApiLimits;
  /** How many requests are served at once, and how long one may wait for its body. Default: http/limits.ts. */
  httpLimits?: Partial<HttpLimits>;
}

/** Runs this process as the plugin until the server stops it or is gone. Never returns. */
export async function servePlugin(plugin: Plugin, options: PluginOptions = {}): Promise<never> {
  const { control, dispense, exchanges } = dispenser(plugin, options);
  processSeconds.watch(new PacedHeap());
  return serve({
    cookie: { key: "MATTERMOST_PLUGIN", value: "Securely message teams, anywhere." },
    protocolVersion: 1,
    startedByHand:
      "This program is a Mattermost plugin: the Mattermost server starts it.\n" +
      "Upload its bundle (.tar.gz) in System Console > Plugin Management, or: mmctl plugin add <bundle>",
    dispense: { hooks: dispense },
    onQuit: () => control.retire("the server asked the plugin to quit"),
    beforeEnd: () => exchanges.stop(),
  });
}

/** The same over an existing session: for tests, and for hosts in the same process. */
export async function servePluginSession(
  plugin: Plugin,
  session: Session,
  options: PluginOptions = {},
): Promise<Error | null> {
  const { control, dispense } = dispenser(plugin, options);
  const reason = await serveSession(session, { dispense: { hooks: dispense } });
  await control.retire("the session is over");
  return reason;
}

interface Served {
  readonly control: HostControl;
  readonly exchanges: HttpExchanges;
  readonly dispense: Dispenser;
}

function dispenser(plugin: Plugin, options: PluginOptions): Served {
  const control = makeHost(options.apiLimits ?? apiLimits);
  const exchanges = new HttpExchanges(options.httpLimits);
  const defined = guarded(plugin.define(control.host), control);
  const hooks = withLastCalls(plugin.usesHost ? withUpkeep(defined, control) : defined, exchanges);
  return {
    control,
    exchanges,
    dispense: (broker, stream, broken) =>
      serveHooksStream({ broker, stream, broken, exchanges }, hooks, control),
  };
}

/** The server saves a configuration that a hook returns as a whole, so the checks of `saveConfig` apply. */
function guarded(hooks: Hooks, control: HostControl): Hooks {
  const { configurationWillBeSaved } = hooks;
  if (!configurationWillBeSaved) return hooks;
  const kept = boundHooks(hooks);
  kept.configurationWillBeSaved = async (config) => {
    const changed = await configurationWillBeSaved.call(hooks, config);
    if (changed) assertKnownConfig(await control.host.serverVersion());
    return changed;
  };
  return kept;
}

/** When OnDeactivate has returned, the server ends the connection, and with it every request in progress. */
function withLastCalls(hooks: Hooks, exchanges: HttpExchanges): Hooks {
  if (!hooks.serveHTTP && !hooks.serveMetrics) return hooks;
  const kept = boundHooks(hooks);
  kept.onDeactivate = async () => {
    try {
      await hooks.onDeactivate?.();
    } finally {
      await within(LAST_CALLS_MS, exchanges.stop(), undefined);
    }
  };
  return kept;
}

/** Adds to the plugin's hooks what jobs and cluster events need. */
function withUpkeep(hooks: Hooks, control: HostControl): Hooks {
  const kept = boundHooks(hooks);
  kept.onDeactivate = async () => {
    await control.retire("the plugin is being deactivated");
    await hooks.onDeactivate?.();
  };
  kept.onPluginClusterEvent = async (context, event) => {
    control.cluster.receive(event);
    await hooks.onPluginClusterEvent?.(context, event);
  };
  return kept;
}

interface HooksStream {
  broker: Broker;
  stream: Stream;
  broken: (fault: StreamBroken) => void;
  exchanges: HttpExchanges;
}

function serveHooksStream(
  { broker, stream, broken, exchanges }: HooksStream,
  hooks: Hooks,
  control: HostControl,
): RpcServer {
  const registry = new Registry();
  registerNames(registry);
  const ping = () => broker.ping();
  const server = new RpcServer(stream, {
    ...{ registry, ping, onUnreadable: logUnreadable },
    // The server would write responses of its own while it still runs calls of ours (http/response-writer.ts).
    resetOnFault: false,
  });
  server.handle("Plugin.Implemented", nothing, slice(string), () => implementedHooks(hooks));
  server.handle("Plugin.OnActivate", OnActivateArgs, OnActivateReturns, async (args) => {
    const api = new RpcClient(broker.dial(args.APIMuxId), { registry, ping });
    broker.dial(args.DriverMuxId); // the SQL driver: unused, but the server waits for it
    control.connect(api, broker, broken);
    try {
      await hooks.onConfigurationChange?.();
    } catch (error) {
      control.host.log.error("onConfigurationChange failed", { error });
    }
    // The failure must be in A: the server only logs a failed call, and would treat the plugin as active.
    try {
      await hooks.onActivate?.();
      return { A: null };
    } catch (error) {
      return { A: errorToWire(error) };
    }
  });
  serveHooks(server, broker, hooks, { log: control.host.log, exchanges });
  return server;
}

interface OnActivateArgs {
  APIMuxId: number;
  DriverMuxId: number;
}
const OnActivateArgs: Type<OnActivateArgs> = struct<OnActivateArgs>("Z_OnActivateArgs", () => ({
  APIMuxId: uint32,
  DriverMuxId: uint32,
}));
const OnActivateReturns: Type<{ A: unknown }> = struct<{ A: unknown }>("Z_OnActivateReturns", () => ({
  A: any,
}));
