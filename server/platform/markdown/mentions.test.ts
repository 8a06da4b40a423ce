import { describe, expect, test } from "bun:test";
import { splitMentions } from "./mentions.ts";

const people: Readonly<Record<string, string>> = {
  alex: "Alex",
  "bea.long": "Bea",
  "fay_x-1": "Fay",
  "dot.": "Dot",
};
const show = (text: string) =>
  splitMentions(text, (name) => people[name] ?? null)
    .map((piece) => ("found" in piece ? `[${piece.found}]` : piece.text))
    .join("");

describe("mentions in a text", () => {
  for (const [text, shown] of Object.entries({
    "hi @alex": "hi [Alex]",
    "ask @alex.": "ask [Alex].",
    "ask @alex...": "ask [Alex]...",
    "ask @bea.long.": "ask [Bea].",
    "@dot.": "[Dot]",
    "@dot..": "[Dot].",
    "@ALEX": "[Alex]",
    "(@alex), @bea.long: @alex's": "([Alex]), [Bea]: [Alex]'s",
    "@alex @alex": "[Alex] [Alex]",
    "@fay_x-1 ok": "[Fay] ok",
    "@alexander": "@alexander",
    "@alex.other": "@alex.other",
    "x@alex.example": "x@alex.example",
    "@@alex": "@@alex",
    "@ alex": "@ alex",
    "": "",
  })) {
    test(`"${text}"`, () => expect(show(text)).toBe(shown));
  }

  test("100,000 characters of punctuation take bounded time", () => {
    const began = process.threadCpuUsage();
    show(`@a${".".repeat(100_000)}`);
    expect(process.threadCpuUsage(began).user / 1000).toBeLessThan(20_000);
  });
});
