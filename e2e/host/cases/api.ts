import type { Host } from "../host.ts";
import { agree, type Case, equal, isTrue } from "./case.ts";

interface Outcome {
  readonly args: unknown[] | null;
  readonly result?: unknown;
  readonly error?: { $app?: string; message?: string; status?: number; $error?: string };
}

interface Recorded {
  readonly method: string;
  readonly args: unknown[] | null;
  readonly results: unknown[] | null;
}

/** Checks every method of the API: arguments, results and errors must be transferred completely. */
export async function apiCases(host: Host): Promise<Case[]> {
  const methods = (await (await host.fetch("/methods")).json()) as {
    name: string;
    go: string;
    byHand: boolean;
    arity: number;
  }[];
  const { api: has } = await host.do<{ api: Record<string, number> }>("protocol");
  const generic = methods.filter(({ byHand, go, arity }) => !byHand && (host.newest || has[go] === arity));
  const missing = methods.filter(({ byHand, go }) => !byHand && has[go] === undefined);
  // Tells the plugin the version before the echo makes one up, because saveConfig asks for it.
  await host.fetch("/save-config");
  return [
    ...missing.map(
      ({ name, go }, i): Case => ({
        name: `API ${go}: this server lacks it, and the error says so`,
        run: async () => {
          const outcome = (await (await host.fetch(`/call?method=${name}&seed=${i + 1}`)).json()) as Outcome;
          equal(outcome.result, "NotSupportedByServer");
          isTrue(
            outcome.error?.$error?.includes(`no plugin API method ${name}`) === true,
            "names the method",
          );
        },
      }),
    ),
    ...generic.flatMap((method, i): Case[] => [
      { name: `API ${method.go}`, run: () => callMethod(host, method, i + 1, 2 * i) },
      { name: `API ${method.go}, second answer`, run: () => callMethod(host, method, i + 1, 2 * i + 1) },
    ]),
    ...particular(host, has),
  ];
}

/** Odd calls succeed; even ones fail if the method can. */
async function callMethod(
  host: Host,
  { name, go }: { readonly name: string; readonly go: string },
  seed: number,
  before: number,
): Promise<void> {
  await host.do("echo", { on: true, seed: before });
  const outcome = (await (await host.fetch(`/call?method=${name}&seed=${seed}`)).json()) as Outcome;
  if (go === "SaveConfig" && !host.newest) {
    await host.do("echo", { on: false });
    equal(outcome.result, "ConfigOfAnotherVersion");
    return;
  }
  const recorded = (await host.do<Recorded[]>("recorded")).filter((r) => r.method === go);
  await host.do("echo", { on: false });
  const [call] = recorded;
  isTrue(
    call !== undefined && recorded.length === 1,
    `${go} was not called once, but ${recorded.length} times`,
  );
  agree(host, trimmed(call.args), trimmed(outcome.args), "arguments");
  const results = call.results ?? [];
  if (outcome.error === undefined) {
    const values = results.filter((r, i) => !(i === results.length - 1 && r === null && results.length > 1));
    agree(host, outcome.result ?? null, values.length > 1 ? values : (values[0] ?? null), "result");
    return;
  }
  const failure = results.at(-1) as { Id: string; StatusCode: number; Message: string; $error?: string };
  if (failure.$error !== undefined) equal(outcome.error.$error, failure.$error);
  else
    equal(
      [outcome.error.$app, outcome.error.status, outcome.error.message],
      [failure.Id, failure.StatusCode, failure.Message],
    );
}

/** Logging prints its values, and audit records go through JSON, so only strings stay unchanged. */
function trimmed(args: unknown): unknown {
  return args === null || (Array.isArray(args) && args.every((a) => a === null)) ? [] : args;
}

function particular(host: Host, has: Readonly<Record<string, number>>): Case[] {
  const api = async (method: string, ...args: unknown[]): Promise<Outcome> =>
    (await (
      await host.fetch(`/api?method=${method}`, { method: "POST", body: JSON.stringify(args) })
    ).json()) as Outcome;
  return [
    {
      name: "API: an AppError is thrown with id and status",
      run: async () => equal((await api("getUser", "nobody")).error?.status, 404),
    },
    {
      name: "API: a plain error is thrown with its text",
      run: async () =>
        equal((await api("registerCommand", { Trigger: "" })).error, {
          $error: "a command without a trigger",
        }),
    },
    {
      name: "API: a missing object is null",
      run: async () => {
        equal((await api("kvGet", "missing")).result, null);
        equal((await api("getLicense")).result, null);
      },
    },
    {
      name: "API: a post with attachments in its props is stored and read",
      run: async () => {
        await host.do("world", {
          world: { Channels: [{ Id: "channel", Name: "town", Type: "O", TeamId: "team" }] },
        });
        const Props = { attachments: [{ text: "t" }], n: 1.5, nested: { list: [1, "two"] } };
        const created = (await api("createPost", { ChannelId: "channel", UserId: "u", Message: "m", Props }))
          .result as { Id: string };
        const read = (await api("getPost", created.Id)).result as { Props: unknown; Message: string };
        equal(read.Props, Props);
      },
    },
    {
      name: "API: the whole server configuration",
      run: async () => {
        const result = (await api("getConfig")).result as { ServiceSettings: { SiteURL: string } };
        equal(result.ServiceSettings.SiteURL, "http://localhost:8065");
      },
    },
    {
      name: "API: a configuration that is read and saved keeps a false whose default is true",
      run: async () => {
        const previews = async () =>
          (
            (await host.do("api", { method: "GetConfig" })) as [{ ServiceSettings: Record<string, unknown> }]
          )[0].ServiceSettings.EnableLinkPreviews;
        equal(await previews(), true); // the default
        await host.do("configure", { config: { ServiceSettings: { EnableLinkPreviews: false } } });
        // Settings would be lost on a server of another version, so nothing is saved there.
        equal((await host.fetch("/save-config")).status, host.newest ? 204 : 500);
        equal(await previews(), undefined); // false: zero values are left out
        await host.do("configure", { config: { ServiceSettings: { EnableLinkPreviews: true } } });
      },
    },
    {
      name: "API: settings come with lower-case keys",
      run: async () => {
        await host.do("configure", { settings: { M365_Tenant_Id: "t", number: 5, nested: { a: [1] } } });
        const settings = await (await host.fetch("/settings")).json();
        equal(settings, { m365_tenant_id: "t", number: 5, nested: { a: [1] } });
      },
    },
    {
      name: "API: compare-and-set and expiry of the KV store",
      run: async () => {
        equal(await (await host.fetch("/kv")).json(), {
          set: true,
          again: false,
          value: { $bytes: Buffer.from("one").toString("hex") },
          before: { $bytes: Buffer.from("lived").toString("hex") },
          after: null,
          none: null,
        });
      },
    },
    {
      name: "API: InstallPlugin, UploadData, attachments stream 0 bytes, 1 MB, 20 MB",
      run: async () => {
        for (const size of [0, 1_000_000, 20_000_000]) {
          const sha256 = new Bun.CryptoHasher("sha256").update(new Uint8Array(size).fill(7)).digest("hex");
          const answer = (await (await host.fetch(`/upload?size=${size}`)).json()) as Record<
            string,
            Record<string, unknown>
          >;
          equal(answer.install?.Props, size === 0 ? { sha256 } : { size, sha256 }, "install");
          equal([answer.upload?.Size ?? 0, answer.upload?.Content], [size, sha256], "upload");
          // Only servers from 11.7 on accept attachments of shared channels.
          const given = [answer.attachment?.Size ?? 0, answer.attachment?.Content];
          if (has.ReceiveSharedChannelAttachmentSyncMsg !== undefined)
            equal(given, [size, sha256], "attachment");
          else equal(answer.attachment, { $error: "NotSupportedByServer" }, "attachment");
        }
      },
    },
    {
      name: "API: PluginHTTP reaches another plugin, and back",
      run: async () => {
        const response = await host.fetch("/plugin-http?to=/com.example.echo/x%3Fy=1", {
          method: "POST",
          body: "z".repeat(100_000),
        });
        const answer = (await response.json()) as {
          status: number;
          size: number;
          headers: Record<string, string>;
        };
        equal(
          [answer.status, answer.size, answer.headers["x-method"], answer.headers["x-twice"]],
          [207, 100_000, "POST", "one, two"],
        );
        const own = await (await host.fetch("/plugin-http?to=/com.example.host-test/json")).json();
        equal((own as { status: number }).status, 200);
      },
    },
  ];
}
