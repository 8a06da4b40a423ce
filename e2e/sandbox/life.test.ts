import { describe, expect, test } from "bun:test";
import { endWith, type Life, processesAbove } from "./life.ts";
import { type CommandLine, readOptions } from "./options.ts";

function stage(above: number[] = []) {
  const signals = new Map<string, () => void>();
  const world = { parent: 10, running: new Set([10, 20, 30]), ends: 0, look: () => {}, looking: true };
  const life: Life = {
    on: (signal, then) => void signals.set(signal, then),
    parent: () => world.parent,
    runs: (pid) => world.running.has(pid),
    every(_ms, then) {
      world.look = then;
      return () => {
        world.looking = false;
      };
    },
    above,
  };
  endWith(life, () => {
    world.ends += 1;
  });
  return { world, signal: (name: string) => signals.get(name)?.() };
}

describe("the sandbox ends", () => {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    test(`on ${name}, once`, () => {
      const { world, signal } = stage();
      signal(name);
      signal(name);
      expect(world).toMatchObject({ ends: 1, looking: false });
    });
  }

  test("ends when its parent has ended", () => {
    const { world } = stage();
    world.look();
    expect(world.ends).toBe(0);
    world.parent = 1;
    world.look();
    world.look();
    expect(world.ends).toBe(1);
  });

  for (const gone of [20, 30]) {
    test(`when ${gone === 20 ? "the shell" : "npm"} above its parent has ended`, () => {
      const { world } = stage([20, 30]);
      world.look();
      expect(world.ends).toBe(0);
      world.running.delete(gone);
      world.look();
      expect(world.ends).toBe(1);
    });
  }

  test("ignores the end of unrelated processes", () => {
    const { world } = stage();
    world.running.clear();
    world.look();
    expect(world.ends).toBe(0);
  });
});

test("the processes above are the shell and, in an npm script, npm", () => {
  const parentOf = (pid: number) => (pid === 20 ? 30 : null);
  const npm_lifecycle_event = "start";
  expect(processesAbove({ STARTED_BY: "20", npm_lifecycle_event }, parentOf)).toEqual([20, 30]);
  expect(processesAbove({ STARTED_BY: "20" }, parentOf)).toEqual([20]);
  expect(processesAbove({ STARTED_BY: "21", npm_lifecycle_event }, parentOf)).toEqual([21]);
  expect(processesAbove({ STARTED_BY: "20", npm_lifecycle_event }, () => 1)).toEqual([20]);
  expect(processesAbove({ npm_lifecycle_event }, parentOf)).toEqual([]);
});

describe("the options of npm start", () => {
  const line: CommandLine = {
    fresh: false,
    installed: false,
    nodes: "1",
    subpath: "",
    "token-version": "2",
    "web-app": "11",
    lock: [],
    settings: "{}",
  };
  const read = (change: Partial<CommandLine>, port?: string) =>
    readOptions({ ...line, ...change }, port, "/bundle");

  test("are as documented", () => {
    const lock = ["PluginSettings.Plugins.mission-collaboration.m365_tenant_id"];
    expect(
      read(
        { subpath: "/chat", nodes: "3", "site-url": "http://chat.example", "token-version": "1", lock },
        "0",
      ),
    ).toMatchObject({ port: 0, nodes: 3, subpath: "/chat", siteUrl: "http://chat.example", tokenVersion: 1 });
    expect(read({})).toMatchObject({ port: 8065, tokenVersion: 2, webApp: 11, settings: {} });
    expect(read({ "web-app": "10" })).toMatchObject({ webApp: 10 });
    expect(read({}, "")).toMatchObject({ port: 8065 });
  });

  for (const [name, change, port] of [
    ["PORT", {}, "http"],
    ["PORT", {}, "70000"],
    ["PORT", {}, "-1"],
    ["--nodes", { nodes: "0" }],
    ["--nodes", { nodes: "many" }],
    ["--subpath", { subpath: "chat" }],
    ["--subpath", { subpath: "/chat/" }],
    ["--site-url", { "site-url": "chat" }],
    ["--token-version", { "token-version": "3" }],
    ["--web-app", { "web-app": "9" }],
    ["--lock", { lock: ["everything"] }],
    ["--settings", { settings: "{" }],
    ["--settings", { settings: "[]" }],
  ] as const) {
    test(`${name} ${JSON.stringify(port ?? change)}: one sentence that names it`, () => {
      const answer = read(change, port);
      expect(answer).toBeString();
      expect(answer).toStartWith(name);
      expect(answer).not.toContain("\n");
    });
  }
});
