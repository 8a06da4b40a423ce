/**
 * Searches everything that the process writes or sends in a whole day with every feature on (whole-day.ts) for
 * secrets and for people's texts: calls of the plugin API with all arguments (posts, store, logs, audit, events,
 * sessions), its own output, answers to clients, metrics, the support packet, and requests to Graph. strace records
 * its connections.
 *
 * Needs the bundle (`npm run build`). Takes two minutes, because meetings begin at a full minute.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownPlatform } from "../../build/executable.ts";
import { builtBundle } from "../built-bundle.ts";
import { type ApiCall, type Mark, marks, RecordedDay } from "./recorded-day.ts";
import { foreign, hasStrace, traced } from "./strace.ts";
import { textOf } from "./text-of.ts";
import { liveWholeDay } from "./whole-day.ts";

setDefaultTimeout(600_000);

/** Something that left the process or was stored. */
interface Trace {
  /** For example `api CreatePost`, `answer /api/v1/checks`, `graph POST /teams/…`. */
  readonly where: string;
  readonly text: string;
  readonly channelId?: string;
}

let day: RecordedDay;
let traces: readonly Trace[] = [];
let direct = "";

const folder = mkdtempSync(join(tmpdir(), "whole-day-"));
const trace = join(folder, "trace");
const executable = join(builtBundle(), "server/dist", `plugin-${ownPlatform}`);

beforeAll(async () => {
  day = await RecordedDay.start(hasStrace ? { command: traced(executable, trace) } : {});
  await liveWholeDay(day);
  const { entra, graph, scene, world } = day.sandbox;
  for (const [index, secret] of entra.delegated.issued.entries())
    day.secrets.set(`of Entra ${index}`, secret);
  direct = world.directChannel(botId(), scene.alex.user.Id).Id;
  traces = [
    ...day.calls.map(traceOf),
    ...day.answers.map(({ path, text, who }) => ({ where: `answer ${path} to ${who}`, text })),
    ...world.logs.map(({ fields, message }) => ({ where: "log", text: `${message} ${textOf(fields)}` })),
    ...world.audit.map(({ record }) => ({ where: "audit", text: textOf(record) })),
    ...graph.requests.map(({ body, method, path }) => ({
      where: `graph ${method} ${path}`,
      text: textOf(body),
    })),
    ...graph.requests.map(({ method, path }) => ({
      where: `graph path ${method}`,
      text: decodeURIComponent(path),
    })),
  ];
});
afterAll(() => {
  day.close();
  rmSync(folder, { recursive: true, force: true });
});

if (hasStrace)
  test("contacts nothing but the configured Entra, Graph and the site itself", () => {
    expect(foreign(trace, day.ports)).toEqual([]);
  });
else console.log("The connections were not recorded: strace is missing (Linux: apt-get install strace).");

function botId(): string {
  const [bot] = [...day.sandbox.world.users.values()].filter(
    ({ Username }) => Username === day.sandbox.bundle.id,
  );
  return bot?.Id ?? "";
}

function traceOf({ args, method }: ApiCall): Trace {
  const [post] = args as [{ ChannelId?: string } | undefined];
  const channelId = /^(createPost|updatePost)$/i.test(method) ? { channelId: post?.ChannelId ?? "" } : {};
  const key = /^kv/i.test(method) ? ` ${String(args[0])}` : "";
  return { where: `api ${method}${key}`, text: textOf(args), ...channelId };
}

/** The text as it is, in an address, and in base64 at each of the three offsets. */
function spellings(text: string): string[] {
  const inBase64 = [0, 2, 3].map((from, before) => {
    const whole = Buffer.from("x".repeat(before) + text).toString("base64");
    return whole.slice(from, Math.floor((before + text.length) / 3) * 4);
  });
  return [text, encodeURIComponent(text), ...inBase64.filter((one) => one.length > 8)];
}

function placesOf(text: string): Trace[] {
  const forms = spellings(text);
  return traces.filter((trace) => forms.some((form) => trace.text.includes(form)));
}

const names = (found: readonly Trace[]) => [...new Set(found.map(({ where }) => where))].sort();

describe("the search works", () => {
  test("has calls, requests and answers of each kind", () => {
    const kinds = new Set(traces.map(({ where }) => where.split(" ").slice(0, 2).join(" ")));
    for (const kind of ["api createPost", "api kvSetWithOptions", "api logInfo", "graph POST"])
      expect([...kinds].some((one) => one.toLowerCase() === kind.toLowerCase())).toBe(true);
    expect(
      day.answers.some(({ path, text }) => path === "/metrics" && text.includes("mission_collaboration_")),
    ).toBe(true);
    expect(day.answers.some(({ path, text }) => path === "/packet" && text.includes("[redacted]"))).toBe(
      true,
    );
  });

  test("finds a mark in base64 and in an address", () => {
    const planted = (text: string) => [{ where: "here", text }];
    for (const text of [marks.event, `x${marks.event}`, `xy${marks.event}z`]) {
      traces = [...traces, ...planted(Buffer.from(text).toString("base64"))];
      expect(names(placesOf(marks.event))).toContain("here");
      traces = traces.slice(0, -1);
    }
  });

  test("finds every mark where it belongs", () => {
    const seen = (mark: Mark, where: RegExp) =>
      expect(names(placesOf(marks[mark])).filter((one) => where.test(one))).not.toEqual([]);
    for (const mark of ["chat", "chatEdited", "fromTeams", "event", "privateEvent"] as const)
      seen(mark, /^api (create|update)Post/i);
    for (const mark of ["toTeams", "toTeamsEdited", "chatReply"] as const) seen(mark, /^graph (POST|PATCH)/);
  });
});

/** The places where a marked text may occur. */
const allowed: Readonly<Record<Mark, RegExp>> = {
  chat: /^api (create|update)Post$/i,
  chatEdited: /^api (create|update)Post$/i,
  // The file's address at Graph, and the copy.
  chatFile: /^graph path GET$|^api (uploadFile|createUploadSession|uploadData)$/i,
  // The answer goes to Teams as the person who wrote it.
  chatReply: /^graph POST .*\/chats\/.*replyWithQuote|^graph POST .*\/chats\/.*messages/i,
  fromTeams: /^api (create|update)Post$/i,
  toTeams: /^graph (POST|PATCH) .*\/channels\/|^graph POST .*sendActivityNotification|^answer .*\/posts\//i,
  toTeamsEdited: /^graph (POST|PATCH) .*\/channels\/|^answer .*\/posts\//i,
  // The admin allows previews; with "nothing" there would be none.
  mention: /^graph (POST|PATCH) .*\/channels\/|^graph POST .*sendActivityNotification|^answer .*\/posts\//i,
  // The member's last shown invitations (docs/stored-keys.md), the member's own calendar, and the member's own cards.
  event:
    /^api (create|update)Post$|^api kv\w+ calendar\/event_|^answer \/api\/v1\/calendar\/events to alex$|\/actions\/accept to alex$/i,
  privateEvent:
    /^api (create|update)Post$|^api kv\w+ calendar\/event_|^answer \/api\/v1\/calendar\/events to alex$/i,
  eventBody:
    /^api (create|update)Post$|^api kv\w+ calendar\/event_|^answer \/api\/v1\/calendar\/events to alex$/i,
  refusal: /^$/,
};

describe("texts of people", () => {
  test.each(Object.keys(allowed) as Mark[])("%s: occurs only in the allowed places", (mark) => {
    expect(names(placesOf(marks[mark])).filter((where) => !allowed[mark].test(where))).toEqual([]);
  });

  test.each(["chat", "chatEdited", "chatFile", "event", "privateEvent", "eventBody"] as const)(
    "%s: is posted only to its reader",
    (mark) => {
      const channels = placesOf(marks[mark]).flatMap(({ channelId }) =>
        channelId === undefined ? [] : channelId,
      );
      expect([...new Set(channels)].filter((one) => one !== direct)).toEqual([]);
    },
  );
});

describe("secrets", () => {
  test("are recorded of each kind", () => {
    const kinds = [...day.secrets.keys()].map((name) => name.replace(/[ ,].*/, ""));
    for (const kind of ["client", "encryption", "first", "session", "cookie", "tab", "of"])
      expect(kinds).toContain(kind);
  });

  test("occur nowhere: tokens, secrets, codes, cookies and keys", () => {
    const leaks: string[] = [];
    for (const [name, secret] of day.secrets) {
      if (secret === "") continue;
      for (const { where } of placesOf(secret)) leaks.push(`${name}: ${where}`);
    }
    expect([...new Set(leaks)].filter((one) => !own.some((pattern) => pattern.test(one)))).toEqual([]);
  });

  test("are not found by their shape either: no text looks like a token or a private key", () => {
    const shapes = [/eyJ[\w-]{10,}\.eyJ[\w-]{10,}/, /PRIVATE KEY/, /Bearer [\w-]{20,}/];
    const found = traces.filter(({ text }) => shapes.some((shape) => shape.test(text)));
    expect(names(found).filter((where) => !own.some((pattern) => pattern.test(`: ${where}`)))).toEqual([]);
  });
});

/** The plugin writes the key that it generated into its own settings in clear text. */
const own: readonly RegExp[] = [
  /^(encryption key|first encryption key|client secret): api savePluginConfig$/,
];
