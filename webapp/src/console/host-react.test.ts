import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as React from "react";

const sources = readdirSync(import.meta.dir, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".test.ts"))
  .map((file) => [file, readFileSync(join(import.meta.dir, file), "utf8")] as const);

/** The functions that React 17, 18 and 19 have in common; the host brings one of them. */
const common = new Set([
  ...["Fragment", "useCallback", "useContext", "useEffect", "useMemo", "useReducer", "useRef", "useState"],
  ...["createContext", "createElement", "memo"],
]);

test("the console uses only React functions that every supported Mattermost has", () => {
  let seen = 0;
  for (const [file, source] of sources) {
    for (const [, name] of source.matchAll(/\bReact\.(\w+)/g)) {
      // Types vanish when compiled: only names that exist at run time matter.
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

test("the console does not bundle React", () => {
  for (const [file, source] of sources) {
    expect([file, /react-dom|jsx-runtime/.test(source)]).toEqual([file, false]);
  }
});
