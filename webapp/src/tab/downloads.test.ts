/** Files that the frame wants to save. */

import { describe, expect, test } from "bun:test";
import { createDownloads, type Download, nameOf } from "./downloads.ts";

describe("downloads", () => {
  const names: [string | null, string | null][] = [
    ['attachment; filename="a b.txt"', "a b.txt"],
    ["attachment;filename=\"x.txt\"; filename*=UTF-8''Gezeiten%20%26%20Pegel.txt", "Gezeiten & Pegel.txt"],
    ["attachment; filename*=UTF-8''%E0%A4%A; filename=plain.txt", "plain.txt"],
    ['attachment; filename="with \\"quotes\\".txt"', 'with "quotes".txt'],
    ["inline", null],
    ["attachment; filename=", null],
    [null, null],
  ];
  for (const [header, name] of names) test(`name of ${header}`, () => expect(nameOf(header)).toBe(name));

  const file = { path: "/api/v4/files/x", fileId: "x".repeat(26), name: "x.txt" };
  function world(answer: (url: string) => Response | Promise<Response>) {
    const asked: string[] = [];
    const pressed: [string, string][] = [];
    let seen: readonly Download[] = [];
    const downloads = createDownloads({
      pluginPath: "/plugins/p",
      cookies: () => "MMCSRF=abc",
      largeBytes: 10,
      fetch: (async (url: string, init?: RequestInit) => {
        asked.push(`${init?.method ?? "GET"} ${url}`);
        init?.signal?.throwIfAborted();
        return answer(url);
      }) as typeof fetch,
      changed: (all) => {
        seen = all;
      },
      press: (href, name) => void pressed.push([href, name]),
      later: () => {},
    });
    return { asked, pressed, downloads, state: () => seen.map(({ state, problem }) => [state, problem]) };
  }

  test("the page saves a small file itself; a large one, or one of unknown size, is downloaded with a ticket", async () => {
    const small = world(() => new Response("12345"));
    await small.downloads.save(file);
    expect(small.pressed).toEqual([[expect.stringMatching(/^blob:/), "x.txt"]]);
    for (const headers of [{ "Content-Length": "11" }, {}] as Record<string, string>[]) {
      const large = world((url) =>
        url.endsWith("/ticket") ? Response.json({ ticket: "t1" }) : new Response("12345678901", { headers }),
      );
      await large.downloads.save(file);
      expect(large.pressed).toEqual([["/plugins/p/files/t1", "x.txt"]]);
      expect(large.asked).toEqual(["GET /api/v4/files/x", "POST /plugins/p/api/v1/files/ticket"]);
      expect(large.state()).toEqual([["with_browser", null]]);
    }
  });

  test("the page saves a large file itself if it belongs to no post: there is no ticket for it", async () => {
    const { downloads, pressed, asked } = world(() => new Response("12345678901"));
    await downloads.save({ ...file, fileId: null });
    expect([pressed.length, asked.length]).toEqual([1, 1]);
  });

  const refusals: [number, string][] = [
    [401, "signed_out"],
    [403, "gone"],
    [404, "gone"],
    [500, "server"],
    [502, "server"],
  ];
  for (const [status, problem] of refusals) {
    test(`${status}: ${problem}, and nothing is saved`, async () => {
      const { downloads, pressed, state } = world(() => new Response("<h1>no</h1>", { status }));
      await downloads.save(file);
      expect([pressed, state()]).toEqual([[], [["failed", problem]]]);
    });
  }

  test("a missing network and a truncated file are reported, and nothing is saved", async () => {
    const away = world(() => Promise.reject(new TypeError("failed to fetch")));
    await away.downloads.save(file);
    const short = world(() => new Response("123", { headers: { "Content-Length": "9" } }));
    await short.downloads.save(file);
    for (const { pressed, state } of [away, short])
      expect([pressed, state()]).toEqual([[], [["failed", "network"]]]);
  });

  test("a malformed ticket is not followed", async () => {
    for (const ticket of ["../../api/v4/users/me", "//evil.example/x", 7, undefined]) {
      const { downloads, pressed, state } = world((url) =>
        url.endsWith("/ticket") ? Response.json({ ticket }) : new Response("12345678901"),
      );
      await downloads.save(file);
      expect([pressed, state()]).toEqual([[], [["failed", "server"]]]);
    }
  });

  test("a cancelled download saves nothing, and its line disappears", async () => {
    const { downloads, pressed, state } = world(async () => {
      downloads.remove(1);
      return new Response("12345");
    });
    const run = downloads.save(file);
    await run;
    expect([pressed, state()]).toEqual([[], []]);
  });
});
