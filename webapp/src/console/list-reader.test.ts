import { describe, expect, test } from "bun:test";
import { type Found, hasPages, isLastPage, ListReader, statusText } from "./list-reader.ts";

/** A list on the server, as the routes of the console answer it. */
const server = (names: readonly string[]) => (query: string) => {
  const asked = new URLSearchParams(query);
  const found = names.filter((name) => name.includes(asked.get("search") ?? ""));
  const size = Number(asked.get("per_page"));
  const from = Number(asked.get("page")) * size;
  return Promise.resolve({ rows: found.slice(from, from + size), total: found.length });
};
const names = (count: number) => Array.from({ length: count }, (_, number) => `name ${number}`);
const words = { total: (count: number) => `${count} people`, running: "Checking…" };

/** Answers in the order that a test wants. */
function slow() {
  const waiting = new Map<string, PromiseWithResolvers<Found<string>>>();
  const read = (query: string) => {
    const answer = Promise.withResolvers<Found<string>>();
    waiting.set(new URLSearchParams(query).get("search") ?? "", answer);
    return answer.promise;
  };
  const found = (search: string) => ({ rows: [search], total: 1 });
  return {
    read,
    answer: (search: string) => waiting.get(search)?.resolve(found(search)),
    fail: (search: string) => waiting.get(search)?.reject(new Error(search)),
  };
}

describe("a page that does not exist any more", () => {
  test("51 entries: the last row of page 2 is removed, and page 1 is shown", async () => {
    const reader = new ListReader<string>();
    expect(await reader.read(server(names(51)), { search: "", page: 1 })).toMatchObject({
      ...{ page: 1, found: { rows: ["name 50"], total: 51 } },
    });
    const after = await reader.read(server(names(50)), { search: "", page: 1 });
    expect(after).toMatchObject({ page: 0, error: null, found: { total: 50 } });
    expect(after?.found?.rows).toHaveLength(50);
  });

  test("many pages are skipped at once; an empty list is on its first page", async () => {
    const reader = new ListReader<string>();
    expect(await reader.read(server(names(120)), { search: "", page: 9 })).toMatchObject({ page: 2 });
    expect(await reader.read(server([]), { search: "", page: 1 })).toMatchObject({
      ...{ page: 0, found: { rows: [], total: 0 } },
    });
  });

  test("the page buttons are there while a page before this one exists", () => {
    expect(hasPages(0, 50)).toBe(false);
    expect(hasPages(0, 51)).toBe(true);
    expect(hasPages(1, 50)).toBe(true);
    expect([isLastPage(0, 0), isLastPage(0, 50), isLastPage(0, 51), isLastPage(1, 51)]).toEqual([
      ...[true, true, false, true],
    ]);
  });
});

describe("of two reads", () => {
  test("the answer to the older one is ignored when it comes later", async () => {
    const [reader, { answer, read }] = [new ListReader<string>(), slow()];
    const older = reader.read(read, { search: "a", page: 0 });
    const newer = reader.read(read, { search: "ab", page: 0 });
    answer("ab");
    expect((await newer)?.found?.rows).toEqual(["ab"]);
    answer("a");
    expect(await older).toBeNull();
  });

  test("the error of the older one is ignored, too", async () => {
    const [reader, { answer, fail, read }] = [new ListReader<string>(), slow()];
    const older = reader.read(read, { search: "a", page: 0 });
    const newer = reader.read(read, { search: "ab", page: 0 });
    fail("a");
    expect(await older).toBeNull();
    answer("ab");
    expect(await newer).toMatchObject({ error: null });
  });

  test("none is used after the list has left the screen", async () => {
    const [reader, { answer, read }] = [new ListReader<string>(), slow()];
    const asked = reader.read(read, { search: "a", page: 0 });
    reader.stop();
    answer("a");
    expect(await asked).toBeNull();
  });
});

describe("the status line", () => {
  test("does not say that a failed read is running", async () => {
    const reader = new ListReader<string>();
    const refuse = () => Promise.reject(new Error("503"));
    expect(statusText({ found: null, error: null }, words)).toBe("Checking…");
    const failed = await reader.read(refuse, { search: "", page: 0 });
    expect(failed?.error?.message).toBe("503");
    expect(statusText(failed ?? { found: null, error: null }, words)).toBe("");
    expect(statusText({ found: { rows: [], total: 3 }, error: new Error("503") }, words)).toBe("3 people");
  });

  test("the search goes to the server as it was typed", async () => {
    const asked: string[] = [];
    const read = (query: string) => {
      asked.push(query);
      return Promise.resolve({ rows: [], total: 0 });
    };
    await new ListReader<string>().read(read, { search: "a&b =ü", page: 0 });
    expect(new URLSearchParams(asked[0]).get("search")).toBe("a&b =ü");
  });
});
