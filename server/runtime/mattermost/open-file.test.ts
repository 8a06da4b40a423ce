/** Tests reading server files without holding them in memory. */

import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytes, pointer, string, struct, type Type } from "../gob/index.ts";
import { AppError } from "./errors.ts";
import type { PluginHost } from "./host.ts";
import type { OpenFile } from "./open-file.ts";
import { definePlugin } from "./plugin.ts";
import { TestHost } from "./testing/host.ts";
import { AppError as AppErrorType } from "./wire/model.gen.ts";
import { appErrorToWire } from "./wire-error.ts";

type Fields = Record<string, unknown>;
const fields = (types: Record<string, Type<unknown>>): Type<Fields> => struct<Fields>("", () => types);
const content = (size: number) => new Uint8Array(size).map((_, at) => at % 241);

const hosts: TestHost[] = [];
const folder = process.env.TMPDIR;
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
  if (folder === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = folder;
});

let asked = 0;
async function connected(): Promise<PluginHost> {
  asked = 0;
  let seen: PluginHost | undefined;
  const host = await TestHost.start(
    definePlugin((h) => {
      seen = h;
      return {};
    }),
  );
  host.extraApi = (server) =>
    server.handle(
      "Plugin.GetFile",
      fields({ A: string }),
      fields({ A: bytes, B: pointer(AppErrorType) }),
      ({ A }) => {
        asked += 1;
        if (A === "gone") return { B: appErrorToWire(new AppError("gone", { statusCode: 404 })) };
        return { A: content(Number(A)) };
      },
    );
  hosts.push(host);
  await host.activate();
  await Bun.sleep(0);
  return seen as PluginHost;
}

function whole(file: OpenFile): Buffer {
  const parts: Uint8Array[] = [];
  for (const part of file.parts()) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

describe("openFile", () => {
  for (const size of [0, 1, 1_000, 1024 * 1024 - 20, 1024 * 1024, 3_000_001])
    test(`${size} bytes arrive unchanged, and can be read more than once`, async () => {
      const host = await connected();
      const file = await host.openFile(String(size));
      expect(file.size).toBe(size);
      for (let time = 0; time < 2; time += 1)
        expect(whole(file).equals(Buffer.from(content(size)))).toBe(true);
      file.close();
      expect(asked).toBe(1);
    });

  test("a part is freed when the next one is requested, so that memory never holds two", async () => {
    const host = await connected();
    const file = await host.openFile("3000000");
    let before: Uint8Array | null = null;
    let parts = 0;
    for (const part of file.parts()) {
      // The first part lies behind the head of the answer.
      if (parts > 1) expect(before?.length).toBe(0);
      before = part;
      parts += 1;
    }
    expect(parts).toBeGreaterThan(10);
    file.close();
  });

  test.skipIf(process.platform !== "linux")(
    "a large file is stored encrypted and without a name, and cannot be read after it is closed",
    async () => {
      process.env.TMPDIR = mkdtempSync(join(tmpdir(), "open-file-"));
      const host = await connected();
      const file = await host.openFile("3000000");
      expect(readdirSync(process.env.TMPDIR)).toEqual([]);
      const descriptors = readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(process.env.TMPDIR ?? "-");
        } catch {
          return false;
        }
      });
      expect(descriptors).toHaveLength(1);
      const stored = readFileSync(`/proc/self/fd/${descriptors[0]}`);
      expect(stored.length).toBeGreaterThan(3_000_000);
      expect(stored.includes(Buffer.from(content(64)))).toBe(false);
      file.close();
      expect(() => [...file.parts()]).toThrow("closed");
    },
  );

  test("without a temporary folder the file is held in memory", async () => {
    process.env.TMPDIR = "/nowhere/at/all";
    expect(existsSync(process.env.TMPDIR)).toBe(false);
    const host = await connected();
    const file = await host.openFile("3000000");
    expect(whole(file)).toHaveLength(3_000_000);
    expect(asked).toBe(2);
  });

  test("the server's error is thrown, and other calls continue", async () => {
    const host = await connected();
    expect(host.openFile("gone")).rejects.toMatchObject({ name: "AppError", statusCode: 404 });
    const both = await Promise.all([host.openFile("2000000"), host.openFile("10"), host.openFile("1500000")]);
    expect(both.map(({ size }) => size)).toEqual([2_000_000, 10, 1_500_000]);
    for (const file of both) file.close();
  });
});
