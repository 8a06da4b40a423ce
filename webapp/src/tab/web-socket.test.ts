/** Tests that the web socket is closed after a change of the session, so that the web app opens a new one. */

import { describe, expect, test } from "bun:test";
import { reopenWebSocket, type SocketPage } from "./web-socket.ts";

describe("the web socket of a page", () => {
  function page(listens: boolean) {
    const sent: string[] = [];
    class Socket {
      readonly url: string;
      open = true;
      constructor(url: string) {
        this.url = url;
      }
      send(message: string) {
        sent.push(`${new URL(this.url).pathname} ${message}`);
      }
      close() {
        this.open = false;
      }
    }
    const socket = new Socket("wss://chat.example.com/mm/api/v4/websocket?connection_id=a");
    const other = new Socket("wss://chat.example.com/mm/plugins/calls/ws");
    const events: string[] = [];
    const inner = {
      WebSocket: Socket,
      Event,
      dispatchEvent({ type }: Event) {
        events.push(type);
        if (listens && type === "offline") socket.send("ping");
        return true;
      },
    } as unknown as SocketPage;
    return { inner, socket, other, sent, events, original: Socket.prototype.send };
  }
  const send = (inner: SocketPage) => inner.WebSocket.prototype.send as unknown;

  test("is closed at once if the web app listens to network events; its message is still sent", () => {
    const { inner, socket, sent, events, original } = page(true);
    reopenWebSocket(inner, "/mm");
    expect([socket.open, ...events]).toEqual([false, "offline", "online"]);
    expect(sent).toEqual(["/mm/api/v4/websocket ping"]);
    expect(send(inner)).toBe(original);
  });
  test("is otherwise closed with its next message", () => {
    const { inner, socket, original } = page(false);
    reopenWebSocket(inner, "/mm");
    expect(socket.open).toBe(true);
    socket.send("ping");
    expect(socket.open).toBe(false);
    expect(send(inner)).toBe(original);
  });
  test("is closed once: the next one stays open", () => {
    const { inner, socket } = page(true);
    reopenWebSocket(inner, "/mm");
    socket.open = true;
    socket.send("ping");
    expect(socket.open).toBe(true);
  });
  test("is closed once even if that was requested twice before its next message", () => {
    const { inner, socket, original } = page(false);
    reopenWebSocket(inner, "/mm");
    reopenWebSocket(inner, "/mm");
    socket.send("ping");
    expect(socket.open).toBe(false);
    expect(send(inner)).toBe(original);
  });
  test("is closed only at its own address: not another one of a plugin or of another sub-path", () => {
    const { inner, socket, other } = page(false);
    reopenWebSocket(inner, "/mm");
    other.send("hello");
    expect(other.open).toBe(true);
    const elsewhere = page(false);
    reopenWebSocket(elsewhere.inner, "");
    elsewhere.socket.send("ping");
    expect(elsewhere.socket.open).toBe(true);
    expect(socket.open).toBe(true);
  });
});
