// Tests over real sockets: a TLS server with its own authority, and a real CONNECT proxy, both on loopback.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "bun:test";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { buildConfig, type ConfigSource } from "../config/index.ts";
import { OUTGOING_TIMEOUT_MS, outgoingFetch } from "./outgoing-fetch.ts";
import { TestAuthority } from "./testing/authority.ts";

let authority: TestAuthority;
let ca = "";
let server: Bun.Server<undefined>;
let proxy: Server;
let seen: string[] = [];
let asked: string[] = [];
/** `arrived` resolves when the server has a request; it answers `/soon` once `mayAnswer` resolves. */
let arrived = Promise.withResolvers<void>();
let mayAnswer = Promise.withResolvers<void>();
beforeEach(() => {
  arrived = Promise.withResolvers<void>();
  mayAnswer = Promise.withResolvers<void>();
});

beforeAll(async () => {
  authority = await TestAuthority.make("Test CA");
  ca = authority.certificate;
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: await authority.issue("DNS:localhost,IP:127.0.0.1,DNS:*.corp.test"),
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/moved") return Response.redirect("https://elsewhere.example/", 302);
      asked.push(`${request.method} ${pathname}`);
      arrived.resolve();
      if (pathname === "/soon") return mayAnswer.promise.then(() => new Response("taken"));
      if (pathname === "/never") return new Promise<never>(() => {});
      return new Response("hello");
    },
  });

  proxy = createServer((_request, response) => response.writeHead(405).end());
  proxy.on("connect", (request, client, head) => {
    seen.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    if (request.headers["proxy-authorization"] === `Basic ${btoa("user:wrong")}`) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const [, port] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await server.stop(true);
  proxy.closeAllConnections();
  proxy.close();
  authority.remove();
});

function source(settings: object): ConfigSource {
  const current = buildConfig(settings, { siteUrl: "https://chat.example.com" });
  return { current, onChange: () => () => {} };
}

const address = (path = "/") => `https://localhost:${server.port}${path}`;
/** A name that only the proxy resolves, because this machine itself is never reached through a proxy. */
const beyond = (name = "one") => `https://${name}.corp.test:${server.port}/`;
const proxyAddress = (credentials = "") =>
  `http://${credentials}127.0.0.1:${(proxy.address() as AddressInfo).port}`;

describe("private authorities", () => {
  test("one in the settings is trusted", async () => {
    const response = await outgoingFetch(source({ custom_ca_certificates: ca }), {})(address());
    expect(await response.text()).toBe("hello");
  });

  test("without it, the connection is refused", async () => {
    await expect(outgoingFetch(source({}), {})(address())).rejects.toThrow(/certificate|verify/i);
  });
});

describe("outgoing requests", () => {
  test("a redirect is not followed: it could carry a token to a host that nobody configured", async () => {
    await expect(
      outgoingFetch(source({ custom_ca_certificates: ca }), {})(address("/moved")),
    ).rejects.toThrow();
  });

  test("a caller's own time limit applies", async () => {
    const fetch = outgoingFetch(source({ custom_ca_certificates: ca }), {});
    await expect(fetch(address("/never"), { signal: AbortSignal.timeout(50) })).rejects.toThrow();
  });

  test("a name that does not resolve is an error, not a hang", async () => {
    await expect(outgoingFetch(source({}), {})("https://nowhere.invalid/")).rejects.toThrow();
  });
});

describe("when the plugin ends", () => {
  afterEach(() => void jest.useRealTimers());
  function stoppable() {
    const life = new AbortController();
    const fetch = outgoingFetch(source({ custom_ca_certificates: ca }), {}, OUTGOING_TIMEOUT_MS, life.signal);
    return { fetch, end: () => life.abort(new Error("deactivated")) };
  }
  const outcomeOf = (work: Promise<unknown>) =>
    work.then(
      () => "answered",
      () => "ended",
    );

  test("a read in progress ends at once", async () => {
    const { fetch, end } = stoppable();
    const reading = fetch(address("/never")).catch((error: Error) => error.message);
    await arrived.promise;
    // The time that a write has never passes.
    jest.useFakeTimers();
    end();
    expect(await reading).toBe("deactivated");
  });

  test("a write in progress may finish, so that what Microsoft accepts is not sent twice", async () => {
    const { fetch, end } = stoppable();
    const writing = fetch(address("/soon"), { method: "POST", body: "activity" });
    await arrived.promise;
    end();
    mayAnswer.resolve();
    expect(await (await writing).text()).toBe("taken");
  });

  test("a write that is not answered ends, too", async () => {
    const { fetch, end } = stoppable();
    const writing = fetch(address("/never"), { method: "POST", body: "activity" });
    await arrived.promise;
    end();
    expect(await outcomeOf(writing)).toBe("ended");
  });

  test("a caller's own signal and the time limit still apply", async () => {
    const { fetch } = stoppable();
    expect(await outcomeOf(fetch(address("/never"), { signal: AbortSignal.timeout(50) }))).toBe("ended");
    expect(await outcomeOf(fetch(address("/")))).toBe("answered");
  });

  for (const method of ["GET", "POST"]) {
    test(`no ${method} is sent afterwards`, async () => {
      const { fetch, end } = stoppable();
      end();
      asked = [];
      expect(await outcomeOf(fetch(address("/"), { method }))).toBe("ended");
      expect(asked).toEqual([]);
    });
  }
});

describe("proxies", () => {
  const viaSetting = (credentials = "") =>
    source({ custom_ca_certificates: ca, outgoing_proxy: proxyAddress(credentials) });

  test("the setting's proxy is used, and TLS stays end to end", async () => {
    seen = [];
    expect(await (await outgoingFetch(viaSetting(), {})(beyond())).text()).toBe("hello");
    expect(seen).toEqual([`one.corp.test:${server.port}`]);
  });

  test("the environment's proxy is used", async () => {
    seen = [];
    const fetch = outgoingFetch(source({ custom_ca_certificates: ca }), { HTTPS_PROXY: proxyAddress() });
    // Another name than above, because Bun keeps the tunnel of the previous test open and would reuse it.
    expect(await (await fetch(beyond("two"))).text()).toBe("hello");
    expect(seen).toEqual([`two.corp.test:${server.port}`]);
  });

  test("this machine itself is reached without it", async () => {
    seen = [];
    for (const fetch of [
      outgoingFetch(viaSetting(), {}),
      outgoingFetch(viaSetting(), { NO_PROXY: "corp" }),
    ]) {
      expect(await (await fetch(address())).text()).toBe("hello");
      expect(await (await fetch(`https://127.0.0.1:${server.port}/`)).text()).toBe("hello");
    }
    expect(seen).toEqual([]);
  });

  test("NO_PROXY bypasses it", async () => {
    seen = [];
    const fetch = outgoingFetch(viaSetting(), { NO_PROXY: "corp.test" });
    // Without the proxy the name does not resolve.
    await expect(fetch(beyond("six"))).rejects.toThrow(/resolve|ENOTFOUND|getaddrinfo/i);
    expect(seen).toEqual([]);
  });

  test("credentials in its address are sent to it", async () => {
    seen = [];
    await outgoingFetch(viaSetting("user:right@"), {})(beyond("three"));
    expect(seen).toEqual([`three.corp.test:${server.port} Basic ${btoa("user:right")}`]);
  });

  test("an unusable proxy is an error, and nothing bypasses it", async () => {
    const environment = { HTTPS_PROXY: "socks5://127.0.0.1:9" };
    const fetch = outgoingFetch(source({ custom_ca_certificates: ca }), environment);
    await expect(fetch(beyond("seven"))).rejects.toThrow("HTTPS_PROXY names a SOCKS proxy");
  });

  test("refused credentials are an error", async () => {
    await expect(outgoingFetch(viaSetting("user:wrong@"), {})(beyond("four"))).rejects.toThrow();
  });

  test("the private authority is checked behind a proxy too", async () => {
    const fetch = outgoingFetch(source({ outgoing_proxy: proxyAddress() }), {});
    await expect(fetch(beyond("five"))).rejects.toThrow();
  });
});
