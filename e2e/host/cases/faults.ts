import { existsSync } from "node:fs";
import { copyFile, cp, mkdir } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "../../../build/architecture.ts";
import { ownPlatform } from "../../../build/executable.ts";
import { until } from "../../until.ts";
import { goBuild, Host } from "../host.ts";
import { type Case, equal, isTrue } from "./case.ts";

/*
 * A faulty host. After each fault the plugin either keeps working, or has ended with one line that names stream and
 * call; after the server's next health check it works in both cases. It is never alive and healthy but deaf.
 */

type Stream = "control" | "hooks" | "api" | "response" | "body";

interface Fault {
  readonly name: string;
  /** Frames to spoil or to send at once; see faultwire/main.go. */
  readonly orders: readonly Record<string, unknown>[];
  /** Runs before the orders. */
  readonly before?: (host: Host) => Promise<unknown>;
  /** The traffic that meets the fault; by default traffic of every kind. */
  readonly traffic?: (host: Host) => Promise<unknown>;
  readonly outcome: "works on" | Ends;
  /**
   * Seconds until the fault can be noticed. Without it, the wire shows the fault at once, and the process ends within
   * a second.
   */
  readonly within?: number;
}

/** What the line names. */
interface Ends {
  readonly stream: string;
  readonly call?: string;
}

/** From a fault that the wire shows to the end of the process: docs/plugin-protocol.md, section 12. */
const END_SECONDS = 1;

const send = (Frame: string, Stream: Stream) => ({ Do: "send", To: "plugin", Stream, Frame });
const spoil = (Do: string, To: "plugin" | "host", Stream: Stream) => ({ Do, To, Stream });

const faults: Fault[] = [
  ...(["api", "hooks", "control"] as const).flatMap((stream): Fault[] => {
    const named = { stream: stream === "api" ? "API" : stream };
    return [
      { name: `FIN on the ${stream} stream`, orders: [send("fin", stream)], outcome: named },
      { name: `RST on the ${stream} stream`, orders: [send("rst", stream)], outcome: named },
      { name: `garbage on the ${stream} stream`, orders: [send("garbage", stream)], outcome: named },
    ];
  }),
  { name: "GOAWAY", orders: [send("goaway", "control")], outcome: { stream: "session" } },
  {
    name: "an API answer sent twice",
    // The first one defines its types; the second has the same bytes with the same Seq.
    orders: [{ ...spoil("double", "plugin", "api"), Skip: 1 }],
    outcome: { stream: "API", call: "Plugin.GetUser" },
  },
  {
    name: "half of an API answer",
    orders: [spoil("short", "plugin", "api")],
    outcome: { stream: "API" },
    within: 9,
  },
  {
    name: "a lost API answer, with the types that it defines",
    orders: [spoil("drop", "plugin", "api")],
    outcome: { stream: "API" },
    within: 9,
  },
  {
    name: "a lost API answer",
    orders: [{ ...spoil("drop", "plugin", "api"), Skip: 1 }],
    outcome: "works on",
    within: 9,
  },
  {
    name: "half of a hook's arguments",
    orders: [spoil("short", "plugin", "hooks")],
    outcome: { stream: "hooks" },
    within: 9,
  },
  {
    name: "half of a frame, to the plugin",
    orders: [spoil("half", "plugin", "hooks")],
    // The next bytes are read as the end of this frame, so any stream may notice first.
    outcome: { stream: "broken" },
    within: 9,
  },
  {
    name: "a lost API call, with the types that it defines",
    orders: [spoil("drop", "host", "api")],
    outcome: { stream: "API" },
    within: 14,
  },
  {
    name: "a lost API call",
    // If the types of its method were lost too, the host would end the stream at the next call of that method: that
    // is the case above.
    before: getUser,
    orders: [spoil("drop", "host", "api")],
    traffic: async (host) => {
      const { error } = (await (await getUser(host)).json()) as { error: { $error: string } };
      equal(
        error.$error,
        "The Mattermost server did not answer getUser within 3 s.",
        "the call that is lost",
      );
    },
    outcome: "works on",
  },
  {
    name: "garbage for an API call",
    orders: [spoil("garbage", "host", "api")],
    outcome: { stream: "API" },
    within: 14,
  },
  { name: "garbage for a response", orders: [spoil("garbage", "plugin", "response")], outcome: "works on" },
  { name: "RST for a response", orders: [spoil("rst", "plugin", "response")], outcome: "works on" },
  { name: "a lost response", orders: [spoil("rst", "host", "response")], outcome: "works on" },
  { name: "RST for a request's body", orders: [spoil("rst", "host", "body")], outcome: "works on" },
  {
    name: "a pause of everything for 3 s",
    orders: [{ Do: "stall", Ms: 3_000 }],
    outcome: "works on",
    within: 6,
  },
];

export async function faultCases(bundle: string): Promise<Case[]> {
  const wired = await wiredBundle(bundle);
  return faults.map((fault, i) => ({
    name: `fault: ${fault.name}`,
    run: () =>
      withWire({ bundle, wired, name: String(i) }, async (host, wire) => {
        await fault.before?.(host);
        for (const order of fault.orders) await wire.order(order);
        const traffic = (fault.traffic ?? stir)(host);
        // If the process ends, the second counts from here.
        if (fault.outcome === "works on") await traffic;
        await decide(host, wire.pid, fault);
      }),
  }));
}

/** Faults from Go's own encoder and from a silent server. */
export function hostFaultCases(bundle: string): Case[] {
  const api = (host: Host, method: string, ...args: unknown[]) =>
    host.fetch(`/api?method=${method}`, { method: "POST", body: JSON.stringify(args) });
  const cases: Record<
    string,
    { do: (host: Host) => Promise<void>; outcome: Fault["outcome"]; within?: number }
  > = {
    "an API answer that Go cannot encode": {
      do: async (host) => {
        await host.do("fault", { method: "GetPost", times: 1, name: "unencodable" });
        await api(host, "getPost", "p").catch(() => {});
      },
      outcome: { stream: "API", call: "Plugin.GetPost" },
    },
    "an API answer of 129 MiB": {
      do: async (host) => {
        await host.do("fault", { method: "GetFile", times: 1, name: "huge" });
        const outcome = (await (await api(host, "getFile", "f")).json()) as { error: { $error: string } };
        isTrue(
          outcome.error.$error.includes("the answer to Plugin.GetFile cannot be read"),
          "the call fails by name",
        );
      },
      outcome: "works on",
    },
    "an API answer nested 2,000 deep": {
      do: async (host) => {
        await host.do("fault", { method: "GetPost", times: 1, name: "deep" });
        await (await api(host, "getPost", "p")).text().catch(() => {});
      },
      outcome: "works on",
    },
    "an API call that is never answered": {
      do: async (host) => {
        await host.do("fault", { method: "KVGet", times: 1, name: "silent" });
        const outcome = (await (await api(host, "kvGet", "k")).json()) as {
          error: { $error: string };
          result: string;
        };
        equal(
          [outcome.error.$error, outcome.result],
          ["The Mattermost server did not answer kvGet within 3 s.", "ApiTimeout"],
        );
      },
      outcome: "works on",
      within: 12,
    },
    ...Object.fromEntries(
      ["unregistered", "unregistered and large", "deep"].map((kind) => [
        `a hook's arguments: ${kind}`,
        {
          do: async (host: Host) => {
            for (let i = 0; i < 3; i++) await host.do("odd-hook", { name: kind });
          },
          outcome: "works on" as const,
        },
      ]),
    ),
    "the plugin is paused for 7 s: no empty 200": {
      do: async (host) => {
        const { pid } = await host.state();
        process.kill(pid, "SIGSTOP");
        const requests = Array.from({ length: 5 }, () => host.fetch("/json"));
        await Bun.sleep(7_000);
        process.kill(pid, "SIGCONT");
        for (const answer of await Promise.all(requests)) {
          const text = await answer.text();
          isTrue(
            answer.status === 200 ? text.includes("world") : answer.status === 500,
            `${answer.status} "${text}"`,
          );
        }
      },
      outcome: "works on",
      within: 12,
    },
    ...Object.fromEntries(
      // The second one never asks for the body, and Go's server reads the body before it sends an answer.
      Object.entries({ "/count": 4_500, "/json": 4_500 }).map(([path, times]) => [
        `${times} bodies that never arrive, for ${path}: the page stays`,
        {
          do: async (host: Host) => {
            await host.do("slow-bodies", { name: path, times });
            // A jam lasts for minutes. On a busy machine, the host alone takes seconds, because it also plays the
            // clients.
            await until(async () => (await host.fetch("/json")).status === 200, "the page", 30);
            const counted = await host.fetch("/count", { method: "POST", body: "x".repeat(1000) });
            equal(((await counted.json()) as { size: number }).size, 1000, "a body that arrives");
          },
          outcome: "works on" as const,
        },
      ]),
    ),
    "an API answer of 120 MiB: its memory is given back": {
      do: async (host) => {
        const before = (await host.state()).rss;
        await host.do("fault", { method: "GetFile", times: 1, name: "large" });
        isTrue((await host.fetch("/file-size")).status === 200, "the file arrives");
        const limit = before + 150 * 1024 * 1024;
        await until(async () => (await host.state()).rss < limit, "the memory is given back", 20);
      },
      outcome: "works on",
    },
  };
  return Object.entries(cases).map(([name, { do: act, outcome, within }]) => ({
    name: `fault of the host: ${name}`,
    run: async () => {
      const environment = name.includes("never answered") ? { API_SECONDS: "3" } : {};
      const host = await Host.start({ bundle, environment });
      try {
        await host.do("activate");
        const { pid } = await host.state();
        await act(host);
        await decide(host, pid, { name, orders: [], outcome, ...(within ? { within } : {}) });
      } finally {
        host.kill();
      }
    },
  }));
}

/** Ends streams of the product itself, without a setting, and checks what its members would see. */
export async function productFaultCases(bundle: string): Promise<Case[]> {
  const wired = await wiredBundle(bundle, "product");
  return (["api", "hooks"] as const).map((stream) => ({
    name: `fault: the ${stream} stream of the product ends`,
    run: () =>
      withWire({ bundle, wired, name: `product-${stream}` }, async (host, wire) => {
        equal((await host.fetch("/tab")).status < 500, true, "the tab before");
        await wire.order(send("fin", stream));
        await until(() => !alive(wire.pid), "the process ends", 3);
        await until(() => host.logs().some((line) => line.startsWith("the plugin ends")), "the line", 2);
        equal((await host.do<{ state: string }>("check")).state, "running");
        equal((await host.fetch("/tab")).status < 500, true, "the tab afterwards");
        // The product's own text: without settings nobody can sign in.
        const session = await host.fetch("/api/v1/session", { method: "POST", body: '{"token":"a.b.c"}' });
        isTrue(
          session.headers.get("Content-Type")?.includes("json") === true,
          `sign-in afterwards: ${session.status}`,
        );
      }),
  }));
}

/** Creates traffic of every kind and ignores its results. */
async function stir(host: Host): Promise<void> {
  const quiet = (what: Promise<unknown>) => what.catch(() => {});
  const user = () => getUser(host);
  await Promise.race([
    Promise.all([
      quiet(host.fetch("/json")),
      quiet(host.fetch("/count", { method: "POST", body: "x".repeat(1000) })),
      quiet(user().then(user).then(user)),
      quiet(host.hook("MessageHasBeenPosted", { Id: "stir", Message: "x".repeat(200) })),
    ]),
    Bun.sleep(200),
  ]);
}

async function decide(host: Host, pid: number, { outcome, within }: Fault): Promise<void> {
  const lines = () =>
    host.events.filter((e) => e.event === "host-log" && String(e.message).startsWith("the plugin ends"));
  if (outcome === "works on") {
    await until(async () => (await questions(host)) === null, "the plugin works on", (within ?? 1) + 5).catch(
      async () => {
        throw new Error(`the plugin does not work on: ${await questions(host)} ${JSON.stringify(lines())}`);
      },
    );
    isTrue(alive(pid), "the process has ended");
    equal(lines().length, 0, "lines");
    return;
  }
  // A late fault also needs traffic that shows it, which a busy machine slows down.
  const limit = within === undefined ? END_SECONDS : within + 2;
  const untilGone = until(() => !alive(pid), "the process ends", limit).catch(() => {});
  for (const end = performance.now() + limit * 1000; alive(pid) && performance.now() < end; ) {
    await Promise.race([stir(host), untilGone]);
    await Promise.race([Bun.sleep(50), untilGone]);
  }
  isTrue(!alive(pid), `alive after ${limit} s: ${(await questions(host)) ?? "and well"}`);
  await until(() => lines().length > 0, "the line", 2);
  equal(lines().length, 1, "lines");
  const line = JSON.stringify(lines()[0]);
  for (const part of [outcome.stream, outcome.call ?? ""])
    isTrue(line.includes(part), `"${part}" is not in ${line}`);
}

/**
 * Checks what a page, a sign-in, a mention, a settings change and the health check need. Answers null, or names what
 * does not work.
 */
async function questions(host: Host): Promise<string | null> {
  const asked: Record<string, () => Promise<boolean>> = {
    page: async () => (await host.fetch("/json")).status === 200,
    "API call": async () => {
      const answer = await getUser(host);
      return ((await answer.json()) as { error: { status: number } }).error.status === 404;
    },
    hook: async () => {
      await (await host.fetch("/called")).text();
      await host.hook("MessageHasBeenPosted", { Id: "asked", Message: "@somebody" });
      return (await (await host.fetch("/called")).text()).includes('"asked"');
    },
    "configuration change": async () => {
      await host.do("configure", { settings: { asked: "yes" } });
      return ((await (await host.fetch("/settings")).json()) as { asked: string }).asked === "yes";
    },
    "health check": async () => {
      await host.do("ping");
      return true;
    },
  };
  for (const [name, ask] of Object.entries(asked)) {
    const answer = await Promise.race([
      ask().catch((error: Error) => error.message),
      Bun.sleep(4_000).then(() => "no answer"),
    ]);
    if (answer !== true) return `${name}: ${answer}`;
  }
  return null;
}

function getUser(host: Host): Promise<Response> {
  return host.fetch("/api?method=getUser", { method: "POST", body: '["nobody"]' });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// ── The wire in between ─────────────────────────────────────────────────────────────────────────

/** The bundle with faultwire in place of its executable. */
async function wiredBundle(bundle: string, name = "plugin"): Promise<string> {
  const program = await goBuild("faultwire", "./faultwire");
  // The host looks for the web app in a folder named after the plugin.
  const folder = join(root, `dist/e2e-host/wired-${name}`, basename(bundle));
  await mkdir(join(folder, "server/dist"), { recursive: true });
  for (const rest of ["public", "assets", "webapp"]) {
    if (existsSync(join(bundle, rest))) await cp(join(bundle, rest), join(folder, rest), { recursive: true });
  }
  await copyFile(join(bundle, "plugin.json"), join(folder, "plugin.json"));
  await copyFile(program, join(folder, `server/dist/plugin-${ownPlatform}`));
  return folder;
}

class Wire {
  /** Process id of the plugin behind it. */
  readonly pid: number;
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket, lines: AsyncIterator<string>, pid: number) {
    this.#socket = socket;
    this.#lines = lines;
    this.pid = pid;
  }

  static async connect(path: string): Promise<Wire> {
    const socket = createConnection(path);
    const lines = linesOf(socket);
    return new Wire(socket, lines, Number((await lines.next()).value));
  }

  async order(order: Record<string, unknown>): Promise<void> {
    this.#socket.write(JSON.stringify(order));
    equal((await this.#lines.next()).value, "taken");
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of socket) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

async function withWire(
  { bundle, wired, name }: { bundle: string; wired: string; name: string },
  run: (host: Host, wire: Wire) => Promise<void>,
): Promise<void> {
  const socket = join(tmpdir(), `faults-${process.pid}-${name}`);
  const environment = {
    FAULT_PLUGIN: join(bundle, `server/dist/plugin-${ownPlatform}`),
    FAULT_SOCKET: socket,
    API_SECONDS: "3",
  };
  const host = await Host.start({ bundle: wired, environment });
  let wire: Wire | null = null;
  try {
    await host.do("activate");
    wire = await Wire.connect(socket);
    await run(host, wire);
  } finally {
    wire?.close();
    host.kill();
  }
}
