// Tests difficult networks over real sockets: IPv6 only, no DNS name, slow links, TLS inspection, private
// authorities.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { buildConfig, type ConfigSource } from "../config/index.ts";
import { outgoingFetch } from "./outgoing-fetch.ts";
import { type Issued, TestAuthority } from "./testing/authority.ts";

let organisation: TestAuthority;
let inspection: TestAuthority;
let leaf: Issued;
const closing: { close(): void }[] = [];

beforeAll(async () => {
  organisation = await TestAuthority.make("Organisation");
  inspection = await TestAuthority.make("TLS inspection");
  leaf = await organisation.issue("DNS:localhost,IP:127.0.0.1,IP:::1");
});
afterAll(() => {
  for (const each of closing) each.close();
  organisation.remove();
  inspection.remove();
});

const source = (settings: object): ConfigSource => ({
  current: buildConfig(settings, { siteUrl: "https://chat.example.com" }),
  onChange: () => () => {},
});
const trusting = (...authorities: TestAuthority[]) =>
  source({ custom_ca_certificates: authorities.map(({ certificate }) => certificate).join("\n") });

function listen(server: Server | TcpServer, hostname = "127.0.0.1"): Promise<number> {
  closing.push(server);
  return new Promise((resolve) =>
    server.listen(0, hostname, () => resolve((server.address() as AddressInfo).port)),
  );
}

/** A TLS server that then does what `connection` says. */
function tlsServer(
  { cert, key }: Issued,
  connection: (socket: import("node:tls").TLSSocket) => void,
  hostname?: string,
): Promise<number> {
  const server = createTlsServer({ cert, key }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => connection(socket));
  });
  return listen(server, hostname);
}

const HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

/** Containers often have no IPv6 at all, not even on loopback. */
const hasIPv6 = await new Promise<boolean>((resolve) => {
  const server = createTcpServer();
  server.once("error", () => resolve(false));
  server.listen(0, "::1", () => server.close(() => resolve(true)));
});
if (!hasIPv6) console.warn("This machine has no ::1: the tests of IPv6 are skipped.");

describe.skipIf(!hasIPv6)("IPv6 alone", () => {
  test("a server with only an IPv6 address is reached, and its certificate is checked", async () => {
    const port = await tlsServer(leaf, (socket) => socket.end(HELLO), "::1");
    const response = await outgoingFetch(trusting(organisation), {})(`https://[::1]:${port}/`);
    expect(await response.text()).toBe("hello");
    await expect(outgoingFetch(source({}), {})(`https://[::1]:${port}/`)).rejects.toThrow();
  });

  test("a name with both addresses, of which only IPv6 answers, is reached", async () => {
    const port = await tlsServer(leaf, (socket) => socket.end(HELLO), "::1");
    const response = await outgoingFetch(trusting(organisation), {})(`https://localhost:${port}/`);
    expect(await response.text()).toBe("hello");
  });

  test("this machine itself is reached without a proxy, whatever NO_PROXY says", async () => {
    const port = await tlsServer(leaf, (socket) => socket.end(HELLO), "::1");
    for (const NO_PROXY of ["", "::1", `[::1]:${port}`]) {
      const environment = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY };
      const response = await outgoingFetch(trusting(organisation), environment)(`https://[::1]:${port}/`);
      expect(await response.text()).toBe("hello");
    }
  });
});

describe("nobody answers", () => {
  test("a name that does not resolve is an error at once", async () => {
    await expect(outgoingFetch(source({}), {})("https://login.invalid/")).rejects.toThrow();
  });

  test("a proxy name that does not resolve is an error at once", async () => {
    const fetch = outgoingFetch(source({ outgoing_proxy: "http://proxy.invalid:3128" }), {});
    await expect(fetch("https://graph.microsoft.com/")).rejects.toThrow();
  });

  test("a closed port is an error at once", async () => {
    await expect(outgoingFetch(source({}), {})("https://127.0.0.1:9/")).rejects.toThrow();
  });
});

describe("slow links", () => {
  const LIMIT_MS = 300;
  const limited = () => outgoingFetch(trusting(organisation), {}, LIMIT_MS);

  test("a server that accepts and stays silent: the time limit ends the call", async () => {
    const server = createTcpServer((socket) => socket.on("error", () => socket.destroy()));
    const port = await listen(server);
    await expect(limited()(`https://localhost:${port}/`)).rejects.toThrow(/time/i);
  });

  test("a server that trickles its body: the limit covers the whole body", async () => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const port = await tlsServer(leaf, (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      timer = setInterval(() => socket.write("x"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    const read = limited()(`https://localhost:${port}/`).then((response) => response.text());
    await expect(read).rejects.toThrow(/time|abort/i);
    clearInterval(timer);
  });

  test("a slow server that answers in time is waited for", async () => {
    const port = await tlsServer(leaf, (socket) => setTimeout(() => socket.end(HELLO), 100));
    const fetch = outgoingFetch(trusting(organisation), {});
    expect(await (await fetch(`https://localhost:${port}/`)).text()).toBe("hello");
  });

  test("a proxy that accepts and stays silent: the time limit ends the call", async () => {
    const server = createTcpServer((socket) => socket.on("error", () => socket.destroy()));
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${await listen(server)}` };
    const fetch = outgoingFetch(trusting(organisation), environment, LIMIT_MS);
    await expect(fetch("https://graph.microsoft.com/")).rejects.toThrow(/time/i);
  });
});

describe("TLS inspection", () => {
  /** A proxy that terminates TLS itself, with a certificate it made for the requested name. */
  async function inspecting(): Promise<{ proxy: string; asked: string[] }> {
    const asked: string[] = [];
    const forged = await inspection.issue("DNS:graph.microsoft.com");
    const inside = await tlsServer(forged, (socket) => socket.end(HELLO));
    const proxy = createServer();
    proxy.on("connect", (request, client) => {
      asked.push(request.url ?? "");
      void Bun.connect({
        hostname: "127.0.0.1",
        port: inside,
        socket: {
          open: (upstream) => {
            client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
            client.on("data", (data) => upstream.write(data));
            client.on("close", () => upstream.end());
            client.on("error", () => upstream.end());
          },
          data: (_, data) => void client.write(data),
          close: () => void client.end(),
        },
      });
    });
    return { proxy: `http://127.0.0.1:${await listen(proxy)}`, asked };
  }

  test("is refused until the admin adds its authority", async () => {
    const { proxy, asked } = await inspecting();
    const through = (settings: object) =>
      outgoingFetch(source({ outgoing_proxy: proxy, ...settings }), {})("https://graph.microsoft.com/");
    await expect(through({})).rejects.toThrow(/certificate|verify|issuer/i);
    await expect(through({ custom_ca_certificates: organisation.certificate })).rejects.toThrow();
    const accepted = await through({ custom_ca_certificates: inspection.certificate });
    expect(await accepted.text()).toBe("hello");
    expect(asked).toEqual(Array(3).fill("graph.microsoft.com:443"));
  });

  test("its authority is trusted for the issued names only", async () => {
    const { proxy } = await inspecting();
    const settings = { outgoing_proxy: proxy, custom_ca_certificates: inspection.certificate };
    await expect(outgoingFetch(source(settings), {})("https://login.microsoftonline.com/")).rejects.toThrow();
  });
});

describe("the system's certificate store", () => {
  /** Runs in a separate process, because the store is read once. */
  async function ask(url: string, environment: Record<string, string>): Promise<string> {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "testing/ask.ts"), url], {
      env: { ...process.env, ...environment },
      stdout: "pipe",
      stderr: "inherit",
    });
    return (await new Response(child.stdout).text()).trim();
  }

  test("trusts an authority in the file of SSL_CERT_FILE, and refuses it without", async () => {
    const port = await tlsServer(leaf, (socket) => socket.end(HELLO));
    const url = `https://localhost:${port}/`;
    expect(await ask(url, {})).toStartWith("refused");
    expect(await ask(url, { SSL_CERT_FILE: organisation.file })).toBe("hello");
  });

  test("a missing file neither removes nor adds authorities", async () => {
    const port = await tlsServer(leaf, (socket) => socket.end(HELLO));
    expect(await ask(`https://localhost:${port}/`, { SSL_CERT_FILE: "/nowhere.pem" })).toStartWith("refused");
  });
});
