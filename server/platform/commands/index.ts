/** `/teams`: one slash command for everything a member can do in text, under a second name as well. The rooms bring the subcommands. */

import type {
  Api,
  AutocompleteData,
  CommandArgs,
  CommandResponse,
  Context,
  Input,
  Logger,
} from "../../runtime/mattermost/index.ts";
import { type Language, languageOf } from "../i18n/index.ts";
import { commandWords } from "./words.ts";

export const TRIGGER = "teams";
/** The name that people know from the earlier plugin. */
export const EARLIER_TRIGGER = "msteams";

/** A text by language. */
export type Text = (language?: Language) => string;

/** A word that can be typed after another, for the list that opens while typing. */
export interface Word {
  readonly word: string;
  readonly help: Text;
  /** Shown in grey after the word: `22:00-07:00`. */
  readonly hint?: string;
  readonly words?: readonly Word[];
}

export interface Subcommand {
  readonly name: string;
  /** One line. */
  readonly help: Text;
  /** Not offered to anybody else, and refused. */
  readonly role?: "system_admin";
  readonly hint?: string;
  readonly words?: readonly Word[];
  /** False while the feature that brings it is switched off: then the word is unknown. Default: always. */
  readonly isOffered?: () => boolean;
  /** The rest of the line, split at blanks. Answers Markdown that only the caller sees. */
  run(words: readonly string[], caller: Caller): Promise<string> | string;
}

export interface Caller {
  readonly userId: string;
  readonly channelId: string;
  readonly teamId: string;
  /** That of the person in Mattermost. */
  readonly language?: Language;
}

export interface CommandPorts {
  readonly api: Pick<Api, "registerCommand" | "getUser" | "getConfig"> &
    Partial<Pick<Api, "unregisterCommand">>;
  /** Whether the account has the permission manage_system. */
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  readonly log: Pick<Logger, "error">;
  readonly subcommands: readonly Subcommand[];
  /** Whether the command has its earlier name as well. */
  readonly hasEarlierName?: () => boolean;
}

export interface TeamsCommand {
  /** Tells the server about the command; on activation, which goes on without it when the server refuses. */
  register(): Promise<void>;
  /** Registers again where settings have changed what there is to register. */
  refresh(): Promise<void>;
  execute(context: Context, args: CommandArgs): Promise<Input<CommandResponse>>;
}

export function createCommand(ports: CommandPorts): TeamsCommand {
  const { api, log, subcommands } = ports;
  const byName = new Map(subcommands.map((one) => [one.name, one]));

  /** A person whose profile cannot be read still gets an answer. */
  const languageFor = (userId: string) =>
    api.getUser(userId).then(
      (user) => languageOf(user?.Locale ?? ""),
      () => languageOf(""),
    );

  async function answer(line: string, caller: Caller): Promise<string> {
    const [first = "", name = "", ...words] = line.trim().split(/\s+/);
    const trigger = first.toLowerCase() === `/${EARLIER_TRIGGER}` ? EARLIER_TRIGGER : TRIGGER;
    const subcommand = byName.get(name.toLowerCase());
    if (!subcommand || subcommand.isOffered?.() === false) return overview(ports, trigger, name, caller);
    if (subcommand.role === "system_admin" && !(await ports.isSystemAdmin(caller.userId))) {
      return commandWords.in(caller.language)("admins_only");
    }
    return subcommand.run(words, caller);
  }

  const offered = () => subcommands.filter((one) => one.isOffered?.() !== false);
  /** The names of what is registered: a change of them is worth another registration. */
  let registered = "";
  let hadEarlier = false;
  const wanted = () => [ports.hasEarlierName?.() === true, ...offered().map(({ name }) => name)].join(" ");

  async function register(): Promise<void> {
    registered = wanted();
    const earlier = ports.hasEarlierName?.() === true;
    for (const trigger of earlier ? [TRIGGER, EARLIER_TRIGGER] : [TRIGGER]) {
      try {
        await api.registerCommand(registration(trigger, offered(), await serverLanguage(api)));
      } catch (error) {
        log.error(`/${trigger} could not be registered`, { error: String(error) });
      }
    }
    if (hadEarlier && !earlier) await api.unregisterCommand?.("", EARLIER_TRIGGER).catch(() => {});
    hadEarlier = earlier;
  }

  return {
    register,
    async refresh() {
      if (registered !== "" && registered !== wanted()) await register();
    },
    async execute(context, { Command, UserId: userId, ChannelId: channelId, TeamId: teamId }) {
      const language = await languageFor(userId);
      try {
        return privately(await answer(Command, { userId, channelId, teamId, language }));
      } catch (error) {
        const command = Command.trim().split(/\s+/)[1] ?? "";
        log.error("A command failed", { command, request_id: context.RequestId, error: String(error) });
        return privately(commandWords.in(language)("failed", { request: context.RequestId }));
      }
    },
  };
}

/** The list that opens while typing is registered once for everybody: it speaks the server's language. */
async function serverLanguage(api: Pick<Api, "getConfig">): Promise<Language> {
  try {
    const config = await api.getConfig();
    return languageOf(config?.LocalizationSettings?.DefaultClientLocale ?? "");
  } catch {
    return languageOf("");
  }
}

function privately(text: string): Input<CommandResponse> {
  return { ResponseType: "ephemeral", Text: text };
}

async function overview(
  ports: CommandPorts,
  trigger: string,
  unknown: string,
  { userId, language }: Caller,
): Promise<string> {
  const say = commandWords.in(language);
  const known = unknown === "" || unknown.toLowerCase() === "help";
  const command = `/${trigger} ${unknown.replaceAll("`", "")}`;
  const offered = ports.subcommands.filter((one) => one.isOffered?.() !== false);
  const restricted = offered.some((one) => one.role);
  const isAdmin = restricted && (await ports.isSystemAdmin(userId).catch(() => false));
  const lines = offered
    .filter((one) => !one.role || isAdmin)
    .map((one) => `* \`/${trigger} ${one.name}\` ${one.help(language)}`);
  return `${known ? "" : `${say("unknown", { command })} `}${say("overview")}\n${lines.join("\n")}`;
}

function registration(
  trigger: string,
  subcommands: readonly Subcommand[],
  language: Language,
): Parameters<Api["registerCommand"]>[0] {
  return {
    Trigger: trigger,
    DisplayName: "Microsoft 365",
    Description: "Mattermost in Microsoft Teams, Outlook and Microsoft 365",
    AutoComplete: true,
    AutoCompleteDesc: subcommands
      .filter((one) => !one.role)
      .map((one) => one.name)
      .join(", "),
    AutoCompleteHint: "[command]",
    AutocompleteData: {
      ...data({ word: trigger, help: (one) => commandWords.in(one)("help"), hint: "[command]" }, language),
      SubCommands: subcommands.map(({ isOffered: _, name, role, ...rest }) => ({
        ...data({ word: name, ...rest }, language),
        RoleID: role ?? "system_user",
      })),
    },
  };
}

/** `model.AutocompleteData`; without a role the server shows nothing. */
function data(word: Word, language: Language): AutocompleteData {
  return {
    Trigger: word.word,
    HelpText: word.help(language),
    Hint: word.hint ?? "",
    RoleID: "system_user",
    Arguments: [],
    SubCommands: (word.words ?? []).map((one) => data(one, language)),
  };
}
