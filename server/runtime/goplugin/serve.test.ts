import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bool, string, uint32 } from "../gob/index.ts";
import { Broker } from "./broker.ts";
import { RpcError } from "./errors.ts";
import {
  FAULT_TIMEOUT_MS,
  LAST_CALLS_MS,
  MAX_LOG_LINE_BYTES,
  MAX_SOCKET_PATH_BYTES,
  QUIT_GRACE_MS,
  QUIT_TIMEOUT_MS,
} from "./limits.ts";
import { logLine } from "./log.ts";
import { nothing } from "./rpc.ts";
import { RpcClient } from "./rpc-client.ts";
import { handshakeProblem, socketPath } from "./serve.ts";
import { connect } from "./socket.ts";

const directory = mkdtempSync(join(tmpdir(), "serve-"));
afterAll(() => rmSync(directory, { recursive: true }));

function start(environment: Record<string, string> = {}) {
  return Bun.spawn([process.execPath, join(import.meta.dir, "testdata/plugin.ts")], {
    env: { ...process.env, TEST_PLUGIN: "yes", PLUGIN_UNIX_SOCKET_DIR: directory, ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Starts the plugin as a host does: first line of stdout, one connection, control, stdout, stderr, hooks. */
async function host(environment: Record<string, string> = {}) {
  const child = start(environment);
  const { value } = await child.stdout.getReader().read();
  const line = Buffer.from(value ?? []).toString();
  const path = line.split("|")[3] ?? "";
  const permissions = statSync(path).mode & 0o777;
  const session = await connect(path);
  const broker = new Broker(session);
  session.onStream = (stream) => broker.receive(stream);
  const control = new RpcClient(session.open());
  for (const standard of [session.open(), session.open()]) standard.onData = () => {};
  const dispense = (name: string) =>
    control.call("Dispenser.Dispense", { args: string, returns: uint32 }, name);
  return {
    child,
    line,
    path,
    permissions,
    session,
    control,
    dispense,
    hooks: async () => new RpcClient(broker.dial(await dispense("hooks"))),
    /** The lines of stderr, once the process has ended. */
    log: async () =>
      (await new Response(child.stderr).text())
        .split("\n")
        .filter(Boolean)
        .map((entry) => JSON.parse(entry) as Record<string, unknown>),
  };
}

describe("the validation request", () => {
  test("is the first line of stdout; the socket is private and is removed with the connection", async () => {
    const { child, line, path, permissions, session } = await host();
    expect(line).toMatch(/^1\|3\|unix\|\/.*\/plugin[0-9a-f]{16}\|netrpc\|\n$/);
    expect(permissions).toBe(0o600);
    expect(await session.ping()).toBeGreaterThan(0);
    expect(existsSync(path)).toBe(false);
    session.close();
    expect(await child.exited).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("started by hand, the program explains itself and ends", async () => {
    for (const cookie of ["", "no"]) {
      const child = start({ TEST_PLUGIN: cookie });
      expect(await new Response(child.stderr).text()).toContain("This program is a plugin");
      expect(await new Response(child.stdout).text()).toBe("");
      expect(await child.exited).toBe(1);
    }
  });

  const cookie = { key: "K", value: "v" };
  test("refuses a missing, wrong or unconfigured cookie, and a host that asks for TLS", () => {
    expect(handshakeProblem({ cookie }, { K: "v" })).toBeNull();
    expect(handshakeProblem({ cookie }, {})).toContain("is a plugin");
    expect(handshakeProblem({ cookie, startedByHand: "Install it." }, { K: "V" })).toBe("Install it.");
    expect(handshakeProblem({ cookie: { key: "K", value: "" } }, { K: "" })).toContain("no handshake cookie");
    expect(handshakeProblem({ cookie }, { K: "v", PLUGIN_CLIENT_CERT: "pem" })).toContain("AutoMTLS");
  });

  test("a program that cannot send it ends, and does not stay behind alone", async () => {
    const log = async (child: ReturnType<typeof start>) => {
      expect(await child.exited).toBe(1);
      return JSON.parse(await new Response(child.stderr).text()) as Record<string, unknown>;
    };
    const line = { "@level": "error", "@message": "the plugin ends: the server cannot connect to it" };
    // The server has ended, or has killed a program that is started through another one.
    const unread = start();
    await unread.stdout.cancel();
    expect(await log(unread)).toMatchObject({ ...line, error: expect.stringContaining("EPIPE") });
    const nowhere = start({ PLUGIN_UNIX_SOCKET_DIR: join(directory, "missing") });
    expect(await log(nowhere)).toMatchObject(line);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("chooses a socket path that is short enough", () => {
    expect(socketPath({ PLUGIN_UNIX_SOCKET_DIR: "/run/x" })).toMatch(/^\/run\/x\/plugin/);
    const long = socketPath({ PLUGIN_UNIX_SOCKET_DIR: `/${"d".repeat(100)}` });
    expect(long).toMatch(/^\/tmp\/plugin/);
    expect(long.length).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES);
  });
});

describe("a served plugin", () => {
  test("answers pings, dispenses twice, refuses unknown names", async () => {
    const { child, control, hooks, dispense, session } = await host();
    expect(await control.call("Control.Ping", { args: bool, returns: nothing }, true)).toEqual({});
    for (const one of [await hooks(), await hooks()]) {
      expect(await one.call("Plugin.Greet", { args: string, returns: string }, "Bob")).toBe("Hello, Bob");
    }
    for (const name of ["driver", "toString", "__proto__"]) {
      const refused = await dispense(name).catch((error) => error);
      expect(refused).toBeInstanceOf(RpcError);
      expect(refused.message).toBe(`unknown plugin type: ${name}`);
    }
    session.close();
    expect(await child.exited).toBe(0);
  });

  test("answers Control.Quit, runs onQuit and ends the process", async () => {
    const note = join(directory, "note");
    const { child, control } = await host({ QUIT_NOTE: note });
    expect(await control.call("Control.Quit", { args: bool, returns: nothing }, true)).toEqual({});
    expect(await child.exited).toBe(0);
    expect(readFileSync(note, "utf8")).toBe("quit");
    rmSync(note);
  });

  test("does not wait for an onQuit that never ends: the host kills after 2 s", async () => {
    const { child, control } = await host({ QUIT_NOTE: "never" });
    expect(Math.max(QUIT_TIMEOUT_MS, LAST_CALLS_MS)).toBeLessThan(2_000);
    await control.call("Control.Quit", { args: bool, returns: nothing }, true);
    expect(await child.exited).toBe(0);
  });

  test("ends by itself when the host is killed", async () => {
    const { child, session } = await host();
    session.disconnected();
    expect(await child.exited).toBe(0);
  });

  test("ignores SIGINT and ends on SIGTERM", async () => {
    const { child, session } = await host();
    child.kill("SIGINT");
    await Bun.sleep(50);
    expect(await session.ping()).toBeGreaterThan(0);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  });

  test("logs and survives bugs outside of calls; console output goes to the log", async () => {
    const { child, hooks, session, log } = await host();
    const client = await hooks();
    await client.call("Plugin.Throw", { args: nothing, returns: nothing }, {});
    await client.call("Plugin.Print", { args: string, returns: nothing }, "to the console");
    await Bun.sleep(20);
    expect(await client.call("Plugin.Greet", { args: string, returns: string }, "Bob")).toBe("Hello, Bob");
    session.close();
    expect(await child.exited).toBe(0);
    const entries = await log();
    expect(entries.map((entry) => [entry["@level"], entry["@message"]])).toEqual(
      expect.arrayContaining([
        ["error", "unhandled rejection"],
        ["error", "uncaught exception"],
        ["info", 'to the console {"@level":7}'],
      ]),
    );
    expect(entries.map((entry) => entry.error).join()).toContain("thrown in a timer");
  });

  test("logs one line with the reason when the host sends garbage", async () => {
    const { child, path, session, log } = await host();
    session.disconnected();
    await child.exited;
    expect(path).not.toBe("");
    // A host that has ended does not read this line; one that still runs learns why the process has ended.
    expect((await log()).map((entry) => [entry.stream, entry.reason])).toEqual([
      ["session", "the connection to the other process is closed"],
    ]);
    const second = start();
    const { value } = await second.stdout.getReader().read();
    const socket = await Bun.connect({
      unix:
        Buffer.from(value ?? [])
          .toString()
          .split("|")[3] ?? "",
      socket: { data() {} },
    });
    socket.write("GET / HTTP/1.1\r\n\r\n");
    expect(await second.exited).toBe(1);
    const lines = (await new Response(second.stderr).text()).trim().split("\n");
    expect(lines.length).toBe(1);
    expect(JSON.parse(lines[0] ?? "").reason).toBe("yamux: version 71 instead of 0");
  });

  test("a broken hooks stream ends the process, because the host would consider it healthy", async () => {
    // The promise of docs/plugin-protocol.md, section 12. On a busy machine the time itself cannot be measured.
    expect(QUIT_GRACE_MS + Math.max(FAULT_TIMEOUT_MS, LAST_CALLS_MS)).toBeLessThan(1_000);
    const { child, dispense, session, log } = await host();
    const broker = new Broker(session);
    const stream = broker.dial(await dispense("hooks"));
    stream.write(Buffer.alloc(200, 0x7f));
    expect(await child.exited).toBe(1);
    expect((await log()).map((entry) => entry["@level"])).toEqual(["error"]);
  });
});

describe("a line for the host's log", () => {
  const at = new Date("2026-11-21T12:00:00.123Z");
  const strings = (line: string) =>
    Object.values(JSON.parse(line)).every((value) => typeof value === "string");

  test("contains only strings, whatever is logged", () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const line = logLine(
      "info",
      "m",
      { n: 1, u: undefined, big: 1n, list: [1n], circular, e: new Error("x") },
      at,
    );
    expect(strings(line)).toBe(true);
    expect(line).toStartWith('{"@level":"info","@message":"m","@timestamp":"2026-11-21T12:00:00.123000Z"');
    expect(line).not.toContain("\n");
  });

  test("fields cannot override the level", () => {
    const entry = JSON.parse(logLine("warn", "m", { "@level": { x: 1 }, "@timestamp": "never" }, at));
    expect(entry["@level"]).toBe("warn");
    expect(entry["@timestamp"]).toContain("2026");
    expect(entry["field @level"]).toBe('{"x":1}');
  });

  test("is cut before the host cuts it", () => {
    const fields = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`field${i}`, "ü".repeat(9000)]));
    for (const line of [logLine("info", "ü".repeat(100_000), {}, at), logLine("info", "m", fields, at)]) {
      expect(Buffer.byteLength(line)).toBeLessThan(MAX_LOG_LINE_BYTES);
      expect(strings(line)).toBe(true);
    }
  });
});
