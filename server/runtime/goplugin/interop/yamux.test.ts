// Our yamux against hashicorp/yamux 0.1.2, each in both roles. The Go side is main.go beside this file.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../../e2e/until.ts";
import { HEADER_BYTES } from "../frame.ts";
import { INITIAL_WINDOW_BYTES } from "../limits.ts";
import type { Session } from "../session.ts";
import type { Role, SessionOptions } from "../session-options.ts";
import { listenOnce } from "../socket.ts";
import type { Stream } from "../stream.ts";
import { heapGrowth } from "../testing/heap-growth.ts";
import { collect, collectOpened, line, openFiles, pattern, serve, sum } from "./streams.ts";

const go = Bun.which("go");
const directory = mkdtempSync(join(tmpdir(), "yamux-"));
const program = join(directory, "interop");
afterAll(() => rmSync(directory, { recursive: true }));

if (!go) {
  test("hashicorp/yamux", () => {
    console.log(
      "Not run: the interoperability tests against hashicorp/yamux need Go 1.24 or newer on the PATH.",
    );
  });
} else {
  beforeAll(() => {
    const built = Bun.spawnSync([go, "build", "-o", program, "."], { cwd: import.meta.dir });
    if (!built.success) throw new Error(`go build: ${built.stderr}`);
  }, 120_000);
  for (const role of ["server", "client"] as const) describe(`as ${role}`, () => suite(role));
}

interface Peer {
  session: Session;
  /**
   * Sends a line that names a service of the Go side, then these bytes, then a half close. Resolves with everything
   * that comes back.
   */
  ask(service: string, bytes?: Uint8Array): Promise<string>;
  /** What the Go side wrote to stderr. */
  stderr(): Promise<string>;
}

let sockets = 0;

async function withPeer(
  role: Role,
  use: (peer: Peer) => Promise<void>,
  { flags = [], ...options }: SessionOptions & { flags?: string[] } = {},
): Promise<void> {
  const path = join(directory, `${sockets++}.sock`);
  const listener = listenOnce(path, { ...options, role });
  const goRole = role === "server" ? "client" : "server";
  const process = Bun.spawn([program, "-socket", path, "-role", goRole, ...flags], { stderr: "pipe" });
  const session = await listener.session;
  session.onStream = serve;
  try {
    await use({
      session,
      ask: async (service, bytes = new Uint8Array()) => {
        const stream = session.open();
        const answer = collect(stream);
        stream.end(line(service), bytes);
        return (await answer).toString("latin1");
      },
      stderr: async () => {
        session.close();
        return await new Response(process.stderr).text();
      },
    });
  } finally {
    session.close();
    process.kill();
    await process.exited;
  }
}

/** A stream whose other end has said that its service has begun. */
async function begun(
  session: Session,
  service: string,
  bytes: Uint8Array = new Uint8Array(),
): Promise<Stream> {
  const stream = session.open();
  const said = Promise.withResolvers<void>();
  stream.onData = () => said.resolve();
  stream.write(line(service), bytes);
  await said.promise;
  return stream;
}

/** A stream whose other end has begun to read, and reads until an error. */
const readUntilError = (session: Session, bytes?: Uint8Array) => begun(session, "until-error", bytes);

function suite(role: Role): void {
  for (const size of [0, 1, 1024, 1 << 20]) {
    test(`echo of ${size} bytes, opened by us`, () =>
      withPeer(role, async ({ ask }) => {
        expect(await ask("echo", pattern(size))).toBe(pattern(size).toString("latin1"));
      }));
    test(`echo of ${size} bytes, opened by Go`, () =>
      withPeer(role, async ({ ask }) => {
        expect(await ask(`drive echo ${size} 1`)).toBe("ok");
      }));
  }

  test("half close: the sum of 300,000 bytes comes back after our end", () =>
    withPeer(role, async ({ ask }) => {
      expect(await ask("sink 0 0", pattern(300_000))).toBe(sum(300_000));
    }));
  test("half close, opened by Go", () =>
    withPeer(role, async ({ ask }) => {
      expect(await ask("drive sink 300000 0 0")).toBe("ok");
    }));

  test("5 MB from Go and 5 MB to Go", () =>
    withPeer(role, async ({ ask }) => {
      expect(await ask("source 5000000")).toBe(pattern(5_000_000).toString("latin1"));
      expect(await ask("drive source 5000000")).toBe("ok");
    }));

  test("600 streams at once, opened by us", () =>
    withPeer(role, async ({ ask, stderr }) => {
      const answers = await Promise.all(Array.from({ length: 600 }, () => ask("echo", pattern(5000))));
      expect(new Set(answers)).toEqual(new Set([pattern(5000).toString("latin1")]));
      expect(await stderr()).not.toContain("[ERR]");
    }));
  test("600 streams at once, opened by Go", () =>
    withPeer(role, async ({ ask, stderr }) => {
      expect(await ask("drive echo 5000 600")).toBe("ok");
      expect(await stderr()).not.toContain("[ERR]");
    }));

  test("backlog: 400 streams to a slow accept loop are all served", () =>
    withPeer(role, async ({ session, ask, stderr }) => {
      const pause = await begun(session, "pause-accepting");
      const answers = Promise.all(Array.from({ length: 400 }, () => ask("echo", pattern(100))));
      // Its answer means that Go has received what we sent before.
      await session.ping();
      pause.end();
      expect(new Set(await answers)).toEqual(new Set([pattern(100).toString("latin1")]));
      expect(await stderr()).not.toContain("backlog exceeded");
    }));
  test("backlog: without our limit, the same load is reset", () =>
    withPeer(
      role,
      async ({ session, ask, stderr }) => {
        const pause = await begun(session, "pause-accepting");
        let rejected = 0;
        const answers = Array.from({ length: 400 }, () => ask("echo", pattern(100)));
        for (const answer of answers) answer.catch(() => void rejected++);
        await until(
          () => rejected > 50,
          () => `more than ${rejected} are reset`,
        );
        pause.end();
        await Promise.allSettled(answers);
        expect(await stderr()).toContain("backlog exceeded");
      },
      { maxUnacknowledgedStreams: 1000 },
    ));

  test("a Go side that does not read gets one window and no more", () =>
    withPeer(role, async ({ session, ask }) => {
      const stream = session.open();
      const answer = collect(stream);
      stream.write(line("held-sink"));
      expect(stream.write(pattern(1 << 20))).toBe(false);
      expect(await ask("held")).toBe("ok");
      // Go reads the first 4 KiB for the service line, which is too little to grant more window.
      expect(stream.heldBytes).toBe((1 << 20) + line("held-sink").length - INITIAL_WINDOW_BYTES);
      expect(await ask("held")).toBe("ok");
      stream.end();
      expect((await answer).toString()).toBe(sum(1 << 20));
      expect(stream.heldBytes).toBe(0);
    }));

  test("a slow Go reader slows us down and gets everything", () =>
    withPeer(role, async ({ session }) => {
      const stream = session.open();
      const answer = collect(stream);
      stream.write(line("sink 0 2"));
      let most = 0;
      const whole = pattern(2_000_000);
      for (let at = 0; at < whole.length; at += 50_000) {
        if (!stream.write(whole.subarray(at, at + 50_000))) {
          await new Promise<void>((resolve) => {
            stream.onDrain = resolve;
          });
        }
        most = Math.max(most, stream.heldBytes);
      }
      stream.end();
      expect((await answer).toString()).toBe(sum(2_000_000));
      expect(most).toBeLessThanOrEqual(50_000);
    }));

  test("our slow reader slows Go down and gets everything", () =>
    withPeer(role, async ({ session }) => {
      const stream = session.open();
      stream.end(line("source 2000000"));
      stream.pause();
      const answer = collect(stream);
      const tick = setInterval(() => {
        stream.resume();
        queueMicrotask(() => queueMicrotask(() => stream.pause()));
      }, 5);
      const got = await answer;
      clearInterval(tick);
      expect(got.equals(pattern(2_000_000))).toBe(true);
    }));

  test("our reset in mid-stream arrives as a reset", () =>
    withPeer(role, async ({ session, ask }) => {
      const stream = await readUntilError(session, pattern(10_000));
      stream.reset();
      let error = "";
      while (error === "") error = await ask("last-error");
      expect(error).toBe("connection reset");
      expect(await ask("drive reset")).toBe("ok");
    }));

  test("after go away from Go, we open no more streams and the open ones continue", () =>
    withPeer(role, async ({ session, ask }) => {
      const stream = session.open();
      const answer = collect(stream);
      stream.write(line("echo"), pattern(1000));
      // Go sends the frame before this answer.
      expect(await ask("go-away")).toBe("ok");
      expect(() => session.open()).toThrow("go away");
      stream.end(pattern(1000));
      expect((await answer).length).toBe(2000);
    }));
  test("after go away from us, Go opens no more streams", () =>
    withPeer(role, async ({ session, ask }) => {
      session.goAway();
      expect(await ask("drive open-after-go-away")).toBe("ok");
    }));

  test("ping in both directions", () =>
    withPeer(role, async ({ session, ask }) => {
      expect(await session.ping()).toBeGreaterThan(0);
      expect(await ask("drive ping")).toBe("ok");
    }));

  test("keepalive pings are answered", () =>
    withPeer(
      role,
      async ({ session, stderr }) => {
        const pings = session.receivedBytes + 20 * HEADER_BYTES;
        await until(
          () => session.receivedBytes >= pings || session.isClosed,
          "twenty pings of an idle session",
        );
        expect(session.isClosed).toBe(false);
        expect(await stderr()).not.toContain("[ERR]");
      },
      { flags: ["-keepalive", "20ms"] },
    ));

  test("every stream that Go opens is acknowledged, so that its stream-open timeout does no harm", () =>
    withPeer(role, async ({ session, ask, stderr }) => {
      const opened = collectOpened(session);
      expect(await ask("drive echo 10 5")).toBe("ok");
      expect(await ask("drive acknowledged")).toBe("ok");
      expect(opened()).toBe(5);
      expect(await stderr()).not.toContain("[ERR]");
    }));

  test("12,000 streams opened and closed leave nothing behind", async () => {
    await withPeer(role, async ({ session, ask }) => {
      const round = async (count: number) => {
        for (let i = 0; i < count; i += 100) {
          await Promise.all(Array.from({ length: 100 }, () => ask("echo", pattern(50))));
        }
      };
      await round(2000);
      const handles = openFiles();
      const growth = await heapGrowth(() => round(4000));
      expect(session.openStreams).toBe(0);
      expect(await ask("streams")).toBe("1");
      // Connections of tests that ran before in this process may close meanwhile.
      expect(openFiles()).toBeLessThanOrEqual(handles);
      expect(growth).toBeLessThan(2 * 1024 * 1024);
    });
  }, 300_000);

  test("Go dies: every stream is reset", () =>
    withPeer(role, async ({ session }) => {
      const lost = collect(await readUntilError(session));
      session.open().write(line("die: no such service"));
      await expect(lost).rejects.toThrow("closed");
      expect(await session.closed).toBeNull();
      expect(session.openStreams).toBe(0);
    }));
}
