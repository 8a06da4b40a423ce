import { isRunning } from "../../is-running.ts";
import { until } from "../../until.ts";
import type { Host } from "../host.ts";
import { type Case, equal, isTrue } from "./case.ts";
import { wiredBundle, withWire } from "./fault-wire.ts";

/*
 * A faulty host. After each fault the plugin either keeps working, or has ended with one line that names stream and
 * call; after the server's next health check it works in both cases. It never runs and passes the health
 * check while a stream is broken.
 */

type Stream = "control" | "hooks" | "api" | "response" | "body";

export interface Fault {
  readonly name: string;
  /** Frames to spoil or to send at once; see faultwire/main.go. */
  readonly orders: readonly Record<string, unknown>[];
  /** Runs before the orders. */
  readonly before?: (host: Host) => Promise<unknown>;
  /** The traffic that meets the fault; by default traffic of every kind. */
  readonly traffic?: (host: Host) => Promise<unknown>;
  readonly outcome: "keeps working" | Ends;
  /**
   * Seconds until the fault can be noticed. Without it, the wire shows the fault at once, and the process ends within
   * a second.
   */
  readonly within?: number;
}

/** The names that the line contains. */
interface Ends {
  readonly stream: string;
  readonly call?: string;
}

/** From a fault that the wire shows to the end of the process: docs/plugin-protocol.md, section 12. */
const END_SECONDS = 1;

/**
 * A busy machine slows down the traffic that shows a fault, and the end of the process: each step of it may take
 * seconds. A process that missed the fault never ends. server/runtime/goplugin/serve.test.ts tests that the product's
 * own waits fit into the second.
 */
const BUSY_SECONDS = 60;
/** A question of `questions`; one that is lost with a fault is asked again. */
const ANSWER_SECONDS = 20;

const send = (Frame: string, Stream: Stream) => ({ Do: "send", To: "plugin", Stream, Frame });
const spoil = (Do: string, To: "plugin" | "host", Stream: Stream) => ({ Do, To, Stream });

export const faults: Fault[] = [
  ...(["api", "hooks", "control"] as const).flatMap((stream): Fault[] => {
    const named = { stream: stream === "api" ? "API" : stream };
    return [
      { name: `FIN on the ${stream} stream`, orders: [send("fin", stream)], outcome: named },
      { name: `RST on the ${stream} stream`, orders: [send("rst", stream)], outcome: named },
      { name: `garbage on the ${stream} stream`, orders: [send("garbage", stream)], outcome: named },
    ];
  }),
  { name: "GOAWAY", orders: [send("goaway", "control")], outcome: { stream: "session" } },
  {
    name: "an API answer sent twice",
    // The first one defines its types; the second has the same bytes with the same Seq.
    orders: [{ ...spoil("double", "plugin", "api"), Skip: 1 }],
    outcome: { stream: "API", call: "Plugin.GetUser" },
  },
  {
    name: "half of an API answer",
    orders: [spoil("short", "plugin", "api")],
    outcome: { stream: "API" },
    within: 9,
  },
  {
    name: "a lost API answer, with the types that it defines",
    orders: [spoil("drop", "plugin", "api")],
    outcome: { stream: "API" },
    within: 9,
  },
  {
    name: "a lost API answer",
    orders: [{ ...spoil("drop", "plugin", "api"), Skip: 1 }],
    outcome: "keeps working",
    within: 9,
  },
  {
    name: "half of a hook's arguments",
    orders: [spoil("short", "plugin", "hooks")],
    outcome: { stream: "hooks" },
    within: 9,
  },
  {
    name: "half of a frame, to the plugin",
    orders: [spoil("half", "plugin", "hooks")],
    // The next bytes are read as the end of this frame, so any stream may notice first.
    outcome: { stream: "broken" },
    within: 9,
  },
  {
    name: "a lost API call, with the types that it defines",
    orders: [spoil("drop", "host", "api")],
    outcome: { stream: "API" },
    within: 14,
  },
  {
    name: "a lost API call",
    // If the types of its method were lost too, the host would end the stream at the next call of that method: that
    // is the case above.
    before: getUser,
    orders: [spoil("drop", "host", "api")],
    traffic: async (host) => {
      const { error } = (await (await getUser(host)).json()) as { error: { $error: string } };
      equal(
        error.$error,
        "The Mattermost server did not answer getUser within 3 s.",
        "the call that is lost",
      );
    },
    outcome: "keeps working",
  },
  {
    name: "garbage for an API call",
    orders: [spoil("garbage", "host", "api")],
    outcome: { stream: "API" },
    within: 14,
  },
  {
    name: "garbage for a response",
    orders: [spoil("garbage", "plugin", "response")],
    outcome: "keeps working",
  },
  { name: "RST for a response", orders: [spoil("rst", "plugin", "response")], outcome: "keeps working" },
  { name: "a lost response", orders: [spoil("rst", "host", "response")], outcome: "keeps working" },
  { name: "RST for a request's body", orders: [spoil("rst", "host", "body")], outcome: "keeps working" },
  {
    name: "a pause of everything for 3 s",
    orders: [{ Do: "stall", Ms: 3_000 }],
    outcome: "keeps working",
    within: 6,
  },
];

export async function faultCases(bundle: string): Promise<Case[]> {
  const wired = await wiredBundle(bundle);
  return faults.map((fault, i) => ({
    name: `fault: ${fault.name}`,
    run: () =>
      withWire({ bundle, wired, name: String(i) }, async (host, wire) => {
        await fault.before?.(host);
        for (const order of fault.orders) await wire.order(order);
        const traffic = (fault.traffic ?? stir)(host);
        // If the process ends, the second counts from here.
        if (fault.outcome === "keeps working") await traffic;
        await decide(host, wire.pid, fault);
      }),
  }));
}

/** The same for the product itself, without a setting: members see its pages before and after the fault. */
export async function productFaultCases(bundle: string): Promise<Case[]> {
  const wired = await wiredBundle(bundle, "product");
  return (["api", "hooks"] as const).map((stream) => ({
    name: `fault: the ${stream} stream of the product ends`,
    run: () =>
      withWire({ bundle, wired, name: `product-${stream}` }, async (host, wire) => {
        equal((await host.fetch("/tab")).status < 500, true, "the tab before");
        await wire.order(send("fin", stream));
        await until(() => !isRunning(wire.pid), "the process ends", END_SECONDS + BUSY_SECONDS);
        await until(() => host.logs().some((line) => line.startsWith("the plugin ends")), "the line");
        equal((await host.do<{ state: string }>("check")).state, "running");
        equal((await host.fetch("/tab")).status < 500, true, "the tab afterwards");
        // The product's own text: without settings nobody can sign in.
        const session = await host.fetch("/api/v1/session", { method: "POST", body: '{"token":"a.b.c"}' });
        isTrue(
          session.headers.get("Content-Type")?.includes("json") === true,
          `sign-in afterwards: ${session.status}`,
        );
      }),
  }));
}

/** Creates traffic of every kind and ignores its results. */
async function stir(host: Host): Promise<void> {
  const quiet = (what: Promise<unknown>) => what.catch(() => {});
  const user = () => getUser(host);
  await Promise.race([
    Promise.all([
      quiet(host.fetch("/json")),
      quiet(host.fetch("/count", { method: "POST", body: "x".repeat(1000) })),
      quiet(user().then(user).then(user)),
      quiet(host.hook("MessageHasBeenPosted", { Id: "stir", Message: "x".repeat(200) })),
    ]),
    Bun.sleep(200),
  ]);
}

export async function decide(host: Host, pid: number, { outcome, within }: Fault): Promise<void> {
  const lines = () =>
    host.events.filter((e) => e.event === "host-log" && String(e.message).startsWith("the plugin ends"));
  if (outcome === "keeps working") {
    await until(
      async () => (await questions(host)) === null,
      "the plugin keeps working",
      (within ?? 1) + BUSY_SECONDS,
    ).catch(async () => {
      throw new Error(`the plugin does not work on: ${await questions(host)} ${JSON.stringify(lines())}`);
    });
    isTrue(isRunning(pid), "the process has ended");
    equal(lines().length, 0, "lines");
    return;
  }
  const limit = (within ?? END_SECONDS) + BUSY_SECONDS;
  const untilGone = until(() => !isRunning(pid), "the process ends", limit).catch(() => {});
  for (const end = performance.now() + limit * 1000; isRunning(pid) && performance.now() < end; ) {
    await Promise.race([stir(host), untilGone]);
    await Promise.race([Bun.sleep(50), untilGone]);
  }
  isTrue(!isRunning(pid), `alive after ${limit} s: ${(await questions(host)) ?? "and well"}`);
  // The host also logs the exit code of the process, and what a crash of the engine prints.
  const state = () => [
    `the host: ${host.ended ?? "running"}`,
    ...host.events.slice(-20).map((event) => JSON.stringify(event)),
  ];
  await until(
    () => lines().length > 0,
    () => `the line\n${state().join("\n")}`,
  );
  equal(lines().length, 1, "lines");
  const line = JSON.stringify(lines()[0]);
  for (const part of [outcome.stream, outcome.call ?? ""])
    isTrue(line.includes(part), `"${part}" is not in ${line}`);
}

/**
 * Checks what a page, a sign-in, a mention, a settings change and the health check need. Answers null, or names what
 * does not work.
 */
async function questions(host: Host): Promise<string | null> {
  const asked: Record<string, () => Promise<boolean>> = {
    page: async () => (await host.fetch("/json")).status === 200,
    "API call": async () => {
      const answer = await getUser(host);
      return ((await answer.json()) as { error: { status: number } }).error.status === 404;
    },
    hook: async () => {
      await (await host.fetch("/called")).text();
      await host.hook("MessageHasBeenPosted", { Id: "asked", Message: "@somebody" });
      return (await (await host.fetch("/called")).text()).includes('"asked"');
    },
    "configuration change": async () => {
      await host.do("configure", { settings: { asked: "yes" } });
      return ((await (await host.fetch("/settings")).json()) as { asked: string }).asked === "yes";
    },
    "health check": async () => {
      await host.do("ping");
      return true;
    },
  };
  for (const [name, ask] of Object.entries(asked)) {
    const answer = await Promise.race([
      ask().catch((error: Error) => error.message),
      Bun.sleep(ANSWER_SECONDS * 1000).then(() => "no answer"),
    ]);
    if (answer !== true) return `${name}: ${answer}`;
  }
  return null;
}

function getUser(host: Host): Promise<Response> {
  return host.fetch("/api?method=getUser", { method: "POST", body: '["nobody"]' });
}

// ── The wire in between ─────────────────────────────────────────────────────────────────────────
