import { Session } from "../session.ts";
import type { SessionOptions } from "../session-options.ts";

/** For tests: a connection in memory that can cut what it carries into pieces and can be full. */
export class Wire {
  /** Every write, as the session passed it. */
  readonly writes: Uint8Array[] = [];
  /** Bytes that still fit; a full wire takes only a part of a write. */
  room = Number.POSITIVE_INFINITY;
  ended = false;
  receiver: Session | null = null;
  #cut: number;
  #queue: Uint8Array[] = [];

  constructor(cut: number) {
    this.#cut = cut;
  }

  write(bytes: Uint8Array): number {
    if (this.ended) return -1;
    const taken = Math.min(bytes.length, this.room);
    this.room -= taken;
    if (taken > 0) {
      this.writes.push(bytes.subarray(0, taken));
      this.#queue.push(bytes.slice(0, taken));
      if (this.#queue.length === 1) queueMicrotask(() => this.#carry());
    }
    return taken;
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    queueMicrotask(() => {
      this.#carry();
      this.receiver?.disconnected();
    });
  }

  #carry(): void {
    for (const bytes of this.#queue.splice(0)) {
      for (let at = 0; at < bytes.length; at += this.#cut) {
        this.receiver?.receive(bytes.slice(at, at + this.#cut));
      }
    }
  }
}

export interface Pair {
  server: Session;
  client: Session;
  toServer: Wire;
  toClient: Wire;
  /** Errors that callbacks threw. */
  reported: unknown[];
}

/** A server and a client session, joined. `cut`: the largest piece in which bytes arrive. */
export function joined(options: SessionOptions & { cut?: number } = {}): Pair {
  const cut = options.cut ?? Number.POSITIVE_INFINITY;
  const reported: unknown[] = [];
  const toServer = new Wire(cut);
  const toClient = new Wire(cut);
  const report = (error: unknown) => reported.push(error);
  const server = new Session(toClient, "server", { report, ...options });
  const client = new Session(toServer, "client", { report, ...options });
  toServer.receiver = server;
  toClient.receiver = client;
  return { server, client, toServer, toClient, reported };
}

/** Waits until everything in transit in memory has arrived. */
export async function settle(turns = 3): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
