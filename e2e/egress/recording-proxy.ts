/** A proxy that records every host that it is asked for, and refuses all connections. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class RecordingProxy {
  /** `host:port`. */
  readonly asked = new Set<string>();
  readonly #server: Server;

  static start(): RecordingProxy {
    return new RecordingProxy();
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked.add(request.url ?? "");
      response.writeHead(502).end();
    });
    this.#server.on("connect", (request, socket) => {
      this.asked.add(request.url ?? "");
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    this.#server.listen(0, "127.0.0.1");
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
