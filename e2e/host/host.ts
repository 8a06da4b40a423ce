import { existsSync, mkdtempSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs the Go program of this folder as a child process, which takes commands as JSON lines; see README.md.
 */
export interface HostOptions {
  /** Folder with the unpacked bundle of the plugin. */
  readonly bundle: string;
  /** Added to the environment of the host, and so of the plugin. */
  readonly environment?: Record<string, string>;
  /** Version of the server's Go module; the newest if left out. */
  readonly module?: string;
}

/**
 * Older versions of the module with which the host is also built (versions/<module>.mod), and the server version of
 * each.
 */
export const olderModules = { "v0.1.16": "10.11", "v0.3.0": "11.6" } as const;

/** Longer than any load that a bench or a case asks for. */
const ANSWER_SECONDS = 600;
const MOST_STARTS = 10;

export interface HostEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface Figures {
  readonly count: number;
  readonly errors: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly bytes: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  readonly statuses?: Record<string, number>;
  readonly firstError?: string;
}

export interface HostState {
  readonly state: string;
  readonly pid: number;
  /** Bytes. */
  readonly rss: number;
  readonly hostRss: number;
}

export class Host {
  /** Address of the plugin: http://127.0.0.1:port/plugins/<id>. */
  readonly url: string;
  readonly pid: number;
  /** model.CurrentVersion of the module, e.g. "11.11.0". */
  readonly version: string;
  /** Built with the newest module, from which the types are generated. */
  readonly newest: boolean;
  /**
   * Temporary files of the host and of its plugin. Each host has its own folder, because the host library unpacks the
   * web half of every bundle of one name into the same place, and because tests look at what a plugin leaves there.
   */
  readonly temporary: string;
  /** Everything that the host reported so far: logs, websocket events, mails, audit records. */
  readonly events: HostEvent[] = [];
  private readonly child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  private readonly waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  private nextId = 1;

  private constructor(
    child: Bun.Subprocess<"pipe", "pipe", "inherit">,
    ready: HostEvent,
    { module, temporary }: { readonly module: string | undefined; readonly temporary: string },
  ) {
    this.temporary = temporary;
    this.version = String(ready.version);
    this.newest = module === undefined;
    this.child = child;
    this.url = `${ready.url}/plugins/${ready.plugin}`;
    this.pid = ready.pid as number;
  }

  static async start({ bundle, environment = {}, module }: HostOptions): Promise<Host> {
    const program = await buildHost(module);
    const temporary = mkdtempSync(join(tmpdir(), "host-"));
    const child = Bun.spawn([program, bundle], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
      env: { ...process.env, TMPDIR: temporary, ...environment },
    });
    const lines = linesOf(child.stdout);
    const first = await lines.next();
    if (first.done) throw new Error("the host ended at once");
    const host = new Host(child, JSON.parse(first.value), { module, temporary });
    host.listen(lines);
    return host;
  }

  /** Sends a command and waits for its value. */
  async do<T = unknown>(command: string, fields: Record<string, unknown> = {}): Promise<T> {
    const id = this.nextId++;
    const { promise, reject, resolve } = Promise.withResolvers<unknown>();
    this.waiting.set(id, { resolve, reject });
    // For example: go-plugin waits forever for a process that outlives the one it started.
    const late = new Error(`the host did not answer "${command}" within ${ANSWER_SECONDS} s`);
    const limit = setTimeout(() => reject(late), ANSWER_SECONDS * 1_000);
    try {
      this.child.stdin.write(`${JSON.stringify({ id, do: command, ...fields })}\n`);
      await this.child.stdin.flush();
      return (await promise) as T;
    } finally {
      clearTimeout(limit);
    }
  }

  /**
   * Activates the plugin. The server kills a process that does not report within 3 s, which a busy machine may need to
   * load 114 MB: an admin would press *Enable* again. `npm run bench -- start` measures the time of a start.
   */
  async activate(): Promise<void> {
    for (let left = MOST_STARTS; ; left--) {
      try {
        await this.do("activate");
        return;
      } catch (error) {
        const isTooLate = (error as Error).message.endsWith("timeout while waiting for plugin to start");
        if (!isTooLate || left === 1) throw error;
      }
    }
  }

  /** Calls a hook. The Context may be left out. */
  async hook(name: string, ...args: unknown[]): Promise<unknown[]> {
    return (await this.do<{ results: unknown[] }>("hook", { name, args })).results;
  }

  /**
   * Calls a method of the server itself, e.g. CreatePost; it triggers the plugin's hooks. Throws on an error result.
   */
  async api(method: string, ...args: unknown[]): Promise<unknown> {
    const results = await this.do<unknown[]>("api", { method, args });
    const error = results.length > 1 ? results.at(-1) : null;
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return results[0];
  }

  state(): Promise<HostState> {
    return this.do<HostState>("state");
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  /** Log messages of the plugin and of the host library. */
  logs(): string[] {
    return this.events
      .filter((e) => e.event === "log" || e.event === "host-log")
      .map((e) => String(e.message));
  }

  /** Null while the host runs; otherwise how it ended. */
  get ended(): string | null {
    const { exitCode, signalCode } = this.child;
    if (signalCode !== null) return `killed by ${signalCode}`;
    return exitCode === null ? null : `exit code ${exitCode}`;
  }

  /** Deactivates the plugin and ends the host. */
  async stop(): Promise<void> {
    this.child.stdin.write(`${JSON.stringify({ do: "exit" })}\n`);
    this.child.stdin.end();
    await this.#gone();
  }

  /** Kills the host without any clean-up. */
  kill(): void {
    this.child.kill("SIGKILL");
    void this.#gone();
  }

  async #gone(): Promise<void> {
    await this.child.exited;
    // After a kill the plugin may still be removing its own files.
    await rm(this.temporary, { recursive: true, force: true, maxRetries: 5 });
  }

  private async listen(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      const message = JSON.parse(line) as HostEvent & { id?: number; value?: unknown; error?: string };
      const waiting = message.id === undefined ? undefined : this.waiting.get(message.id);
      if (waiting === undefined) {
        this.events.push(message);
        continue;
      }
      this.waiting.delete(message.id as number);
      if (message.error === undefined) waiting.resolve(message.value);
      else waiting.reject(new Error(message.error));
    }
    for (const { reject } of this.waiting.values()) reject(new Error("the host is gone"));
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

export const hasGo = Bun.which("go") !== null;

const built = new Map<string, Promise<string>>();

/** Builds the Go program once per version of its source; Go's own cache makes that quick. */
export function buildHost(module = ""): Promise<string> {
  const building = built.get(module) ?? build(module);
  built.set(module, building);
  return building;
}

/** Builds another Go program of this folder. */
export async function goBuild(name: string, packagePath: string): Promise<string> {
  const program = join(import.meta.dir, "../../dist/e2e-host", name);
  await go(["build", "-o", program, packagePath]);
  return program;
}

async function build(module: string): Promise<string> {
  const source = import.meta.dir;
  const folder = join(source, "../../dist/e2e-host", module);
  await mkdir(folder, { recursive: true });
  const program = join(folder, "host");
  const modfile = module === "" ? [] : [`-modfile=${join(source, "versions", `${module}.mod`)}`];
  const overlay: string[] = [];
  if (module !== "") {
    // The API of another version has other methods: generates its relay and lays it over ours.
    const relay = join(folder, "relay.gen.go");
    await Bun.write(relay, await go(["run", ...modfile, "./generate"]));
    await Bun.write(
      join(folder, "overlay.json"),
      JSON.stringify({ Replace: { [join(source, "relay.gen.go")]: relay } }),
    );
    overlay.push(`-overlay=${join(folder, "overlay.json")}`);
  }
  await go(["build", ...modfile, ...overlay, "-o", program, "."]);
  return program;
}

async function go(args: readonly string[]): Promise<string> {
  const child = Bun.spawn(["go", ...args], {
    cwd: import.meta.dir,
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, GOFLAGS: `${process.env.GOFLAGS ?? ""} -buildvcs=false` },
  });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`go ${args[0]}: ${errors}`);
  return output;
}

/** Creates an empty folder for a bundle and copies the files into it. */
export async function makeBundle(
  folder: string,
  files: Record<string, string | Uint8Array>,
): Promise<string> {
  if (existsSync(folder)) await rm(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) await Bun.write(join(folder, path), content);
  return folder;
}
