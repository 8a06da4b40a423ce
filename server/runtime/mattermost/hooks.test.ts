import { afterEach, describe, expect, test } from "bun:test";
import { bool, pointer, string, struct } from "../gob/index.ts";
import { GoError } from "./errors.ts";
import { codecOf, type Letters, letter } from "./method-codec.ts";
import { definePlugin, type PluginDefinition } from "./plugin.ts";
import { fill } from "./testing/fill.ts";
import { TestHost } from "./testing/host.ts";
import { KNOWN_SERVER } from "./version.ts";
import { type Hooks, hooks as table } from "./wire/hooks.gen.ts";
import type { Post } from "./wire/model.gen.ts";

const hosts: TestHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
});

async function started(definition: PluginDefinition): Promise<TestHost> {
  const host = await TestHost.start(definePlugin(definition));
  hosts.push(host);
  return host;
}

const activatedOn = (version: string) => async (definition: PluginDefinition) => {
  const host = await TestHost.activated(definePlugin(definition), {
    getServerVersion: () => ({ A: version }),
  });
  hosts.push(host);
  return host;
};

type HookName = keyof Hooks;
const names = Object.keys(table) as HookName[];
const byValue = names.filter((name) => !table[name].byHand && name !== "onActivate");

/** Calls a hook as the server does. */
function call(host: TestHost, name: HookName, given: unknown[]): Promise<Letters> {
  const codec = codecOf(table[name]);
  const args = Object.fromEntries(given.map((value, i) => [letter(i), value]));
  return host.hooks.call(`Plugin.${table[name].go}`, codec, args);
}

test("every hook of plugin.Hooks exists, except Implemented, which the runtime answers", () => {
  expect(names.length).toBe(51);
});

describe("only defined hooks are announced", () => {
  const nothing = () => {};
  const cases: [string, PluginDefinition, string[]][] = [
    ["none", {}, []],
    ["two", { onActivate: nothing, messageHasBeenPosted: nothing }, ["OnActivate", "MessageHasBeenPosted"]],
    ["one that is undefined", { onActivate: undefined } as unknown as Hooks, []],
    [
      "of a plugin that may have jobs and handlers, and those that they need",
      () => ({ executeCommand: () => null }),
      ["OnDeactivate", "ExecuteCommand", "OnPluginClusterEvent"],
    ],
    [
      "of an object with a class",
      new (class {
        greeting = "hi";
        userWillLogIn() {
          return this.greeting;
        }
      })(),
      ["UserWillLogIn"],
    ],
  ];
  for (const [name, definition, announced] of cases) {
    test(name, async () => {
      expect(await (await started(definition)).implemented()).toEqual(announced);
    });
  }
});

describe("every hook carries filled arguments and results", () => {
  for (const name of byValue) {
    const method = table[name];
    test(`${name} (${method.go})`, async () => {
      const given = method.args().map((type, i) => fill(type, i + 1));
      const results = method.results().map((type, i) => fill(type, i + 51));
      let received: unknown[] = [];
      // The one hook that first asks for the server version needs an activated plugin.
      const start = name === "configurationWillBeSaved" ? activatedOn(`${KNOWN_SERVER}.2`) : started;
      const host = await start({
        [name]: (...args: unknown[]) => {
          received = args;
          return results.length === 1 ? results[0] : results.length === 0 ? undefined : results;
        },
      });
      const reply = await call(host, name, given);
      expect(received).toEqual(given);
      for (const [i, value] of results.entries()) expect(reply[letter(i)]).toEqual(value);
    });
  }
});

for (const [name, wrap] of [
  ["object", (hooks: Hooks): PluginDefinition => hooks],
  [
    "object from a function",
    (hooks: Hooks): PluginDefinition =>
      (_host) =>
        hooks,
  ],
] as const) {
  test(`\`this\` of a hook is the plugin's ${name}, private fields and all`, async () => {
    class Greeter {
      #greeting = "hi";
      userWillLogIn() {
        return this.#greeting;
      }
    }
    const host = await started(wrap(new Greeter()));
    expect((await call(host, "userWillLogIn", [])).A).toBe("hi");
  });
}

describe("a hook that throws", () => {
  const thrown = () => {
    throw new Error("boom");
  };
  test("returns its error where the Go signature has one", async () => {
    const host = await started({ runDataRetention: thrown, onInstall: async () => thrown() });
    expect((await call(host, "runDataRetention", [1, 2])).B).toMatchObject({ value: { Err: "boom" } });
    expect((await call(host, "onInstall", [])).A).toMatchObject({ value: { Err: "boom" } });
  });

  test("returns an AppError where the Go signature has one", async () => {
    const host = await started({ executeCommand: thrown });
    expect((await call(host, "executeCommand", [])).B).toMatchObject({
      Message: "boom",
      StatusCode: 500,
      Where: "executeCommand",
    });
  });

  test("keeps Go's well-known errors", async () => {
    const host = await started({
      runDataRetention() {
        throw new GoError("EOF", "io.EOF");
      },
    });
    expect((await call(host, "runDataRetention", [1, 2])).B).toMatchObject({ value: { Code: 1 } });
  });

  test("fails the call where the signature has no error, and the next call works", async () => {
    const host = await started({ messageWillBePosted: thrown, userWillLogIn: () => "no" });
    expect(call(host, "messageWillBePosted", [])).rejects.toThrow("boom");
    expect((await call(host, "userWillLogIn", [])).A).toBe("no");
  });
});

describe("a reply that does not fit its type", () => {
  for (const [name, reply] of Object.entries({
    "text for a number": [{ CreateAt: "today" }, ""],
    "a number for text": [{ Message: 5 }, ""],
    "no array": { Message: "x" },
  })) {
    test(`(${name}) fails that call alone: half a reply would end all hooks`, async () => {
      const host = await started({ messageWillBePosted: () => reply as never, userWillLogIn: () => "fine" });
      expect(call(host, "messageWillBePosted", [])).rejects.toThrow();
      await Bun.sleep(0);
      expect((await call(host, "userWillLogIn", [])).A).toBe("fine");
    });
  }
});

test("a hook that is not defined is answered as Go does", async () => {
  const host = await started({});
  expect(call(host, "userWillLogIn", [])).rejects.toThrow("rpc: can't find method Plugin.UserWillLogIn");
});

test("a reply that the server merges can set fields to empty", async () => {
  const host = await started({ messageWillBePosted: () => [{ Message: "", IsPinned: false }, ""] });
  const given = { A: {}, B: { Message: "before" } };
  const codec = codecOf(table.messageWillBePosted);
  // A receiver that distinguishes absent from empty fields: pointers.
  const merged = struct<Letters>("", () => ({
    Message: pointer(string),
    IsPinned: pointer(bool),
    Hashtags: pointer(string),
  }));
  const reply = await host.hooks.call(
    "Plugin.MessageWillBePosted",
    { args: codec.args, returns: struct<Letters>("", () => ({ A: merged })) },
    given,
  );
  expect(reply.A).toEqual({ Message: "", IsPinned: false, Hashtags: null });
});

describe("fields missing from a reply", () => {
  const post = fill(table.messageHasBeenPosted.args()[1] as never) as Post;

  test("are not sent by a hook whose reply the server merges", async () => {
    for (const nothing of [undefined, null, [null, ""]]) {
      const host = await started({ messageWillBePosted: () => nothing as never });
      expect(await call(host, "messageWillBePosted", [{}, post])).toMatchObject({ A: null, B: "" });
    }
  });

  test("are filled from the new post by messageWillBeUpdated: nil there would reject the edit", async () => {
    const args = [{}, post, { ...post, Message: "before" }];
    const untouched = await started({ messageWillBeUpdated: () => undefined });
    expect((await call(untouched, "messageWillBeUpdated", args)).A).toEqual(post);
    const changed = await started({ messageWillBeUpdated: () => [{ Message: "changed" }, ""] });
    expect((await call(changed, "messageWillBeUpdated", args)).A).toEqual({ ...post, Message: "changed" });
    const rejected = await started({ messageWillBeUpdated: () => [null, "not now"] });
    expect(await call(rejected, "messageWillBeUpdated", args)).toMatchObject({ A: null, B: "not now" });
  });
});

test("an actor may be missing, a post never is", async () => {
  const seen: unknown[] = [];
  const host = await started({
    userHasJoinedChannel: (_context, member, actor) => void seen.push(member.UserId, actor),
    messageHasBeenPosted: (context, { Message }) => void seen.push(context.RequestId, Message),
  });
  await call(host, "userHasJoinedChannel", []);
  await call(host, "messageHasBeenPosted", []);
  expect(seen).toEqual(["", null, "", ""]);
});

describe("a configuration that a hook changed, on a server of another version", () => {
  test("is refused: the server's save fails with the reason", async () => {
    const host = await activatedOn("10.11.0")({ configurationWillBeSaved: (config) => config });
    const reply = await call(host, "configurationWillBeSaved", [{}]);
    expect(JSON.stringify(reply.B)).toContain("would reset");
    expect(reply.A).toBeNull();
  });

  test("is saved when the hook leaves it unchanged", async () => {
    const host = await activatedOn("10.11.0")({ configurationWillBeSaved: () => null });
    const reply = await call(host, "configurationWillBeSaved", [{}]);
    expect([reply.A, reply.B]).toEqual([null, null]);
  });
});

test("cluster events reach handlers and the plugin's own hook", async () => {
  const seen: string[] = [];
  const host = await started(({ cluster }) => {
    const off = cluster.on("config", (data) => void seen.push(`handler ${new TextDecoder().decode(data)}`));
    cluster.on("other", () => void seen.push("wrong"));
    return {
      onPluginClusterEvent: (_context, { Id }) => {
        seen.push(`hook ${Id}`);
        off();
      },
    };
  });
  await call(host, "onPluginClusterEvent", [{}, { Id: "config", Data: new TextEncoder().encode("1") }]);
  await call(host, "onPluginClusterEvent", [{}, { Id: "config", Data: new TextEncoder().encode("2") }]);
  await Bun.sleep(0);
  expect(seen.sort()).toEqual(["handler 1", "hook config", "hook config"]);
});
