/** Tests the session of a request or a web socket, and the effects of its end. */

import { describe, expect, test } from "bun:test";
import { until } from "../../until.ts";
import { login } from "./sessions.ts";
import { echoServer } from "./testing/echo-server.ts";

const { world, server, ana, square, session, cookie, csrf, url, echo } = echoServer();

describe("the user of a request with", () => {
  const post = { method: "POST" };
  const cases: { name: string; init: RequestInit; known: boolean; rest?: string }[] = [
    { name: "no session", init: {}, known: false },
    { name: "the cookie, for GET", init: { headers: { cookie } }, known: true },
    {
      name: "the cookie, for POST without CSRF header",
      init: { ...post, headers: { cookie } },
      known: false,
    },
    {
      name: "the cookie, for POST with another session's CSRF header",
      init: { ...post, headers: { cookie, "X-CSRF-Token": "x" } },
      known: false,
    },
    {
      name: "the cookie, for POST with its CSRF header",
      init: { ...post, headers: { cookie, "X-CSRF-Token": csrf } },
      known: true,
    },
    {
      name: "the cookie, for POST with X-Requested-With while CSRF is strict",
      init: { ...post, headers: { cookie, "X-Requested-With": "XMLHttpRequest" } },
      known: false,
    },
    {
      name: "a bearer token",
      init: { ...post, headers: { Authorization: `Bearer ${session.Token}` } },
      known: true,
    },
    {
      name: "a foreign bearer token beside the cookie",
      init: { headers: { cookie, Authorization: "Bearer eyJ" } },
      known: false,
    },
    {
      name: "a foreign token in the query beside the cookie",
      init: { headers: { cookie } },
      rest: "?access_token=x",
      known: false,
    },
    {
      name: "a header that claims a user",
      init: { headers: { "Mattermost-User-Id": ana.Id } },
      known: false,
    },
  ];
  for (const { name, init, known, rest = "" } of cases) {
    test(`${name}: ${known ? "the person" : "nobody"}`, async () => {
      const { context, headers } = await echo(`/who${rest}`, init);
      expect(context.userId).toBe(known ? ana.Id : null);
      expect(context.SessionId).toBe(known ? session.Id : "");
      expect(headers["mattermost-user-id"]).toBe(known ? ana.Id : (undefined as never));
    });
  }

  test("a session without its second factor: nobody", async () => {
    Object.assign(world.config.ServiceSettings, {
      EnableMultifactorAuthentication: true,
      EnforceMultifactorAuthentication: true,
    });
    expect((await echo("/", { headers: { cookie } })).context.userId).toBeNull();
    Object.assign(world.config.ServiceSettings, { EnforceMultifactorAuthentication: false });
    expect((await echo("/", { headers: { cookie } })).context.userId).toBe(ana.Id);
  });
});

describe("a web socket belongs to the session with which it was opened", () => {
  interface Message {
    readonly event?: string;
    readonly data?: { readonly post?: string };
    readonly status?: string;
    readonly seq_reply?: number;
  }
  async function connect(token: string) {
    const received: Message[] = [];
    // Bun's own option; browsers send the cookie by themselves.
    const options = { headers: { cookie: `MMAUTHTOKEN=${token}` } } as unknown as string[];
    const socket = new WebSocket(url("/api/v4/websocket").replace(/^http/, "ws"), options);
    socket.onmessage = ({ data }) => received.push(JSON.parse(String(data)) as Message);
    await until(() => received.some(({ event }) => event === "hello"), "the server says hello");
    let seq = 0;
    return {
      socket,
      received: (text: string) => received.some(({ data }) => data?.post?.includes(text)),
      /** An answer comes after everything that was sent before. */
      async ping() {
        const mine = ++seq;
        socket.send(JSON.stringify({ action: "ping", seq: mine }));
        await until(() => received.some(({ seq_reply }) => seq_reply === mine), "the answer arrives");
        return received.find(({ seq_reply }) => seq_reply === mine)?.status;
      },
    };
  }
  const write = (message: string) =>
    fetch(url("/api/v4/posts"), {
      method: "POST",
      headers: { cookie, "X-CSRF-Token": csrf },
      body: JSON.stringify({ channel_id: square?.Id, message }),
    });
  const signIn = () => login(world, ana, new Request("http://localhost")).session;

  test("after the session's end it stays open and gets nothing more; another session changes nothing", async () => {
    const session = signIn();
    const client = await connect(session.Token);
    await write("before");
    expect([await client.ping(), client.received("BEFORE")]).toEqual(["OK", true]);
    expect(server.sockets.of(session.Token)).toBe(1);
    world.sessions.delete(session.Id);
    const fresh = await connect(signIn().Token);
    await write("after");
    expect([await fresh.ping(), fresh.received("AFTER")]).toEqual(["OK", true]);
    expect([await client.ping(), client.received("AFTER")]).toEqual(["FAIL", false]);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("an expired session has ended, even if it is extended afterwards", async () => {
    const session = signIn();
    const client = await connect(session.Token);
    session.ExpiresAt = world.now() - 1;
    expect(await client.ping()).toBe("FAIL");
    session.ExpiresAt = world.now() + 60_000;
    expect(await client.ping()).toBe("FAIL");
  });

  test("the list of sessions shows no tokens; one session can be ended", async () => {
    const session = signIn();
    const list = async () =>
      (await (await fetch(url("/api/v4/users/me/sessions"), { headers: { cookie } })).json()) as {
        id: string;
        token: string;
      }[];
    expect((await list()).find(({ id }) => id === session.Id)?.token).toBe("");
    const end = (user: string) =>
      fetch(url(`/api/v4/users/${user}/sessions/revoke`), {
        method: "POST",
        headers: { cookie, "X-CSRF-Token": csrf },
        body: JSON.stringify({ session_id: session.Id }),
      });
    expect((await end(world.addUser({ Username: "ben" }).Id)).status).toBe(403);
    expect((await end("me")).status).toBe(200);
    expect((await list()).some(({ id }) => id === session.Id)).toBe(false);
  });
});
