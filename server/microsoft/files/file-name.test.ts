import { describe, expect, test } from "bun:test";
import { driveName, safeName } from "./file-name.ts";

describe("a safe name", () => {
  const cases: [string, string][] = [
    ["plan.pdf", "plan.pdf"],
    ["..\\..\\windows\\system32\\cmd.exe", "cmd.exe"],
    ["../../etc/passwd", "passwd"],
    ["..", "file"],
    ["", "file"],
    ["   ", "file"],
    [".htaccess", "htaccess"],
    ["gnp.\u202eexe", "gnp.exe"],
    ["a\u0000b\n.txt", "ab.txt"],
    ['a"*:<>?|.txt', "a.txt"],
    ["a\u061c\u{e0041}b.txt", "ab.txt"],
    ["CON.txt", "_CON.txt"],
    ["nul", "_nul"],
    ["name. . .", "name"],
    ["Straße.txt", "Straße.txt"],
    ["日本語.docx", "日本語.docx"],
  ];
  for (const [given, expected] of cases)
    test(JSON.stringify(given), () => expect(safeName(given, "file")).toBe(expected));

  test("has at most 255 bytes and keeps its extension", () => {
    for (const letter of ["a", "ß", "語", "👩‍👩‍👧"]) {
      const name = safeName(`${letter.repeat(300)}.docx`, "file");
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      expect(name).toEndWith(".docx");
      expect(name.isWellFormed()).toBe(true);
    }
  });
});

describe("a name for OneDrive", () => {
  const cases: [string, string][] = [
    ["100 % #1.txt", "100 _ _1.txt"],
    ["~$plan.docx", "__plan.docx"],
    ["a_vti_b.txt", "a_vti-b.txt"],
    ["Desktop.ini", "_Desktop.ini"],
    ["LPT1", "_LPT1"],
    ["/\\", "file"],
  ];
  for (const [given, expected] of cases)
    test(JSON.stringify(given), () => expect(driveName(given)).toBe(expected));
});
