import { describe, expect, test } from "bun:test";
import { tagged } from "../../runtime/gob/index.ts";
import type { AutocompleteData, CommandArgs } from "../../runtime/mattermost/index.ts";
import type { Language } from "../i18n/index.ts";
import { complete } from "../i18n/testing/complete.ts";
import { createCommand } from "./index.ts";
import { commandWords } from "./words.ts";

complete("/teams", commandWords);

const text = (english: string) => (language?: Language) => (language === "de" ? `de ${english}` : english);

function world(locale = "en", isAdmin = false) {
  const ran: string[] = [];
  const registered: { Trigger?: string; AutocompleteData?: AutocompleteData }[] = [];
  const errors: object[] = [];
  const command = createCommand({
    api: {
      registerCommand: async (one) => void registered.push(one as never),
      getUser: async () => ({ Locale: locale }) as never,
      getConfig: async () => ({ LocalizationSettings: { DefaultClientLocale: locale } }) as never,
    },
    isSystemAdmin: async () => isAdmin,
    log: { error: (_message, fields) => errors.push(fields ?? {}) },
    subcommands: [
      {
        name: "greet",
        help: text("Says hello"),
        words: [
          { word: "all", help: text("Everybody"), words: [{ word: "twice", help: text("Two times") }] },
        ],
        run: (words, caller) => {
          ran.push(`${caller.userId} ${words.join("|")}`);
          return "hello";
        },
      },
      {
        name: "fail",
        help: text("Does not work"),
        run: () => {
          throw new Error("token eyJ secret");
        },
      },
      {
        name: "rule",
        help: text("For admins"),
        role: "system_admin",
        run: (_words, { language }) => `ruled ${language}`,
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

  test("the text after the subcommand is passed as words", async () => {
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

  test("a failure tells the caller only where the admin finds the reason", async () => {
    const w = world();
    const { Text } = await w.type("/teams fail");
    expect(Text).toContain("request-1");
    expect(Text).not.toContain("secret");
    expect(w.errors).toHaveLength(1);
  });

  test("the plugin still starts when the server refuses the command", async () => {
    const errors: string[] = [];
    const command = createCommand({
      api: {
        registerCommand: () => Promise.reject(new Error("trigger taken")),
        getUser: () => Promise.reject(new Error("down")),
        getConfig: () => Promise.reject(new Error("down")),
      },
      isSystemAdmin: async () => true,
      log: { error: (message) => errors.push(message) },
      subcommands: [],
    });
    await command.register();
    expect(errors).toEqual(["/teams could not be registered"]);
  });

  test("autocomplete lists every word", async () => {
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
      ["rule", "system_admin"],
    ]);
  });

  test("autocomplete is in the server's language", async () => {
    const w = world("de-AT");
    await w.command.register();
    expect(w.registered[0]?.AutocompleteData?.SubCommands[0]?.HelpText).toBe("de Says hello");
  });

  test("a command for admins is neither offered to others nor run for them", async () => {
    const member = world();
    expect((await member.type("/teams")).Text).not.toContain("rule");
    expect((await member.type("/teams rule")).Text).toBe("Only system admins may do this.");
    const admin = world("en", true);
    expect((await admin.type("/teams")).Text).toContain("`/teams rule` For admins");
    expect((await admin.type("/teams rule")).Text).toBe("ruled en");
  });

  test("an unknown word is named in the answer and cannot break out of its code marks", async () => {
    const { Text } = await world().type("/teams `@all`");
    expect(Text).toStartWith("There is no `/teams @all`. You can type:");
  });

  test("answers are in the caller's language", async () => {
    const w = world("de");
    expect((await w.type("/teams nonsense")).Text).toStartWith("`/teams nonsense` gibt es nicht.");
    expect((await w.type("/teams")).Text).toContain("`/teams greet` de Says hello");
    expect((await w.type("/teams fail")).Text).toContain("Ihre Administration");
    expect((await world("de", true).type("/teams rule")).Text).toBe("ruled de");
    expect((await world("xx").type("/teams nonsense")).Text).toStartWith("There is no");
  });
});

describe("several commands", () => {
  function world() {
    const registered: { Trigger?: string; AutocompleteData?: AutocompleteData }[] = [];
    const unregistered: string[] = [];
    const on = { earlier: false, calendar: false };
    const command = createCommand({
      api: {
        registerCommand: async (one) => void registered.push(one as never),
        unregisterCommand: async (_team, trigger) => void unregistered.push(trigger),
        getUser: async () => ({ Locale: "en" }) as never,
        getConfig: async () => ({}) as never,
      },
      isSystemAdmin: async () => false,
      log: { error: () => {} },
      hasEarlierName: () => on.earlier,
      subcommands: [
        { name: "status", help: text("State"), run: () => "teams status" },
        {
          name: "link",
          help: text("Link"),
          isOffered: () => on.earlier,
          complete: [{ route: "api/v1/channels/complete", help: text("A team") }],
          run: (_words, { rootId, triggerId }) => `linked in ${rootId} by ${triggerId}`,
        },
        {
          trigger: "mscalendar",
          name: "status",
          help: text("State"),
          isOffered: () => on.calendar,
          run: () => "calendar status",
        },
      ],
    });
    const type = async (line: string) => {
      const args = { Command: line, UserId: "u", ChannelId: "c", TeamId: "t", RootId: "r", TriggerId: "x" };
      const answer = await command.execute({ RequestId: "1" } as never, args as CommandArgs);
      return answer.Text;
    };
    const triggers = () => registered.map(({ Trigger }) => Trigger);
    return { command, on, registered, triggers, unregistered, type };
  }

  test("each command has its own words, even when they are spelled alike", async () => {
    const w = world();
    w.on.calendar = true;
    expect(await w.type("/teams status")).toBe("teams status");
    expect(await w.type("/msteams status")).toBe("teams status");
    expect(await w.type("/mscalendar status")).toBe("calendar status");
    expect(await w.type("/mscalendar link")).toStartWith("There is no `/mscalendar link`.");
    expect(await w.type("/mscalendar help")).toBe("You can type:\n* `/mscalendar status` State");
  });

  test("two subcommands of the same name are an error at start", () => {
    const ports = {
      api: { registerCommand: async () => {}, getUser: async () => null, getConfig: async () => null },
      isSystemAdmin: async () => false,
      log: { error: () => {} },
    };
    const one = { name: "unlink", help: text("Unlink"), run: () => "" };
    const subcommands = [one, { ...one, trigger: "msteams" }, { ...one, trigger: "mscalendar" }];
    expect(() => createCommand({ ...ports, subcommands })).not.toThrow();
    expect(() => createCommand({ ...ports, subcommands: [...subcommands, one] })).toThrow(
      "two subcommands are called /teams unlink",
    );
  });

  test("a command is registered while one of its subcommands is offered", async () => {
    const w = world();
    await w.command.register();
    expect(w.triggers()).toEqual(["teams"]);
    expect(await w.type("/mscalendar status")).toStartWith("There is no");
    w.on.calendar = true;
    await w.command.refresh();
    expect(w.triggers()).toEqual(["teams", "mscalendar"]);
    w.on.earlier = true;
    await w.command.refresh();
    // The words of `/teams` have changed.
    expect(w.triggers()).toEqual(["teams", "mscalendar", "teams", "msteams"]);
    w.on.calendar = false;
    w.on.earlier = false;
    await w.command.refresh();
    expect(w.unregistered.sort()).toEqual(["mscalendar", "msteams"]);
    await w.command.refresh();
    expect(w.triggers().length).toBe(5);
  });

  test("a plugin route completes an argument, and the caller's thread and trigger are passed on", async () => {
    const w = world();
    w.on.earlier = true;
    await w.command.register();
    expect(w.registered[0]?.AutocompleteData?.SubCommands[1]?.Arguments).toEqual([
      {
        Name: "",
        HelpText: "A team",
        Type: "DynamicList",
        Required: false,
        Data: tagged("*model.AutocompleteDynamicListArg", { FetchURL: "api/v1/channels/complete" }),
      },
    ]);
    expect(await w.type("/msteams link")).toBe("linked in r by x");
  });
});
