import { describe, expect, test } from "bun:test";
import { createPrivateKey, privateDecrypt, publicEncrypt, X509Certificate } from "node:crypto";
import { makeCertificate } from "./certificate.ts";

const NOW = Date.UTC(2026, 10, 28);

describe("a certificate", () => {
  test("is X.509 that node can read, is self-signed, and matches its key", async () => {
    const made = await makeCertificate("Mission Collaboration", NOW);
    const certificate = new X509Certificate(Buffer.from(made.certificate, "base64"));
    expect(certificate.subject).toBe("CN=Mission Collaboration");
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.publicKey.asymmetricKeyType).toBe("rsa");
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(NOW);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(NOW + 2 * 365 * 86_400_000);

    const key = createPrivateKey({ key: Buffer.from(made.privateKey), format: "der", type: "pkcs8" });
    expect(certificate.checkPrivateKey(key)).toBe(true);
    const secret = publicEncrypt(certificate.publicKey, Buffer.from("0123"));
    expect(privateDecrypt(key, secret).toString()).toBe("0123");
  });

  test("is different each time, and contains no private key", async () => {
    const [one, other] = await Promise.all([makeCertificate("a", NOW), makeCertificate("a", NOW)]);
    expect(one.certificate).not.toBe(other.certificate);
    const serials = [one, other].map(
      ({ certificate }) => new X509Certificate(Buffer.from(certificate, "base64")).serialNumber,
    );
    expect(new Set(serials).size).toBe(2);
    expect(Buffer.from(one.certificate, "base64").includes(Buffer.from(one.privateKey))).toBe(false);
  });
});
