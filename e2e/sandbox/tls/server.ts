import type { Authority } from "./authority.ts";

/** Where a stand-in listens, and the names in its certificate. Default: this machine only. */
export interface Place {
  readonly hostname: string;
  readonly names: readonly [string, ...string[]];
}

const here: Place = { hostname: "127.0.0.1", names: ["localhost", "127.0.0.1"] };

/** An https server that can be stopped and started again at the same port. */
export class TlsServer {
  readonly #authority: Authority;
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #place: Place;
  #server: ReturnType<typeof Bun.serve> | null = null;
  #port = 0;

  constructor(authority: Authority, fetch: (request: Request) => Promise<Response>, place: Place = here) {
    this.#authority = authority;
    this.#fetch = fetch;
    this.#place = place;
  }

  listen(port: number): void {
    this.#server = Bun.serve({
      port,
      hostname: this.#place.hostname,
      tls: this.#authority.issue(this.#place.names),
      maxRequestBodySize: 64 * 1024 * 1024,
      fetch: this.#fetch,
      error: (error) => new Response(error.message, { status: 500 }),
    });
    this.#port = this.#server.port ?? 0;
  }

  get url(): string {
    return `https://${this.#place.names[0]}:${this.#port}`;
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
