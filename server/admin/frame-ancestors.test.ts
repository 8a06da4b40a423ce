import { describe, expect, test } from "bun:test";
import { compareFrameAncestors } from "./frame-ancestors.ts";

const cloud = ["https://teams.microsoft.com", "https://*.office.com", "https://outlook.office.com"];

describe("frame ancestors", () => {
  const cases: [name: string, setting: string, missing: string[]][] = [
    ["an empty setting lacks all", "", cloud],
    ["an entry without a scheme is found", "teams.microsoft.com *.office.com", []],
    ["a wildcard covers its hosts", "https://teams.microsoft.com https://*.office.com", []],
    ["a wildcard does not cover the bare domain", "https://*.teams.microsoft.com", cloud],
    [
      "a domain with the same ending is not covered",
      "https://evil-teams.microsoft.com https://office.com",
      cloud,
    ],
    ["an entry with http is not accepted", "http://teams.microsoft.com", cloud],
    ["upper case is the same host", "HTTPS://TEAMS.MICROSOFT.COM https://*.Office.com", []],
  ];
  for (const [name, setting, missing] of cases) {
    test(name, () => expect(compareFrameAncestors(setting, cloud, []).missing).toEqual(missing));
  }

  test("merging keeps other entries, and removing removes only ours", () => {
    const compared = compareFrameAncestors("https://portal.example.com  teams.microsoft.com", cloud, []);
    expect(compared.merged).toBe(
      "https://portal.example.com teams.microsoft.com https://*.office.com https://outlook.office.com",
    );
    expect(compareFrameAncestors(compared.merged, cloud, []).without).toBe("https://portal.example.com");
    expect(compareFrameAncestors(compared.merged, cloud, []).merged).toBe(compared.merged);
  });

  test("every entry names its origin", () => {
    const wanted = [...cloud, "https://intranet.example.com"];
    const { entries } = compareFrameAncestors("https://other.example.com", wanted, [
      "https://intranet.example.com",
    ]);
    expect(entries.map(({ source, origin, present }) => [source, origin, present])).toEqual([
      ["https://other.example.com", "other", true],
      ["https://teams.microsoft.com", "cloud", false],
      ["https://*.office.com", "cloud", false],
      ["https://outlook.office.com", "cloud", false],
      ["https://intranet.example.com", "extra", false],
    ]);
  });
});
