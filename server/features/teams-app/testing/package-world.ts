/** The app package over a store in memory. */

import { readFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { buildConfig, type ConfigSource } from "../../../microsoft/config/index.ts";
import { createTeamsApp, type PackageStore } from "../index.ts";

const assets = new URL("../../../../assets/", import.meta.url);
export const complete = {
  m365_tenant_id: "11111111-1111-4111-8111-111111111111",
  m365_client_id: "22222222-2222-4222-8222-222222222222",
  app_id: "33333333-3333-4333-8333-333333333333",
  app_version: "1.0.0",
  app_name: 'Chat "Ops"',
};

function memoryStore(): PackageStore & { entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  const same = (a: Uint8Array | null | undefined, b: Uint8Array | null) =>
    Buffer.compare(Buffer.from(a ?? "-"), Buffer.from(b ?? "-")) === 0;
  return {
    entries,
    get: async (key) => entries.get(key) ?? null,
    set: async (key, value) => void entries.set(key, value),
    delete: async (key) => void entries.delete(key),
    async compareAndSet(key, expected, next) {
      if (!same(entries.get(key), expected)) return false;
      if (next) entries.set(key, next);
      else entries.delete(key);
      return true;
    },
  };
}

export function world(settings: Record<string, unknown> = {}, siteUrl = "https://Chat.example.com") {
  let current = buildConfig({ ...complete, ...settings }, { siteUrl });
  const config: ConfigSource = {
    get current() {
      return current;
    },
    onChange: () => () => {},
  };
  const store = memoryStore();
  const teamsApp = createTeamsApp({
    config,
    store,
    asset: (name) => readFile(new URL(name, assets)),
    now: () => new Date("2026-11-21T12:00:00Z"),
  });
  return {
    teamsApp,
    preview: () => teamsApp.preview(current),
    store,
    change: (next: Record<string, unknown>) => {
      current = buildConfig({ ...complete, ...settings, ...next }, { siteUrl });
    },
    catalogHas: (version: string) => teamsApp.catalogVersionSeen(version),
  };
}

export async function issued(teamsApp: ReturnType<typeof createTeamsApp>) {
  const made = await teamsApp.issue();
  if ("problems" in made) throw new Error(JSON.stringify(made.problems));
  return { ...made, files: unzip(made.bytes) };
}

/** Reads the central directory, as Teams does. */
function unzip(bytes: Uint8Array): Map<string, Buffer> {
  const zip = Buffer.from(bytes);
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const files = new Map<string, Buffer>();
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const size = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + size);
    files.set(name, zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(data) : data);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}
