import { afterAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { Authority } from "./authority.ts";

const authority = new Authority("Sandbox Root");
const certificate = authority.issue(["localhost", "127.0.0.1"]);
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  tls: certificate,
  fetch: () => new Response("hello"),
});
afterAll(() => server.stop(true));

describe("the sandbox's certificate authority", () => {
  test("issues certificates for the requested names that node:crypto and OpenSSL can read", () => {
    const parsed = new X509Certificate(certificate.cert);
    const root = new X509Certificate(authority.certificate);
    expect(parsed.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1");
    expect(parsed.checkIssued(root)).toBe(true);
    expect(parsed.verify(root.publicKey)).toBe(true);
    expect(root.ca).toBe(true);
    expect(parsed.ca).toBe(false);
  });

  for (const host of ["localhost", "127.0.0.1"]) {
    test(`is trusted at ${host} by clients that have its certificate`, async () => {
      const response = await fetch(`https://${host}:${server.port}/`, { tls: { ca: authority.certificate } });
      expect(await response.text()).toBe("hello");
    });
  }

  test("is trusted by no other client", async () => {
    const other = new Authority("Sandbox Root").certificate;
    await expect(fetch(`https://127.0.0.1:${server.port}/`, { tls: { ca: other } })).rejects.toThrow();
    await expect(fetch(`https://127.0.0.1:${server.port}/`)).rejects.toThrow();
  });
});
