/** Tests how links are classified that lead out of the frame. */

import { describe, expect, test } from "bun:test";
import { linkOf } from "./links.ts";

describe("links that leave the frame", () => {
  const base = "https://chat.example.com/mm/team/channels/x";
  const file = "f".repeat(26);
  const of = (href: string, download: string | null = null) => linkOf(href, base, "/mm", download);

  test("a file is recognised by the attribute, by the query, or by the API's path", () => {
    expect(of(`/mm/api/v4/files/${file}`)).toEqual({
      leads: "to a file",
      file: { path: `/mm/api/v4/files/${file}`, fileId: file, name: file },
    });
    expect(of(`/mm/api/v4/files/${file}?download=1`, "a.txt")).toMatchObject({
      file: { path: `/mm/api/v4/files/${file}?download=1`, fileId: file, name: "a.txt" },
    });
    expect(of("/mm/plugins/playbooks/export?download=1")).toMatchObject({
      file: { fileId: null, name: "export" },
    });
    expect(of("/mm/api/v4/system/support_packet")).toMatchObject({ file: { name: "support_packet" } });
    expect(of("/mm/static/%E0%A4%A.txt", "")).toMatchObject({ file: { name: "%E0%A4%A.txt" } });
    // Only the file itself, not its thumbnail.
    expect(of(`/mm/api/v4/files/${file}/thumbnail`)).toMatchObject({ file: { fileId: null } });
  });

  test("a page of this server keeps its query and anchor, and a relative address is resolved", () => {
    expect(of("/mm/team/pl/abc#x")).toEqual({ leads: "to a page", path: "/mm/team/pl/abc#x" });
    expect(of("../messages/@ana")).toEqual({ leads: "to a page", path: "/mm/team/messages/@ana" });
  });

  test("anything else is left to the browser: other sites, other paths, files made in the page", () => {
    for (const href of [
      "https://evil.example/api/v4/files/x?download=1",
      "//evil.example/mm/x",
      "https://chat.example.com.evil.example/mm/x",
      "https://chat.example.com:8443/mm/x",
      "https://chat.example.com/other/x",
      "https://chat.example.com/mmx",
      "blob:https://chat.example.com/0f1e",
      "data:text/plain,x",
      "javascript:alert(1)",
      "mailto:ana@example.com",
      "mattermost://chat.example.com/mm/x",
      "http://[",
      // A public link carries its own authorisation.
      `/mm/files/${file}/public?h=abc`,
    ])
      expect(of(href, "x")).toBeNull();
  });
});
