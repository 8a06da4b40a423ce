/** The features run on the host's React (17, 18 or 19), as the console does. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as React from "react";

const root = join(import.meta.dir, "..");
const sources = ["host", "connect", "calendar", "channels", "chats"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."))
    .map((file) => [`${folder}/${file}`, readFileSync(join(root, folder, file), "utf8")] as const),
);
/** The functions that React 17, 18 and 19 have in common. */
const common = new Set([
  ...["Fragment", "useCallback", "useContext", "useEffect", "useMemo", "useReducer", "useRef", "useState"],
  ...["createContext", "createElement", "memo"],
]);

test("the features use only React functions that every supported Mattermost has", () => {
  let seen = 0;
  for (const [file, source] of sources) {
    for (const [, name] of source.matchAll(/\bReact\.(\w+)/g)) {
      if (name === undefined || !(name in React)) continue;
      seen += 1;
      expect([file, name, common.has(name)]).toEqual([file, name, true]);
    }
  }
  expect(seen).toBeGreaterThan(60);
});

test("the features bundle no React, create no HTML from text, and evaluate no text", () => {
  for (const [file, source] of sources) {
    expect([file, /react-dom|jsx-runtime|innerHTML|dangerously|\beval\(|new Function/.test(source)]).toEqual([
      file,
      false,
    ]);
  }
});
