import { describe, expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { mayImport, packageRooms, root, serverImports } from "./architecture.ts";

const imports = await serverImports();
const builtin = (name: string) => name.startsWith("node:") || name === "bun" || name.startsWith("bun:");

describe("the arrows of docs/architecture.md", () => {
  test("every room is on the map", () => {
    const unknown = [...new Set(imports.map((found) => found.room))].filter((room) => !(room in mayImport));
    expect(unknown).toEqual([]);
  });

  test("no room imports a room to its right", () => {
    const wrong = imports
      .filter((found) => found.kind === "room" && found.target !== found.room)
      .filter(
        (found) => !mayImport[found.room]?.includes("*") && !mayImport[found.room]?.includes(found.target),
      )
      .map((found) => `${found.file} → ${found.target}`);
    expect(wrong).toEqual([]);
  });

  test("server code imports nothing outside server/, but data of the app package", () => {
    const wrong = imports
      .filter((found) => found.kind === "outside")
      .filter((found) => !found.target.startsWith("manifest-template/") && found.target !== "plugin.json")
      .map((found) => `${found.file} → ${found.target}`);
    expect(wrong).toEqual([]);
  });

  test("the protocol layers use no package at all, so that they can be published on their own", () => {
    const wrong = imports
      .filter(
        (found) =>
          ["engine", "gob", "goplugin", "mattermost"].includes(found.room) && found.kind === "package",
      )
      .filter((found) => !builtin(found.target))
      .map((found) => `${found.file} → ${found.target}`);
    expect(wrong).toEqual([]);
  });

  test("a package belongs to its room", () => {
    const wrong = imports
      .filter(
        (found) => found.kind === "package" && packageRooms[found.target]?.includes(found.room) === false,
      )
      .map((found) => `${found.file} → ${found.target}`);
    expect(wrong).toEqual([]);
  });

  test("nothing but server/microsoft/network goes out, nothing but server/runtime/goplugin opens a socket", async () => {
    const sockets = [
      "node:http",
      "node:https",
      "node:http2",
      "node:net",
      "node:tls",
      "node:dgram",
      "node:dns",
    ];
    const wrong = imports
      .filter((found) => sockets.includes(found.target) && !["network", "goplugin"].includes(found.room))
      .map((found) => `${found.file} → ${found.target}`);
    for (const file of new Set(imports.map((found) => found.file))) {
      if (/^server\/(network|goplugin)\//.test(file)) continue;
      const text = await Bun.file(join(root, file)).text();
      if (/globalThis\.fetch|Bun\.(connect|listen|serve|udpSocket)|new WebSocket|XMLHttpRequest\(/.test(text))
        wrong.push(file);
      // A `fetch` that is neither handed in, imported nor declared here is the global one.
      const handedIn = /\bfetch[,:}]|\bfetch \}|\b(const|function) fetch\b|\(fetch\b|fetch:/.test(text);
      if (/(?<![.\w])fetch\(/.test(text) && !handedIn) wrong.push(`${file} → global fetch`);
    }
    expect(wrong).toEqual([]);
  });

  test("no schema is made at import: all of them would cost every start 7 ms", async () => {
    const wrong: string[] = [];
    for (const file of new Set(imports.map((found) => found.file))) {
      const text = await Bun.file(join(root, file)).text();
      if (/^(export )?const \w+(: [^=]+)? =\s+\(?z\s*[.(]/m.test(text)) wrong.push(file);
    }
    expect(wrong).toEqual([]);
  });

  test("a module that is loaded on demand imports none of ours: what they share would go without bytecode", async () => {
    const wrong: string[] = [];
    let seen = 0;
    for (const file of new Set(imports.map((found) => found.file))) {
      const text = await Bun.file(join(root, file)).text();
      for (const [, target = ""] of text.matchAll(/(?<!typeof )\b(?:import|require)\(\s*"(\.[^"]+)"/g)) {
        seen += 1;
        const loaded = await Bun.file(join(root, dirname(file), target)).text();
        if (/^(import|export)\b(?! type\b)[^;"]*from "\.[^"]*\.ts"/m.test(loaded))
          wrong.push(`${file} → ${target}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(0);
  });

  test("no room is called utils, helpers, common or manager", async () => {
    const names = await Array.fromAsync(
      new Bun.Glob("{server,webapp/src,e2e,build,bench}/**/*.{ts,tsx}").scan(root),
    );
    expect(
      names.filter(
        (name) =>
          !name.includes("node_modules") && /(^|\/|-)(utils?|helpers?|common|manager)(\/|\.|-)/.test(name),
      ),
    ).toEqual([]);
  });

  test("the reader sees what it should: this test is not blind", () => {
    expect(imports.length).toBeGreaterThan(5);
    expect(imports.some((found) => found.room === "network" && found.target === "config")).toBe(true);
    expect(imports.some((found) => found.kind === "package" && found.target === "zod")).toBe(true);
  });
});
