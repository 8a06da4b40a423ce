import type { Authority } from "./authority.ts";

/** An https server on loopback that can be unplugged and plugged in again at the same port. */
export class TlsServer {
  readonly #authority: Authority;
  readonly #fetch: (request: Request) => Promise<Response>;
  #server: ReturnType<typeof Bun.serve> | null = null;
  #port = 0;

  constructor(authority: Authority, fetch: (request: Request) => Promise<Response>) {
    this.#authority = authority;
    this.#fetch = fetch;
  }

  listen(port: number): void {
    this.#server = Bun.serve({
      port,
      hostname: "127.0.0.1",
      tls: this.#authority.issue(["localhost", "127.0.0.1"]),
      maxRequestBodySize: 64 * 1024 * 1024,
      fetch: this.#fetch,
      error: (error) => new Response(error.message, { status: 500 }),
    });
    this.#port = this.#server.port ?? 0;
  }

  get url(): string {
    return `https://localhost:${this.#port}`;
  }

  setReachable(reachable: boolean): void {
    if (reachable && !this.#server) this.listen(this.#port);
    if (!reachable) this.close();
  }

  close(): void {
    this.#server?.stop(true);
    this.#server = null;
  }
}
