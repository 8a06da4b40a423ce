import type { Figures, Host } from "../host.ts";
import { agree, type Case, equal, isTrue } from "./case.ts";

interface HookInfo {
  readonly name: string;
  readonly go: string;
  readonly byHand?: boolean;
  readonly prefilled?: boolean;
  readonly fails?: "AppError" | "error";
}

interface Called {
  readonly hook: string;
  readonly args: unknown;
  readonly results: unknown;
}

/** Checks every hook of the module: arguments and results must be transferred completely. */
export async function hookCases(host: Host): Promise<Case[]> {
  const hooks = (await (await host.fetch("/hooks")).json()) as HookInfo[];
  const { hooks: has } = await host.do<{ hooks: Record<string, number> }>("protocol");
  const generic = hooks.filter(
    (hook) =>
      (host.newest || has[hook.go] !== undefined) &&
      !hook.byHand &&
      hook.name !== "onActivate" &&
      hook.name !== "onDeactivate",
  );
  return [
    ...generic.map((hook, i): Case => ({ name: `hook ${hook.go}`, run: () => callHook(host, hook, i + 1) })),
    ...generic
      .filter((hook) => hook.fails)
      .map((hook, i): Case => ({ name: `hook ${hook.go} fails`, run: () => failHook(host, hook, i + 1) })),
    ...particular(host),
  ];
}

async function callHook(host: Host, hook: HookInfo, seed: number): Promise<void> {
  await called(host);
  const { sent, results } = await host.do<{ sent: unknown[] | null; results: unknown[] }>("hook", {
    name: hook.go,
    seed,
  });
  const [call, ...more] = await called(host);
  isTrue(call !== undefined && more.length === 0, "the hook was not called once");
  equal(call.hook, hook.name);
  agree(host, call.args, sent === null || sent.length === 0 ? null : sent, "arguments");
  if (hook.name === "configurationWillBeSaved" && !host.newest) {
    // A save would lose settings that only one of the two versions has.
    isTrue(String((results[1] as { $error?: string }).$error).includes("would reset"), "the save is refused");
    return;
  }
  // An empty pre-filled reply leaves the argument unchanged.
  const value = hook.prefilled ? [sent?.[1] ?? null, null] : asList(call.results);
  agree(host, results, hook.fails ? [...value, null] : value.length === 0 ? results : value, "results");
}

function asList(results: unknown): unknown[] {
  if (results === null) return [];
  return Array.isArray(results)
    ? results.length === 2 && typeof results[1] === "string"
      ? results
      : [results]
    : [results];
}

async function failHook(host: Host, hook: HookInfo, seed: number): Promise<void> {
  const app = hook.fails === "AppError";
  const failure = app
    ? { appError: { message: "not so", id: "the.id", statusCode: 418 } }
    : { error: "boom" };
  await answer(host, hook.name, failure);
  const { results } = await host.do<{ results: unknown[] }>("hook", { name: hook.go, seed });
  const error = results.at(-1) as Record<string, unknown> | null;
  if (app) equal([error?.Message, error?.Id, error?.StatusCode], ["not so", "the.id", 418]);
  else equal(error, { $error: "boom" });
}

/** What the hooks do beyond transferring values. */
function particular(host: Host): Case[] {
  const post = {
    Id: "p",
    ChannelId: "c",
    Message: "hello",
    Props: { kept: "yes" },
    Participants: [{ Id: "u" }],
  };
  return [
    {
      name: "MessageWillBePosted: fields that the answer leaves out stay",
      run: async () => {
        await answer(host, "messageWillBePosted", { value: [{ Message: "changed" }, ""] });
        const [result, rejection] = (await host.hook("MessageWillBePosted", post)) as [unknown, unknown];
        equal(result, { ...post, Message: "changed" });
        equal(rejection, null);
      },
    },
    {
      name: "MessageWillBePosted: fields that the answer empties are empty",
      run: async () => {
        const post = { Id: "p", Message: "secret", IsPinned: true, FileIds: ["f"], Hashtags: "#stays" };
        await answer(host, "messageWillBePosted", {
          value: [{ Message: "", IsPinned: false, FileIds: [] }, ""],
        });
        const [answered] = await host.hook("MessageWillBePosted", post);
        equal(answered, { Id: "p", Hashtags: "#stays" });
      },
    },
    {
      name: "MessageWillBePosted: a reason rejects",
      run: async () => {
        await answer(host, "messageWillBePosted", { value: [null, "not here"] });
        equal((await host.hook("MessageWillBePosted", post))[1], "not here");
      },
    },
    {
      name: "MessageWillBePosted: attachments and nested props in both directions",
      run: async () => {
        const props = {
          attachments: [{ text: "t", fields: [{ title: "T", value: 1.5, short: true }] }],
          deep: { list: [1, "two", null, { three: [true] }], "": { __proto__: null } },
        };
        const nested = JSON.parse(`${'{"a":['.repeat(100)}1${"]}".repeat(100)}`);
        const sent = { ...post, Props: { ...props, nested, __proto__x: 1 } };
        await called(host);
        await host.hook("MessageWillBePosted", sent);
        const [call] = await called(host);
        isTrue(call !== undefined, "the hook was not called");
        const [, arrived] = call.args as [unknown, { Props: Record<string, unknown> }];
        equal((arrived.Props.attachments as unknown[])[0], props.attachments[0]);
        equal(arrived.Props.nested, nested);
      },
    },
    {
      name: "MessageHasBeenPosted: props nested deeper than any stack, then another post",
      run: async () => {
        await called(host);
        const nested = JSON.parse(`${"[".repeat(4000)}${"]".repeat(4000)}`);
        await host.hook("MessageHasBeenPosted", { ...post, Props: { nested } });
        await host.hook("MessageHasBeenPosted", { ...post, Id: "next" });
        equal((await called(host)).length, 2);
      },
    },
    {
      name: "MessageWillBeUpdated: a whole post comes back",
      run: async () => {
        await answer(host, "messageWillBeUpdated", { value: [{ Message: "changed" }, ""] });
        const [result] = await host.hook("MessageWillBeUpdated", post, post);
        equal(result, { ...post, Message: "changed" });
      },
    },
    {
      name: "ExecuteCommand: no answer is nil",
      run: async () => {
        await answer(host, "executeCommand", {});
        equal(await host.hook("ExecuteCommand", { Command: "/x" }), [null, null]);
      },
    },
    {
      name: "FileWillBeUploaded: bytes stream through",
      run: async () => {
        for (const size of [0, 1, 70_000, 1_000_000]) {
          const file = { $bytes: "0f".repeat(size) };
          const answered = await host.do<{ results: unknown[]; output: { $bytes: string } | null }>("hook", {
            name: "FileWillBeUploaded",
            args: [{ Name: "a.txt" }, file, null],
          });
          equal((answered.results[0] as { Name: string }).Name, "turned-a.txt");
          equal(answered.output?.$bytes ?? "", "f0".repeat(size), `${size} bytes`);
        }
      },
    },
    {
      // The error resets both streams at once. If the RST overtakes a stream's number, the host waits 5 s for it: a
      // race that is lost a few times in some hundred. All calls together may take longer on a busy machine.
      name: "FileWillBeUploaded: a hook that fails at once does not delay the upload",
      run: async () => {
        const { count, slowest } = await host.do<Figures>("hook", {
          name: "FileWillBeUploaded",
          args: [{ Name: "no-scanner.txt" }, { $bytes: "0f" }, null],
          times: 400,
          parallel: 50,
        });
        equal(count, 400);
        isTrue(slowest < 5_000_000, `one call took ${Math.round(slowest / 1000)} ms`);
      },
    },
    {
      name: "ServeMetrics",
      run: async () => equal(await (await host.fetch("/metrics-of-the-host")).text(), "metric 1\n"),
    },
    {
      name: "refuses a reply that does not fit its type, and later hooks work",
      run: async () => {
        await answer(host, "executeCommand", { value: { Text: 5 } });
        equal(await host.hook("ExecuteCommand", { Command: "/x" }).then((r) => r[0]), null);
        await answer(host, "executeCommand", {
          value: { Props: { x: { $type: "nobody.Registered" } }, Text: "fine" },
        });
        const [response] = (await host.hook("ExecuteCommand", { Command: "/x" })) as [{ Text: string }];
        equal(response.Text, "fine");
      },
    },
    {
      name: "500 hooks at once",
      run: async () => {
        await called(host);
        const figures = await host.do<{ count: number; errors: number }>("hook", {
          name: "MessageHasBeenPosted",
          args: [post],
          times: 500,
          parallel: 500,
        });
        equal([figures.count, figures.errors], [500, 0]);
        equal((await called(host)).length, 500);
      },
    },
  ];
}

async function called(host: Host): Promise<Called[]> {
  return (await (await host.fetch("/called")).json()) as Called[];
}

async function answer(host: Host, hook: string, what: Record<string, unknown>): Promise<void> {
  await host.fetch("/answer", { method: "POST", body: JSON.stringify({ hook, ...what }) });
}
