/** The wire between host and plugin, which the faults cut, spoil and hold. */

import { existsSync } from "node:fs";
import { copyFile, cp, mkdir } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "../../../build/architecture.ts";
import { ownPlatform } from "../../../build/executable.ts";
import { goBuild, Host } from "../host.ts";
import { equal } from "./case.ts";

/** The bundle with faultwire in the place of its executable. */
export async function wiredBundle(bundle: string, name = "plugin"): Promise<string> {
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
  /** Of the plugin behind it. */
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

export async function withWire(
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
    await host.activate();
    wire = await Wire.connect(socket);
    await run(host, wire);
  } finally {
    wire?.close();
    host.kill();
  }
}
