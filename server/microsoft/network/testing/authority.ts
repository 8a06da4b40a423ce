/** Certificate authorities for tests, created by the machine's openssl and not by the code under test. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** openssl needs half a second of processor time for an RSA key, so it is used only where RSA is required. */
const NEW_KEY = {
  ec: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
  rsa: ["-newkey", "rsa:2048", "-nodes"],
};

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export class TestAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), "authority-"));
  /** PEM. */
  readonly certificate: string;
  /** Path of the file with `certificate`. */
  readonly file = join(this.folder, "ca.pem");

  private constructor(certificate: string) {
    this.certificate = certificate;
  }

  static async make(name: string): Promise<TestAuthority> {
    const authority = new TestAuthority("");
    authority.#openssl(
      ...["req", "-x509", ...NEW_KEY.ec, "-keyout", "ca.key", "-out", "ca.pem"],
      ...["-days", "2", "-subj", `/CN=${name}`],
    );
    return Object.assign(authority, { certificate: await Bun.file(authority.file).text() });
  }

  /** Issues a certificate. `names` as in subjectAltName: `DNS:localhost,IP:127.0.0.1`. */
  async issue(names: string, kind: keyof typeof NEW_KEY = "ec"): Promise<Issued> {
    await Bun.write(join(this.folder, "san"), `subjectAltName=${names}`);
    this.#openssl(
      ...["req", ...NEW_KEY[kind], "-keyout", "leaf.key", "-out", "leaf.csr"],
      ...["-subj", "/CN=leaf"],
    );
    this.#openssl(
      ...["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
      ...["-out", "leaf.pem", "-days", "2", "-extfile", "san"],
    );
    const read = (name: string) => Bun.file(join(this.folder, name)).text();
    return { cert: await read("leaf.pem"), key: await read("leaf.key") };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #openssl(...args: string[]): void {
    const done = Bun.spawnSync(["openssl", ...args], { cwd: this.folder });
    if (done.exitCode !== 0) throw new Error(done.stderr.toString());
  }
}
