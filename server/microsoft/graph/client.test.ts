import { afterAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { buildConfig, type Cloud, type ConfigSource } from "../config/index.ts";
import type { Fetch } from "../network/index.ts";
import { answerText } from "./answer.ts";
import { createGraphClient } from "./client.ts";
import { GraphError, GraphUnreachable, StorageUnreachable } from "./errors.ts";

/** Plays Graph over real sockets: only there do streams and redirects behave as in production. */
type Handler = (request: Request, url: URL) => Response | Promise<Response>;
let handler: Handler = () => new Response(null, { status: 404 });
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request) => handler(request, new URL(request.url)),
});
afterAll(() => server.stop(true));
const graphUrl = `http://127.0.0.1:${server.port}`;

const asked: string[] = [];
const fetchFor: Fetch = (url, { limitMs, ...init } = {}) => {
  asked.push(String(url));
  return fetch(url, {
    redirect: "error",
    ...init,
    ...(limitMs
      ? { signal: AbortSignal.any([AbortSignal.timeout(limitMs), ...(init.signal ? [init.signal] : [])]) }
      : {}),
  });
};

function world(fileHosts: readonly string[] = []) {
  const base = buildConfig({}, { siteUrl: "" });
  const cloud: Cloud = { ...base.cloud, graphUrl, fileHosts };
  const config: ConfigSource = { current: { ...base, cloud }, onChange: () => () => {} };
  const credential = (name: string) => {
    let renewals = 0;
    return {
      token: async () => `${name}-${renewals}`,
      forget: () => {
        renewals += 1;
      },
      renewals: () => renewals,
    };
  };
  const app = credential("app");
  const client = createGraphClient({
    config,
    tokens: app,
    fetch: fetchFor,
    sleep: async () => {},
    random: () => 1,
  });
  return { client, app, ana: credential("ana") };
}

const bearer = (request: Request) => request.headers.get("Authorization");
const item = z.object({ id: z.string() });

describe("choice and renewal of tokens", () => {
  test("a request carries the app's token, or that of the person it names", async () => {
    const { client, ana } = world();
    const seen: (string | null)[] = [];
    handler = (request) => {
      seen.push(bearer(request));
      return Response.json({ id: "x" });
    };
    await client.request({ path: "/a", answer: item });
    await client.request({ path: "/a", answer: item, credential: ana });
    expect(seen).toEqual(["Bearer app-0", "Bearer ana-0"]);
  });

  for (const who of ["app", "ana"] as const) {
    test(`on 401 the token of ${who} is renewed once, and no other`, async () => {
      const w = world();
      handler = (request) =>
        bearer(request)?.endsWith("-0") ? new Response(null, { status: 401 }) : Response.json({ id: "x" });
      const credential = who === "ana" ? { credential: w.ana } : {};
      expect(await w.client.request({ method: "POST", path: "/a", answer: item, ...credential })).toEqual({
        id: "x",
      });
      expect([w.app.renewals(), w.ana.renewals()]).toEqual(who === "app" ? [1, 0] : [0, 1]);
    });
  }

  test("a second 401 is final", async () => {
    const w = world();
    let asked = 0;
    handler = () => {
      asked += 1;
      return new Response(null, { status: 401 });
    };
    await expect(w.client.request({ path: "/a" })).rejects.toThrow(GraphError);
    expect(asked).toBe(2);
  });

  test("a caller's headers are sent, but cannot replace Authorization", async () => {
    const { client } = world();
    let seen = new Headers();
    handler = (request) => {
      seen = request.headers;
      return Response.json({ id: "x" });
    };
    const headers = { Prefer: 'outlook.timezone="UTC"', Authorization: "Bearer other" };
    await client.request({ path: "/a", headers, answer: item });
    expect(seen.get("Prefer")).toBe('outlook.timezone="UTC"');
    expect(seen.get("Authorization")).toBe("Bearer app-0");
  });
});

describe("paging", () => {
  test("follows next links to the end, with the same headers and person", async () => {
    const { client, ana } = world();
    const seen: unknown[] = [];
    handler = (request, url) => {
      seen.push([url.search, bearer(request), request.headers.get("Prefer")]);
      const page = Number(url.searchParams.get("page") ?? 0);
      return Response.json({
        value: [{ id: `${page}` }],
        ...(page < 2 ? { "@odata.nextLink": `${graphUrl}/v1.0/list?page=${page + 1}` } : {}),
      });
    };
    const all = await Array.fromAsync(
      client.items({ path: "/list", answer: item, credential: ana, headers: { Prefer: "a" } }),
    );
    expect(all.map(({ id }) => id)).toEqual(["0", "1", "2"]);
    expect(seen).toEqual(["", "?page=1", "?page=2"].map((search) => [search, "Bearer ana-0", "a"]));
  });

  for (const [name, link] of Object.entries({
    "another host": "https://evil.example/v1.0/list",
    "another scheme": "ftp://127.0.0.1/v1.0/list",
    "another port": "http://127.0.0.1:1/v1.0/list",
    "the same host with a password": `http://a:b@127.0.0.1:${server.port}/v1.0/list`,
    "another version": `${graphUrl}/beta/list`,
    "a host that only begins like ours": `${graphUrl}.evil.example/v1.0/list`,
    "no address": "next please",
  })) {
    test(`${name} in a next link is never requested`, async () => {
      const { client } = world();
      let asked = 0;
      handler = () => {
        asked += 1;
        return Response.json({ value: [], "@odata.nextLink": link });
      };
      await expect(Array.fromAsync(client.items({ path: "/list" }))).rejects.toThrow(GraphUnreachable);
      expect(asked).toBe(1);
    });
  }

  test("an item of another shape is an error, not an item", async () => {
    const { client } = world();
    handler = () => Response.json({ value: [{ id: 5 }] });
    await expect(Array.fromAsync(client.items({ path: "/list", answer: item }))).rejects.toThrow(
      GraphUnreachable,
    );
  });
});

describe("files", () => {
  test("a download is streamed: 64 MB pass without being held", async () => {
    const { client } = world();
    const chunk = new Uint8Array(1024 * 1024);
    let made = 0;
    handler = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            if (made++ < 64) controller.enqueue(chunk);
            else controller.close();
          },
        }),
        { headers: { "Content-Type": "image/png" } },
      );
    const { body, contentType } = await client.download({ path: "/file/$value" });
    let size = 0;
    for await (const part of body) size += part.length;
    expect([size, contentType]).toEqual([64 * 1024 * 1024, "image/png"]);
  });

  test("a redirect to storage is followed without the token", async () => {
    const { client } = world();
    const seen: (string | null)[] = [];
    handler = (request, url) => {
      seen.push(bearer(request));
      if (url.pathname === "/stored") return new Response("hello");
      return new Response(null, { status: 302, headers: { Location: `${graphUrl}/stored?tempauth=x` } });
    };
    const { body } = await client.download({ path: "/file/content" });
    expect(await new Response(body).text()).toBe("hello");
    expect(seen).toEqual(["Bearer app-0", null]);
  });

  test("a redirect to another host is refused, and that host gets no request", async () => {
    const { client } = world(["sharepoint.com"]);
    handler = () => new Response(null, { status: 302, headers: { Location: "https://evil.example/file" } });
    asked.length = 0;
    await expect(client.download({ path: "/file/content" })).rejects.toThrow(StorageUnreachable);
    expect([...new Set(asked)]).toEqual([`${graphUrl}/v1.0/file/content`]);
  });

  test("a redirect of the storage itself is not followed", async () => {
    const { client } = world();
    asked.length = 0;
    handler = (_, { pathname }) => {
      if (pathname === "/elsewhere") return new Response("stolen");
      const Location = `${graphUrl}/${pathname === "/stored" ? "elsewhere" : "stored"}`;
      return new Response(null, { status: 302, headers: { Location } });
    };
    await expect(client.download({ path: "/file/content" })).rejects.toThrow(StorageUnreachable);
    expect([...new Set(asked)]).toEqual([`${graphUrl}/v1.0/file/content`, `${graphUrl}/stored`]);
  });

  for (const [whose, isStorage, kind] of [
    ["of the file storage is a StorageUnreachable", true, StorageUnreachable],
    ["of Graph itself is a GraphError", false, GraphError],
  ] as const)
    test(`a failure ${whose}`, async () => {
      const { client } = world();
      handler = (_, url) => {
        if (isStorage !== (url.pathname === "/stored"))
          return new Response(null, { status: 302, headers: { Location: `${graphUrl}/stored` } });
        return new Response(null, { status: 503 });
      };
      const error = await client.download({ path: "/file/content" }).catch((one: unknown) => one);
      expect(error).toBeInstanceOf(kind);
    });

  test("a compressed body has no known length", async () => {
    const { client } = world();
    const packed = Bun.gzipSync(new Uint8Array(50_000));
    handler = () => new Response(packed, { headers: { "Content-Encoding": "gzip" } });
    const { body, length } = await client.download({ path: "/file/content" });
    expect(length).toBe(null);
    expect((await new Response(body).bytes()).length).toBe(50_000);
  });

  test("a refused file is a GraphError with Graph's code", async () => {
    const { client } = world();
    handler = () => Response.json({ error: { code: "accessDenied", message: "no" } }, { status: 403 });
    await expect(client.download({ path: "/file/content" })).rejects.toMatchObject({
      status: 403,
      code: "accessDenied",
    });
  });

  test("an upload from a stream arrives whole, and is not repeated when it fails", async () => {
    const { client } = world();
    const body = () => new Blob(["part one, ", "part two"]).stream();
    let asked = 0;
    let seen = "";
    handler = async (request) => {
      asked += 1;
      seen = `${request.method} ${request.headers.get("Content-Type")} ${await request.text()}`;
      return asked === 1 ? Response.json({ id: "f" }) : new Response(null, { status: 503 });
    };
    const upload = () =>
      client.request({
        method: "PUT",
        path: "/file/content",
        content: { type: "text/plain", bytes: body() },
        answer: item,
        tries: 3,
      });
    expect(await upload()).toEqual({ id: "f" });
    expect(seen).toBe("PUT text/plain part one, part two");
    await expect(upload()).rejects.toThrow(GraphError);
    expect(asked).toBe(2);
  });
});

describe("limits", () => {
  test("an answer beyond the limit is refused, even without a Content-Length", async () => {
    const { client } = world();
    handler = () => new Response(new Blob(["x".repeat(5000)]).stream());
    await expect(
      client.request({ path: "/a", answer: item, maxAnswerBytes: 4999, tries: 1 }),
    ).rejects.toThrow(GraphUnreachable);
    expect(await answerText(new Response("x".repeat(5000)), 5000)).toHaveLength(5000);
  });

  test("an aborted signal ends a call at once, without a retry", async () => {
    const { client } = world();
    const stop = new AbortController();
    let asked = 0;
    handler = () => {
      asked += 1;
      setTimeout(() => stop.abort(), 5);
      return new Promise<Response>(() => {});
    };
    await expect(client.request({ path: "/a", signal: stop.signal })).rejects.toThrow(GraphUnreachable);
    expect(asked).toBe(1);
  });

  test("a call's own time limit ends it", async () => {
    const { client } = world();
    handler = () => new Promise<Response>(() => {});
    await expect(client.request({ path: "/a", limitMs: 20, tries: 1 })).rejects.toThrow(GraphUnreachable);
  });
});
