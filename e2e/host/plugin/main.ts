import type { AnyType } from "../../../server/runtime/gob/types.ts";
import {
  AppError,
  definePlugin,
  type Hooks,
  type PluginHost,
  servePlugin,
} from "../../../server/runtime/mattermost/index.ts";
import { apiMethods } from "../../../server/runtime/mattermost/wire/api.gen.ts";
import { hooks as hookTable } from "../../../server/runtime/mattermost/wire/hooks.gen.ts";
import { bare, filled } from "../values.ts";
import { recordGob } from "./record.ts";

/*
 * A plugin that defines every hook. It records the arguments of each call, answers made-up values of the right types,
 * and runs over HTTP what the cases in ../cases need.
 */

const directory = process.env.RECORD_GOB;
if (directory) recordGob(directory);

interface Called {
  hook: string;
  args: unknown;
  results: unknown;
}

const called: Called[] = [];
/** What the next call of a hook answers instead of the made-up values. */
const answers = new Map<string, () => unknown>();
let seed = 0;

const plugin = definePlugin((host: PluginHost) => {
  const hooks: Record<string, (...args: never[]) => unknown> = {};
  for (const [name, hook] of Object.entries(hookTable)) {
    hooks[name] = (...args) => {
      const answer = answers.get(name);
      answers.delete(name);
      const types = hook.results();
      const made = types.map((type, i) => filled(type as AnyType, ++seed * 100 + i));
      // Fields that a pre-filled reply leaves out stay unchanged; separate cases test that.
      const results = answer ? answer() : hook.prefilled ? undefined : types.length === 1 ? made[0] : made;
      called.push({ hook: name, args: bare(args), results: results === undefined ? null : bare(results) });
      return types.length === 0 ? undefined : results;
    };
  }
  const own: Hooks = {
    onActivate: () => {
      called.push({ hook: "onActivate", args: null, results: null });
      const failure = process.env.FAIL_ACTIVATION;
      if (failure) throw new Error(failure);
    },
    fileWillBeUploaded: async (_context, info, file, output) => {
      if (info.Name === "no-scanner.txt") throw new Error("the scanner is down");
      const writer = output.getWriter();
      for await (const chunk of file) await writer.write(chunk.map((byte) => byte ^ 0xff));
      await writer.close();
      return [{ ...info, Name: `turned-${info.Name}` }, ""];
    },
    serveMetrics: () => new Response("metric 1\n", { headers: { "Content-Type": "text/plain" } }),
    serveHTTP: (request, context) => {
      const { pathname, searchParams } = new URL(request.url);
      const route = routes[pathname];
      return route
        ? route(request, host, searchParams, context)
        : new Response("no such route", { status: 404 });
    },
  };
  return { ...hooks, ...own } as Hooks;
});

type Route = (
  request: Request,
  host: PluginHost,
  query: URLSearchParams,
  context: { userId: string | null },
) => Response | Promise<Response>;

const routes: Record<string, Route> = {
  "/called": () => Response.json(called.splice(0)),

  "/answer": async (request) => {
    const { hook, value, error, appError } = (await request.json()) as {
      hook: string;
      value?: unknown;
      error?: string;
      appError?: { message: string; id: string; statusCode: number };
    };
    answers.set(hook, () => {
      if (appError)
        throw new AppError(appError.message, { id: appError.id, statusCode: appError.statusCode });
      if (error) throw new Error(error);
      return value;
    });
    return new Response();
  },

  /** Calls an API method with made-up arguments. */
  "/call": async (_request, host, query) => {
    const name = query.get("method") as keyof typeof apiMethods;
    const args = apiMethods[name]
      .args()
      .map((type, i) => filled(type as AnyType, Number(query.get("seed")) + i));
    return Response.json({ args: bare(args), ...(await outcome(() => call(host, name, args))) });
  },

  /** Calls an API method with the given arguments. */
  "/api": async (request, host, query) => {
    const args = (await request.json()) as unknown[];
    return Response.json(
      await outcome(() => call(host, query.get("method") as keyof typeof apiMethods, args)),
    );
  },

  /** Reads a whole file and keeps nothing of it. */
  "/file-size": async (_request, { api }) => new Response(String((await api.getFile("f")).length)),

  /** Saves the configuration unchanged. */
  "/save-config": async (_request, { api }) => {
    await api.saveConfig(await api.getConfig());
    return new Response(null, { status: 204 });
  },

  "/methods": () =>
    Response.json(
      Object.entries(apiMethods).map(([name, m]) => ({
        name,
        go: m.go,
        byHand: !!m.byHand,
        arity: m.args().length,
      })),
    ),
  "/hooks": () => Response.json(Object.entries(hookTable).map(([name, h]) => ({ name, ...h }))),

  "/json": () => Response.json({ hello: "world", list: [1, 2, 3] }),

  /** Describes the request. */
  "/request": async (request, _host, _query, context) =>
    Response.json({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
      context,
    }),

  /** Counts the bytes of the body while it arrives. */
  "/count": async (request) => {
    let size = 0;
    const hash = new Bun.CryptoHasher("sha256");
    try {
      for await (const chunk of request.body ?? []) {
        size += chunk.length;
        hash.update(chunk);
      }
    } catch {
      brokenBodies++;
      return new Response("broken", { status: 400 });
    }
    return Response.json({ size, sha256: hash.digest("hex") });
  },

  /** Streams a body of that many bytes; `slow` waits between chunks. */
  "/bytes": (_request, _host, query) => {
    let left = Number(query.get("size"));
    const slow = Number(query.get("slow") ?? 0);
    const chunk = new Uint8Array(64 * 1024).map((_, i) => i % 251);
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (slow) await Bun.sleep(slow);
        if (left === 0) return controller.close();
        const size = Math.min(left, chunk.length);
        left -= size;
        controller.enqueue(chunk.slice(0, size));
      },
      cancel() {
        cancelledBodies++;
      },
    });
    return new Response(body, { headers: { "Content-Type": "application/octet-stream" } });
  },

  "/headers": () => {
    const headers = new Headers({ "X-One": "1", "X-Large": "x".repeat(60_000) });
    headers.append("Set-Cookie", "a=1; Path=/; HttpOnly");
    headers.append("Set-Cookie", "b=2; Path=/");
    return new Response(null, { status: 204, headers });
  },
  "/echo": (request) => new Response(request.body, { status: 201, headers: { "X-Method": request.method } }),
  "/throw": () => {
    throw new Error("thrown by the handler");
  },
  "/crash": () => process.exit(3),
  "/state": () =>
    Response.json({ brokenBodies, cancelledBodies, pid: process.pid, rss: process.memoryUsage.rss() }),

  /** The methods that stream. */
  "/upload": async (_request, host, query) => {
    const size = Number(query.get("size"));
    const data = () => new Blob([new Uint8Array(size).fill(7)]).stream();
    return Response.json({
      install: bare(await host.api.installPlugin(data(), false)),
      upload: bare(await host.api.uploadData({ Id: "u", Filename: "f.bin" }, data())),
      attachment: await host.api.receiveSharedChannelAttachmentSyncMsg("r", "c", { Id: "i" }, data()).then(
        (info) => bare(info),
        (error: Error) => ({ $error: error.name }),
      ),
    });
  },
  "/plugin-http": async (request, host, query) => {
    const body = request.method === "POST" ? await request.bytes() : undefined;
    const response = await host.api.pluginHTTP(query.get("to") ?? "", {
      method: request.method,
      ...(body ? { body } : {}),
    });
    return Response.json({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      size: (await response.bytes()).length,
    });
  },
  "/kv": async (_request, host) => {
    const { kv } = host;
    const set = await kv.compareAndSet("key", null, new TextEncoder().encode("one"));
    const again = await kv.compareAndSet("key", null, new TextEncoder().encode("two"));
    await kv.set("short", "lived", { expireInSeconds: 1 });
    const before = await kv.get("short");
    await Bun.sleep(1100);
    const after = await kv.get("short");
    return Response.json({
      set,
      again,
      value: bare(await kv.get("key")),
      before: bare(before),
      after,
      none: await kv.get("none"),
    });
  },
  "/settings": async (_request, host) => Response.json(await host.settings((settings) => settings)),
};

let brokenBodies = 0;
let cancelledBodies = 0;

function call(host: PluginHost, name: keyof typeof apiMethods, args: unknown[]): unknown {
  // The only kind of method with any number of arguments.
  const [first, rest] = args;
  const given = /^log(Debug|Info|Warn|Error)$/.test(name) ? [first, ...(rest as unknown[])] : args;
  return (host.api[name] as (...args: unknown[]) => unknown)(...given);
}

async function outcome(run: () => unknown): Promise<{ result?: unknown; error?: unknown }> {
  try {
    return { result: bare(await run()) };
  } catch (error) {
    if (error instanceof AppError) {
      return {
        error: { $app: error.id, message: error.message, where: error.where, status: bare(error.statusCode) },
      };
    }
    return { error: bare(error), result: (error as Error).name };
  }
}

/** Short limits, so that the cases of a silent server need not wait long. */
const limit = Number(process.env.API_SECONDS ?? 0);
/** Room for few requests, so that few fill it; and a long idle time, so that only lack of room drops a body. */
const few = { requests: 64, bodies: 32, bodiesPerRoute: 16, bodyIdleSeconds: 1_000 };
void servePlugin(plugin, {
  ...(limit ? { apiLimits: { usual: limit, slow: limit, idle: limit } } : {}),
  ...(process.env.FEW_REQUESTS ? { httpLimits: few } : {}),
});
