import { describe, expect, test } from "bun:test";
import { printed } from "./go-values.ts";
import { makeLogger } from "./log.ts";

function logger(connected = true) {
  const lines: unknown[][] = [];
  const write =
    (level: string) =>
    async (...args: unknown[]) =>
      void lines.push([level, ...args]);
  const api = {
    logDebug: write("debug"),
    logInfo: write("info"),
    logWarn: write("warn"),
    logError: write("error"),
  };
  return { lines, log: makeLogger(api, () => connected) };
}

test("writes each level, with fields as pairs of text", () => {
  const { lines, log } = logger();
  log.debug("d");
  log.info("i", { n: 1, yes: true });
  log.warn("w", { list: [1, "x"], nothing: null, missing: undefined });
  log.error("e", { big: 10n });
  expect(lines).toEqual([
    ["debug", "d"],
    ["info", "i", "n", "1", "yes", "true"],
    ["warn", "w", "list", '[1,"x"]', "nothing", "null", "missing", "undefined"],
    ["error", "e", "big", "10"],
  ]);
});

test("a child's fields are on each of its lines and override the parent's", () => {
  const { lines, log } = logger();
  log.child({ room: "a", n: 1 }).child({ n: 2 }).info("x", { m: 3 });
  expect(lines).toEqual([["info", "x", "room", "a", "n", "2", "m", "3"]]);
});

test("before the API is available, lines go to stderr", () => {
  const { lines, log } = logger(false);
  log.info("early");
  expect(lines).toEqual([]);
});

test("limits the lines in progress to a server that does not answer", () => {
  let underWay = 0;
  const never = () => {
    underWay++;
    return new Promise<void>(() => {});
  };
  const log = makeLogger({ logDebug: never, logInfo: never, logWarn: never, logError: never }, () => true);
  const stderr = process.stderr.write;
  for (let i = 0; i < 260; i++) log.debug("x");
  process.stderr.write = stderr;
  expect(underWay).toBe(256);
});

describe("printed", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const cases: [string, unknown, string | RegExp][] = [
    ["text", "x", "x"],
    ["an object", { a: [1n] }, '{"a":["1"]}'],
    ["an object with a toJSON of its own", { toJSON: () => "[redacted]" }, '"[redacted]"'],
    ["an object that holds itself", circular, "(cannot be shown)"],
    [
      "an object whose getter throws",
      {
        get a() {
          throw new Error("no");
        },
      },
      "(cannot be shown)",
    ],
    [
      "an error with its cause",
      new Error("outer", { cause: new Error("inner") }),
      /outer[\s\S]*caused by Error: inner/,
    ],
    ["something long", "x".repeat(10_000), /… \(10000 characters\)$/],
  ];
  for (const [name, value, expected] of cases) {
    test(name, () => {
      if (typeof expected === "string") expect(printed(value)).toBe(expected);
      else expect(printed(value)).toMatch(expected);
    });
  }
});
