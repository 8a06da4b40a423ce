import { connect } from "node:net";
import { until } from "../../until.ts";
import type { Figures, Host } from "../host.ts";
import { type Case, equal, isTrue } from "./case.ts";

export function httpCases(host: Host): Case[] {
  const pattern = (size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    for (let i = 0; i < size; i++) bytes[i] = (i % 65_536) % 251;
    return bytes;
  };
  const sizes = [0, 1, 1_000_000, 50_000_000];
  return [
    ...sizes.map(
      (size): Case => ({
        name: `ServeHTTP: request body of ${size} bytes`,
        run: async () => {
          const body = pattern(size);
          const counted = await (await host.fetch("/count", { method: "POST", body })).json();
          equal(counted, { size, sha256: new Bun.CryptoHasher("sha256").update(body).digest("hex") });
        },
      }),
    ),
    ...sizes.map(
      (size): Case => ({
        name: `ServeHTTP: response body of ${size} bytes`,
        run: async () => {
          const body = await (await host.fetch(`/bytes?size=${size}`)).bytes();
          equal(body.length, size);
          isTrue(Buffer.compare(body, pattern(size)) === 0, "other bytes");
        },
      }),
    ),
    {
      // Mattermost 10.11 has no Flush: the answer must not end at the first chunk that makes us wait.
      name: "ServeHTTP: a slowly produced response body arrives whole",
      run: async () => {
        const size = 1_000_000;
        const body = await (await host.fetch(`/bytes?size=${size}&slow=5`)).bytes();
        equal(body.length, size);
        isTrue(Buffer.compare(body, pattern(size)) === 0, "other bytes");
      },
    },
    {
      name: "ServeHTTP: streams 20 MB in both directions",
      run: async () => {
        const body = pattern(20_000_000);
        const response = await host.fetch("/echo", { method: "PUT", body });
        equal([response.status, response.headers.get("X-Method")], [201, "PUT"]);
        isTrue(Buffer.compare(await response.bytes(), body) === 0, "other bytes");
      },
    },
    {
      name: "ServeHTTP: method, URL, headers, cookies, body, user",
      run: async () => {
        await host.do("world", {
          world: {
            Users: [{ Id: "user", Username: "alice", Email: "alice@example.org", Roles: "system_user" }],
            Sessions: [{ Id: "session", Token: "token", UserId: "user", Props: { csrf: "c" } }],
          },
        });
        const request = async (init: RequestInit) =>
          (await (await host.fetch("/request?b=2&a=1", init)).json()) as {
            url: string;
            headers: Record<string, string>;
            body: string;
            context: { userId: string | null; SessionId: string };
          };
        const cookie = "MMAUTHTOKEN=token; other=1";
        const get = await request({
          headers: { cookie, "Mattermost-User-Id": "forged", "X-A": "1", Referer: "http://x" },
        });
        isTrue(get.url.endsWith("/request?a=1&b=2"), get.url);
        equal([get.context.userId, get.context.SessionId], ["user", "session"]);
        equal([get.headers.cookie, get.headers["x-a"], get.headers.referer], ["other=1", "1", undefined]);
        const post = await request({
          method: "POST",
          body: "text",
          headers: { cookie, "X-CSRF-Token": "c" },
        });
        equal([post.body, post.context.userId], ["text", "user"]);
        const forged = await request({ method: "POST", body: "text", headers: { cookie } });
        equal(forged.context.userId, null, "without the CSRF token");
        const foreign = await request({ headers: { cookie, Authorization: "Bearer eyJ0" } });
        equal(foreign.context.userId, null, "with a foreign bearer token");
      },
    },
    {
      name: "ServeHTTP: large headers, several cookies, 204, HEAD, 404",
      run: async () => {
        const response = await host.fetch("/headers");
        equal([response.status, response.headers.get("x-large")?.length], [204, 60_000]);
        equal(response.headers.getSetCookie(), ["a=1; Path=/; HttpOnly", "b=2; Path=/"]);
        const head = await host.fetch("/json", { method: "HEAD" });
        equal([head.status, (await head.bytes()).length], [200, 0]);
        equal((await host.fetch("/none")).status, 404);
      },
    },
    {
      name: "ServeHTTP: answers 500 if a handler throws, and serves the next request",
      run: async () => {
        equal((await host.fetch("/throw")).status, 500);
        equal((await host.fetch("/json")).status, 200);
      },
    },
    {
      name: "ServeHTTP: 500 requests at once, three times",
      run: async () => {
        const load = (Connections: number, Requests: number) =>
          host.do<Figures>("load", { load: { Path: "/json", Connections, Requests } });
        // The library gives a request 5 s from its arrival to our first stream. A busy machine may
        // not answer 500 in that time, so there are only as many as it answers in 2 s.
        const { perSecond } = await load(50, 300);
        const atOnce = Math.max(50, Math.min(500, Math.floor(2 * perSecond)));
        const figures = await load(atOnce, 3 * atOnce);
        equal(
          [figures.count, figures.errors, figures.statuses],
          [3 * atOnce, 0, { 200: 3 * atOnce }],
          figures.firstError,
        );
      },
    },
    {
      name: "ServeHTTP: survives 60 clients that leave in the middle of the answer",
      run: async () => {
        const before = await state(host);
        await Promise.all(Array.from({ length: 60 }, () => leaveWhileReading(host)));
        await until(
          async () => (await state(host)).cancelledBodies - before.cancelledBodies === 60,
          "60 cancelled bodies",
        );
      },
    },
    {
      name: "ServeHTTP: survives 60 clients that leave in the middle of their request",
      run: async () => {
        const before = await state(host);
        await Promise.all(Array.from({ length: 60 }, () => leaveWhileWriting(host)));
        await until(
          async () => (await state(host)).brokenBodies - before.brokenBodies === 60,
          "60 broken bodies",
        );
        equal((await host.fetch("/json")).status, 200);
      },
    },
    {
      name: "serves public files from the host",
      run: async () => {
        const response = await host.fetch("/public/hello.txt");
        equal([response.status, await response.text()], [200, "public"]);
        equal((await host.fetch("/public/../plugin.json")).status, 404);
      },
    },
  ];
}

async function state(host: Host): Promise<{ brokenBodies: number; cancelledBodies: number }> {
  return (await (await host.fetch("/state")).json()) as { brokenBodies: number; cancelledBodies: number };
}

async function leaveWhileReading(host: Host): Promise<void> {
  const gone = new AbortController();
  const response = await host.fetch("/bytes?size=50000000&slow=5", { signal: gone.signal });
  await response.body?.getReader().read();
  gone.abort();
}

function leaveWhileWriting(host: Host): Promise<void> {
  const { hostname, port, pathname } = new URL(host.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST ${pathname}/count HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`);
      socket.write(new Uint8Array(100_000));
      setTimeout(() => {
        socket.destroy();
        resolve();
      }, 50);
    });
  });
}
