// Tests the TLS versions that docs/security-officer.md states, against servers that allow one version each.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AddressInfo } from "node:net";
import { connect, createServer, type SecureVersion, type Server } from "node:tls";
import { buildConfig, type ConfigSource } from "../config/index.ts";
import { outgoingFetch } from "./outgoing-fetch.ts";
import { TestAuthority } from "./testing/authority.ts";

let authority: TestAuthority;
const servers: Server[] = [];

beforeAll(async () => {
  authority = await TestAuthority.make("TLS versions");
});
afterAll(() => {
  for (const server of servers) server.close();
  authority.remove();
});

/** Starts a server that supports this version only. Returns its port and the versions that were negotiated. */
async function only(version: SecureVersion): Promise<{ port: number; agreed: (string | null)[] }> {
  const agreed: (string | null)[] = [];
  const issued = await authority.issue("DNS:localhost,IP:127.0.0.1");
  const server = createServer({ ...issued, minVersion: version, maxVersion: version }, (socket) => {
    agreed.push(socket.getProtocol());
    socket.on("error", () => socket.destroy());
    socket.once("data", () =>
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"),
    );
  });
  server.on("tlsClientError", () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, agreed };
}

/** A client that still accepts this version. Resolves with the negotiated version. */
function oldClient(port: number, version: SecureVersion): Promise<string | null> {
  const { promise, reject, resolve } = Promise.withResolvers<string | null>();
  const options = { port, host: "127.0.0.1", servername: "localhost", ca: authority.certificate };
  const socket = connect({ ...options, minVersion: version, maxVersion: version }, () => {
    resolve(socket.getProtocol());
    socket.destroy();
  });
  socket.on("error", reject);
  return promise;
}

function outgoing() {
  const current = buildConfig(
    { custom_ca_certificates: authority.certificate },
    { siteUrl: "https://chat.example.com" },
  );
  const source: ConfigSource = { current, onChange: () => () => {} };
  return outgoingFetch(source, {});
}

describe("calls to Microsoft", () => {
  for (const version of ["TLSv1", "TLSv1.1"] as const) {
    test(`${version} is refused`, async () => {
      const { port, agreed } = await only(version);
      await expect(outgoing()(`https://localhost:${port}/`)).rejects.toThrow();
      expect(agreed).toEqual([]);
      // The server itself would have accepted it.
      expect(await oldClient(port, version)).toBe(version);
    });
  }

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`${version} is used`, async () => {
      const { port, agreed } = await only(version);
      expect(await (await outgoing()(`https://localhost:${port}/`)).text()).toBe("ok");
      expect(agreed).toEqual([version]);
    });
  }
});
