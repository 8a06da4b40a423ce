import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectionLost } from "./errors.ts";
import { connect, listenOnce } from "./socket.ts";
import { bytes, echo, received } from "./testing/session-by-hand.ts";
import { settle } from "./testing/wire.ts";

describe("over a unix socket", () => {
  const path = join(tmpdir(), `goplugin-${process.pid}.sock`);

  test("carries 10 MB both ways without overwriting reads, takes one connection, and removes its file", async () => {
    const listener = listenOnce(path);
    const client = await connect(path);
    const server = await listener.session;
    expect(existsSync(path)).toBe(false);
    await expect(connect(path)).rejects.toThrow();
    echo(server);
    const stream = client.open();
    const whole = bytes(10_000_000);
    const answer = received(stream); // keeps views of every read until the end
    stream.end(whole);
    expect((await answer).equals(whole)).toBe(true);
    client.close();
    expect(await server.closed).toBeNull();
  });

  test("opened and closed sessions leave no handle", async () => {
    if (process.platform !== "linux") return console.log("Not run: open files are counted in /proc.");
    const open = () => readdirSync("/proc/self/fd").length;
    const round = async () => {
      const listener = listenOnce(path);
      const client = await connect(path);
      const server = await listener.session;
      expect(await client.ping()).toBeGreaterThan(0);
      client.close();
      await server.closed;
    };
    await round();
    const before = open();
    for (let i = 0; i < 50; i++) await round();
    await settle();
    // Connections of tests that ran before in this process may close meanwhile.
    expect(open()).toBeLessThanOrEqual(before);
  });

  test("our session ends when the other process dies", async () => {
    const listener = listenOnce(path);
    const child = Bun.spawn([
      process.execPath,
      "-e",
      `Bun.connect({ unix: ${JSON.stringify(path)}, socket: { data() {} } })`,
    ]);
    const session = await listener.session;
    const stream = session.open();
    const lost = received(stream);
    child.kill("SIGKILL");
    expect(await session.closed).toBeNull();
    await expect(lost).rejects.toThrow(ConnectionLost);
  });
});
