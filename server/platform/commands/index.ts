/**
 * Slash commands: `/teams` (and `/msteams`, the earlier plugin's name) and the features' own commands. Features add
 * the subcommands.
 */

import { tagged } from "../../runtime/gob/index.ts";
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
/** The command's name in the earlier plugin. */
export const EARLIER_TRIGGER = "msteams";

/** A text by language. */
export type Text = (language?: Language) => string;

/** A word that can follow another one, for autocomplete. */
export interface Word {
  readonly word: string;
  readonly help: Text;
  /** Shown in grey after the word, such as `22:00-07:00`. */
  readonly hint?: string;
  readonly words?: readonly Word[];
  /** Arguments after the word, for autocomplete. */
  readonly complete?: readonly Completion[];
}

/** The server calls this route of the plugin while the person types. The route answers `CompletionItem[]` as JSON. */
export interface Completion {
  /** Relative to the plugin, without a leading slash: `api/v1/channels/complete/teams`. */
  readonly route: string;
  readonly help: Text;
}

/** `model.AutocompleteListItem`, whose JSON uses Go's field names. */
export interface CompletionItem {
  readonly Item: string;
  readonly Hint: string;
  readonly HelpText: string;
}

export interface Subcommand {
  readonly name: string;
  /**
   * A command other than `/teams`, such as `mscalendar`. It is registered while one of its subcommands is offered.
   */
  readonly trigger?: string;
  /** One line. */
  readonly help: Text;
  /** Nobody else is offered the subcommand or may run it. */
  readonly role?: "system_admin";
  /** Returns true for people named in a setting, who may use it as if they had the role. */
  readonly alsoFor?: (userId: string) => boolean;
  readonly hint?: string;
  readonly words?: readonly Word[];
  readonly complete?: readonly Completion[];
  /** Returns false while its feature is switched off: the word is then unknown. Default: always true. */
  readonly isOffered?: () => boolean;
  /**
   * Runs the subcommand. `words` follow the subcommand, split at whitespace. Returns Markdown that only the caller
   * sees.
   */
  run(words: readonly string[], caller: Caller): Promise<string> | string;
}

export interface Caller {
  readonly userId: string;
  readonly channelId: string;
  readonly teamId: string;
  /** The thread in which the command was typed; "" outside threads. */
  readonly rootId: string;
  /** Opens a dialog; valid for 3 s. */
  readonly triggerId: string;
  /** The person's language in Mattermost. */
  readonly language?: Language;
}

export interface CommandPorts {
  readonly api: Pick<Api, "registerCommand" | "getUser" | "getConfig"> &
    Partial<Pick<Api, "unregisterCommand">>;
  /** Whether the account has the permission manage_system. */
  readonly isSystemAdmin: (userId: string) => Promise<boolean>;
  readonly log: Pick<Logger, "error">;
  readonly subcommands: readonly Subcommand[];
  /** Whether the command is also registered under its earlier name. */
  readonly hasEarlierName?: () => boolean;
}

export interface TeamsCommand {
  /** Registers the commands on activation. The activation continues when the server refuses. */
  register(): Promise<void>;
  /** Registers again when settings have changed the commands. */
  refresh(): Promise<void>;
  execute(context: Context, args: CommandArgs): Promise<Input<CommandResponse>>;
}

interface Command {
  readonly trigger: string;
  readonly subcommands: readonly Subcommand[];
}

/** Throws when two features declare the same word of a command, because only one of them would run. */
export function createCommand(ports: CommandPorts): TeamsCommand {
  const { api, log } = ports;
  const taken = new Set<string>();
  for (const { name, trigger = TRIGGER } of ports.subcommands) {
    if (taken.has(`${trigger} ${name}`)) throw new Error(`two subcommands are called /${trigger} ${name}`);
    taken.add(`${trigger} ${name}`);
  }

  /** A person whose profile cannot be read still gets an answer, in the default language. */
  const languageFor = (userId: string) =>
    api.getUser(userId).then(
      (user) => languageOf(user?.Locale ?? ""),
      () => languageOf(""),
    );

  function commandOf(trigger: string): Command {
    const own = ports.subcommands.filter((one) => (one.trigger ?? TRIGGER) === trigger);
    if (trigger !== EARLIER_TRIGGER) return { trigger, subcommands: own };
    // `/msteams` has the subcommands of `/teams`, except those that a feature declares for `/msteams` itself.
    const offered = own.filter((one) => one.isOffered?.() !== false);
    const others = ports.subcommands.filter(
      (one) => one.trigger === undefined && !offered.some(({ name }) => name === one.name),
    );
    return { trigger, subcommands: [...others, ...offered] };
  }

  async function answer(line: string, caller: Caller): Promise<string> {
    const [first = "", name = "", ...words] = line.trim().split(/\s+/);
    const command = commandOf(first.slice(1).toLowerCase());
    const subcommand = command.subcommands.find((one) => one.name === name.toLowerCase());
    if (!subcommand || subcommand.isOffered?.() === false) return overview(ports, command, name, caller);
    if (!(await mayUse(subcommand, caller.userId))) {
      return commandWords.in(caller.language)("admins_only");
    }
    return subcommand.run(words, caller);
  }

  const mayUse = async ({ alsoFor, role }: Subcommand, userId: string) =>
    role === undefined || alsoFor?.(userId) === true || ports.isSystemAdmin(userId);

  /** The commands to register now. A command without an offered subcommand is left out. */
  function wanted(): Command[] {
    const own = ports.subcommands.flatMap(({ trigger = TRIGGER }) =>
      trigger === TRIGGER || trigger === EARLIER_TRIGGER ? [] : trigger,
    );
    const earlier = ports.hasEarlierName?.() === true ? [EARLIER_TRIGGER] : [];
    return [TRIGGER, ...earlier, ...new Set(own)]
      .map(commandOf)
      .map((command) => ({ ...command, subcommands: offeredOf(command) }))
      .filter(({ trigger, subcommands }) => trigger === TRIGGER || subcommands.length > 0);
  }
  const nameOf = ({ trigger, subcommands }: Command) =>
    [trigger, ...subcommands.map(({ name }) => name)].join(" ");

  /** Trigger → the registered subcommand names. When they change, the command is registered again. */
  const registered = new Map<string, string>();

  async function register(): Promise<void> {
    const commands = wanted();
    for (const command of commands) {
      if (registered.get(command.trigger) === nameOf(command)) continue;
      registered.set(command.trigger, nameOf(command));
      try {
        await api.registerCommand(registration(command, await serverLanguage(api)));
      } catch (error) {
        log.error(`/${command.trigger} could not be registered`, { error: String(error) });
      }
    }
    for (const trigger of [...registered.keys()]) {
      if (commands.some((command) => command.trigger === trigger)) continue;
      registered.delete(trigger);
      await api.unregisterCommand?.("", trigger).catch(() => {});
    }
  }

  return {
    register,
    async refresh() {
      if (registered.size > 0) await register();
    },
    async execute(context, args) {
      const { Command: line, ChannelId: channelId, RootId: rootId, TeamId: teamId } = args;
      const { TriggerId: triggerId, UserId: userId } = args;
      const language = await languageFor(userId);
      try {
        return privately(await answer(line, { userId, channelId, teamId, rootId, triggerId, language }));
      } catch (error) {
        const command = line.trim().split(/\s+/)[1] ?? "";
        log.error("A command failed", { command, request_id: context.RequestId, error: String(error) });
        return privately(commandWords.in(language)("failed", { request: context.RequestId }));
      }
    },
  };
}

const offeredOf = ({ subcommands }: Command) => subcommands.filter((one) => one.isOffered?.() !== false);

/** Autocomplete is registered once for everybody, so it is in the server's language. */
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
  command: Command,
  unknown: string,
  { userId, language }: Caller,
): Promise<string> {
  const { trigger } = command;
  const say = commandWords.in(language);
  const known = unknown === "" || unknown.toLowerCase() === "help";
  const typed = `/${trigger} ${unknown.replaceAll("`", "")}`;
  const offered = offeredOf(command);
  const restricted = offered.some((one) => one.role);
  const isAdmin = restricted && (await ports.isSystemAdmin(userId).catch(() => false));
  // Keeps the slash in front of the command in a line that runs from right to left (i18n/words.ts).
  const mark = language === "ar" ? "\u200e" : "";
  const lines = offered
    .filter((one) => !one.role || isAdmin || one.alsoFor?.(userId))
    .map((one) => `* ${mark}\`/${trigger} ${one.name}\` ${one.help(language)}`);
  return `${known ? "" : `${say("unknown", { command: typed })} `}${say("overview")}\n${lines.join("\n")}`;
}

function registration(
  { subcommands, trigger }: Command,
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
      SubCommands: subcommands.map(({ isOffered: _, trigger: __, alsoFor: ___, name, role, ...rest }) => ({
        ...data({ word: name, ...rest }, language),
        RoleID: role ?? "system_user",
      })),
    },
  };
}

/** `model.AutocompleteData`. The server shows nothing without a role. */
function data(word: Word, language: Language): AutocompleteData {
  return {
    Trigger: word.word,
    HelpText: word.help(language),
    Hint: word.hint ?? "",
    RoleID: "system_user",
    Arguments: (word.complete ?? []).map(({ help, route }) => ({
      Name: "",
      HelpText: help(language),
      Type: "DynamicList",
      Required: false,
      // The server resolves the relative address within this plugin.
      Data: tagged("*model.AutocompleteDynamicListArg", { FetchURL: route }),
    })),
    SubCommands: (word.words ?? []).map((one) => data(one, language)),
  };
}
