import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as React from "react";

const sources = readdirSync(import.meta.dir, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".test.ts"))
  .map((file) => [file, readFileSync(join(import.meta.dir, file), "utf8")] as const);

/** What React 17, 18 and 19 all have; the host brings whichever its version is built with. */
const common = new Set([
  ...["Fragment", "useCallback", "useContext", "useEffect", "useMemo", "useReducer", "useRef", "useState"],
  ...["createContext", "createElement", "memo"],
]);

test("the console uses nothing of React that a supported Mattermost lacks", () => {
  let seen = 0;
  for (const [file, source] of sources) {
    for (const [, name] of source.matchAll(/\bReact\.(\w+)/g)) {
      // Types vanish when compiled: only what exists at run time counts.
      if (name === undefined || !(name in React)) continue;
      seen += 1;
      expect([file, name, common.has(name)]).toEqual([file, name, true]);
    }
    for (const [, names = ""] of source.matchAll(/import \{([^}]*)\} from "react";/g)) {
      for (const name of names.split(",").map((part) => part.trim())) {
        seen += 1;
        expect([file, name, common.has(name)]).toEqual([file, name, true]);
      }
    }
  }
  expect(seen).toBeGreaterThan(20);
});

test("the console brings no React of its own", () => {
  for (const [file, source] of sources) {
    expect([file, /react-dom|jsx-runtime/.test(source)]).toEqual([file, false]);
  }
});
