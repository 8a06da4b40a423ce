import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  cyclesOf,
  type Floor,
  floorOf,
  floors,
  type Import,
  importsOf,
  packageRooms,
  roomOf,
  root,
  runtimeRooms,
  serverImports,
} from "./architecture.ts";

const imports = await serverImports();
const builtin = (name: string) => name.startsWith("node:") || name === "bun" || name.startsWith("bun:");
const arrow = ({ file, target }: Import) => `${file} → ${target}`;
const level = (path: string) => floors.indexOf(floorOf(path) as Floor);

describe("the arrows of docs/architecture.md", () => {
  test("every server file is on a floor", () => {
    expect([...new Set(imports.map(({ file }) => file))].filter((file) => !floorOf(file))).toEqual([]);
  });

  test("no file imports from a floor above its own", () => {
    const wrong = imports.filter(({ kind, file, target }) => kind === "file" && level(target) > level(file));
    expect(wrong.map(arrow)).toEqual([]);
  });

  test("no feature imports another feature", () => {
    const wrong = imports.filter(
      ({ kind, file, target }) =>
        kind === "file" &&
        floorOf(file) === "features" &&
        floorOf(target) === "features" &&
        roomOf(file) !== roomOf(target),
    );
    expect(wrong.map(arrow)).toEqual([]);
  });

  test("the rooms of the runtime import each other in one order", () => {
    const order = (path: string) => runtimeRooms.indexOf(roomOf(path).replace("runtime/", "") as never);
    const inRuntime = imports.filter(({ kind, file }) => kind === "file" && floorOf(file) === "runtime");
    const files = new Set(inRuntime.flatMap(({ file, target }) => [file, target]));
    expect([...files].filter((file) => order(file) === -1)).toEqual([]);
    expect(inRuntime.filter(({ file, target }) => order(target) > order(file)).map(arrow)).toEqual([]);
  });

  test("server code imports nothing outside server/ except plugin.json and the data of the app package", () => {
    const wrong = imports.filter(
      ({ kind, target }) =>
        kind === "file" &&
        !target.startsWith("server/") &&
        !target.startsWith("manifest-template/") &&
        target !== "plugin.json",
    );
    expect(wrong.map(arrow)).toEqual([]);
  });

  test("the runtime uses no package at all, so that it can be published on its own", () => {
    const wrong = imports.filter(
      ({ kind, file, target }) => kind === "package" && floorOf(file) === "runtime" && !builtin(target),
    );
    expect(wrong.map(arrow)).toEqual([]);
  });

  test("a package that belongs to a room is imported only there", () => {
    const wrong = imports.filter(
      ({ kind, file, target }) =>
        kind === "package" && packageRooms[target]?.includes(roomOf(file)) === false,
    );
    expect(wrong.map(arrow)).toEqual([]);
  });

  test("only microsoft/network makes requests, only runtime/goplugin opens a socket", async () => {
    const sockets = [
      "node:http",
      "node:https",
      "node:http2",
      "node:net",
      "node:tls",
      "node:dgram",
      "node:dns",
    ];
    const allowed = ["microsoft/network", "runtime/goplugin"];
    const wrong = imports
      .filter(({ file, target }) => sockets.includes(target) && !allowed.includes(roomOf(file)))
      .map(arrow);
    for (const file of new Set(imports.map((found) => found.file))) {
      if (allowed.includes(roomOf(file))) continue;
      const text = await Bun.file(join(root, file)).text();
      if (/globalThis\.fetch|Bun\.(connect|listen|serve|udpSocket)|new WebSocket|XMLHttpRequest\(/.test(text))
        wrong.push(file);
      // A `fetch` that is neither a parameter, imported nor declared here is the global one.
      const passedIn = /\bfetch[,:}]|\bfetch \}|\b(const|function) fetch\b|\(fetch\b|fetch:/.test(text);
      if (/(?<![.\w])fetch\(/.test(text) && !passedIn) wrong.push(`${file} → global fetch`);
    }
    expect(wrong).toEqual([]);
  });

  test("no file builds a schema when it is imported: all schemas together would cost each start 7 ms", async () => {
    const wrong: string[] = [];
    for (const file of new Set(imports.map((found) => found.file))) {
      const text = await Bun.file(join(root, file)).text();
      if (/^(export )?const \w+(: [^=]+)? =\s+\(?z\s*[.(]/m.test(text)) wrong.push(file);
    }
    expect(wrong).toEqual([]);
  });

  test("no room is called utils, helpers, common or manager", async () => {
    const names = await Array.fromAsync(
      // A slash inside the braces would match nothing.
      new Bun.Glob("{server,webapp,e2e,build,bench}/**/*.{ts,tsx}").scan(root),
    );
    expect(names.length).toBeGreaterThan(1000);
    expect(
      names.filter(
        (name) =>
          !name.includes("node_modules") && /(^|\/|-)(utils?|helpers?|common|manager)(\/|\.|-)/.test(name),
      ),
    ).toEqual([]);
  });

  test("the reader of imports finds known imports, packages and floors", () => {
    const sees = (file: string, target: string) =>
      imports.some((found) => found.file === file && found.target === target);
    expect(imports.length).toBeGreaterThan(500);
    expect(sees("server/microsoft/network/outgoing-fetch.ts", "server/microsoft/network/proxy.ts")).toBe(
      true,
    );
    expect(imports.some(({ kind, target }) => kind === "package" && target === "zod")).toBe(true);
    expect(floors.every((floor) => imports.some(({ file }) => floorOf(file) === floor))).toBe(true);
  });
});

describe("the length of files", () => {
  test("is at most 300 lines, unless the first line says that the file is longer", async () => {
    const files = await Array.fromAsync(
      new Bun.Glob("{server,webapp,e2e,build,bench}/**/*.{ts,tsx,mjs,go,css}").scan(root),
    );
    expect(files.length).toBeGreaterThan(1000);
    const long: string[] = [];
    for (const file of files) {
      if (/node_modules|\.gen\.|(^|\/)(dist|testdata)\//.test(file)) continue;
      const lines = (await Bun.file(join(root, file)).text()).split("\n");
      if (lines.length > 301 && !/longer than 300 lines/i.test(lines[0] ?? "")) long.push(file);
    }
    expect(long).toEqual([]);
  });
});

describe("import cycles", () => {
  for (const pattern of ["server/**/*.ts", "webapp/src/**/*.{ts,tsx}", "e2e/**/*.{ts,tsx}"]) {
    test(`do not exist in ${pattern}, including type-only imports`, async () => {
      expect(cyclesOf(await importsOf(pattern))).toEqual([]);
    });
  }

  test("are found when one of the three imports is type-only", () => {
    const edge = (file: string, target: string, typeOnly = false): Import => ({
      file,
      target,
      kind: "file",
      typeOnly,
    });
    const edges = [edge("a", "b"), edge("b", "c", true), edge("c", "a"), edge("c", "d"), edge("d", "e")];
    expect(cyclesOf(edges)).toEqual([["a", "b", "c"]]);
    expect(cyclesOf(edges.slice(0, 2))).toEqual([]);
  });
});
