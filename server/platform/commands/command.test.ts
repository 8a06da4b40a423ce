import { describe, expect, test } from "bun:test";
import type { AutocompleteData, CommandArgs } from "../../runtime/mattermost/index.ts";
import { createCommand } from "./index.ts";

function world() {
  const ran: string[] = [];
  const registered: { Trigger?: string; AutocompleteData?: AutocompleteData }[] = [];
  const errors: object[] = [];
  const command = createCommand({
    api: { registerCommand: async (one) => void registered.push(one as never) },
    log: { error: (_message, fields) => errors.push(fields ?? {}) },
    subcommands: [
      {
        name: "greet",
        help: "Says hello",
        words: [{ word: "all", help: "Everybody", words: [{ word: "twice", help: "Two times" }] }],
        run: (words, caller) => {
          ran.push(`${caller.userId} ${words.join("|")}`);
          return "hello";
        },
      },
      {
        name: "fail",
        help: "Does not work",
        run: () => {
          throw new Error("token eyJ secret");
        },
      },
    ],
  });
  const type = async (line: string) =>
    (await command.execute(
      { RequestId: "request-1" } as never,
      { Command: line, UserId: "u", ChannelId: "c", TeamId: "t" } as CommandArgs,
    )) as { ResponseType: string; Text: string };
  return { command, registered, ran, errors, type };
}

describe("/teams", () => {
  for (const line of ["/teams greet", "/teams GREET", "  /teams   greet  "]) {
    test(`"${line}" reaches its subcommand`, async () => {
      const w = world();
      expect(await w.type(line)).toEqual({ ResponseType: "ephemeral", Text: "hello" });
      expect(w.ran).toEqual(["u "]);
    });
  }

  test("the rest of the line comes as words", async () => {
    const w = world();
    await w.type("/teams greet all  twice");
    expect(w.ran).toEqual(["u all|twice"]);
  });

  for (const line of ["/teams", "/teams help", "/teams nonsense", "/teams `**x`"]) {
    test(`"${line}" answers what can be typed`, async () => {
      const w = world();
      const { Text } = await w.type(line);
      expect(Text).toContain("`/teams greet` Says hello");
      expect(w.ran).toEqual([]);
    });
  }

  test("a failure tells the caller nothing but where the admin finds it", async () => {
    const w = world();
    const { Text } = await w.type("/teams fail");
    expect(Text).toContain("request-1");
    expect(Text).not.toContain("secret");
    expect(w.errors).toHaveLength(1);
  });

  test("a server that refuses the command does not stop the plugin", async () => {
    const errors: string[] = [];
    const command = createCommand({
      api: { registerCommand: () => Promise.reject(new Error("trigger taken")) },
      log: { error: (message) => errors.push(message) },
      subcommands: [],
    });
    await command.register();
    expect(errors).toEqual(["/teams could not be registered"]);
  });

  test("the list that opens while typing has every word", async () => {
    const w = world();
    await w.command.register();
    const [one] = w.registered;
    expect(one?.Trigger).toBe("teams");
    const names = (data: AutocompleteData | undefined): unknown =>
      data && [data.Trigger, data.RoleID, ...data.SubCommands.map(names)];
    expect(names(one?.AutocompleteData)).toEqual([
      "teams",
      "system_user",
      ["greet", "system_user", ["all", "system_user", ["twice", "system_user"]]],
      ["fail", "system_user"],
    ]);
  });
});
