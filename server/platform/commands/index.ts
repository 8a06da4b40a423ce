/** `/teams`: one slash command for everything a member can do in text. The rooms bring the subcommands. */

import type {
  Api,
  AutocompleteData,
  CommandArgs,
  CommandResponse,
  Context,
  Input,
  Logger,
} from "../../runtime/mattermost/index.ts";

export const TRIGGER = "teams";

/** A word that can be typed after another, for the list that opens while typing. */
export interface Word {
  readonly word: string;
  readonly help: string;
  /** Shown in grey after the word: `22:00-07:00`. */
  readonly hint?: string;
  readonly words?: readonly Word[];
}

export interface Subcommand {
  readonly name: string;
  /** One line. */
  readonly help: string;
  readonly hint?: string;
  readonly words?: readonly Word[];
  /** The rest of the line, split at blanks. Answers Markdown that only the caller sees. */
  run(words: readonly string[], caller: Caller): Promise<string> | string;
}

export interface Caller {
  readonly userId: string;
  readonly channelId: string;
  readonly teamId: string;
}

export interface CommandPorts {
  readonly api: Pick<Api, "registerCommand">;
  readonly log: Pick<Logger, "error">;
  readonly subcommands: readonly Subcommand[];
}

export interface TeamsCommand {
  /** Tells the server about the command; on activation, which goes on without it when the server refuses. */
  register(): Promise<void>;
  execute(context: Context, args: CommandArgs): Promise<Input<CommandResponse>>;
}

export function createCommand({ api, log, subcommands }: CommandPorts): TeamsCommand {
  const byName = new Map(subcommands.map((one) => [one.name, one]));
  return {
    async register() {
      try {
        await api.registerCommand(registration(subcommands));
      } catch (error) {
        log.error(`/${TRIGGER} could not be registered`, { error: String(error) });
      }
    },
    async execute(context, args) {
      const [, name = "", ...words] = args.Command.trim().split(/\s+/);
      const subcommand = byName.get(name.toLowerCase());
      if (!subcommand) return privately(overview(subcommands, name));
      try {
        const { UserId: userId, ChannelId: channelId, TeamId: teamId } = args;
        return privately(await subcommand.run(words, { userId, channelId, teamId }));
      } catch (error) {
        log.error("A command failed", { command: name, request_id: context.RequestId, error: String(error) });
        return privately(`That did not work. Your admin finds the reason under \`${context.RequestId}\`.`);
      }
    },
  };
}

function privately(text: string): Input<CommandResponse> {
  return { ResponseType: "ephemeral", Text: text };
}

function overview(subcommands: readonly Subcommand[], unknown: string): string {
  const known = unknown === "" || unknown.toLowerCase() === "help";
  const intro = known ? "" : `There is no \`/${TRIGGER} ${unknown.replaceAll("`", "")}\`. `;
  const lines = subcommands.map((one) => `* \`/${TRIGGER} ${one.name}\` ${one.help}`);
  return `${intro}You can type:\n${lines.join("\n")}`;
}

function registration(subcommands: readonly Subcommand[]): Parameters<Api["registerCommand"]>[0] {
  return {
    Trigger: TRIGGER,
    DisplayName: "Microsoft 365",
    Description: "Mattermost in Microsoft Teams, Outlook and Microsoft 365",
    AutoComplete: true,
    AutoCompleteDesc: subcommands.map((one) => one.name).join(", "),
    AutoCompleteHint: "[command]",
    AutocompleteData: data({
      word: TRIGGER,
      help: "Microsoft 365",
      hint: "[command]",
      words: subcommands.map(({ name, ...rest }) => ({ word: name, ...rest })),
    }),
  };
}

/** `model.AutocompleteData`; without a role the server shows nothing. */
function data(word: Word): AutocompleteData {
  return {
    Trigger: word.word,
    HelpText: word.help,
    Hint: word.hint ?? "",
    RoleID: "system_user",
    Arguments: [],
    SubCommands: (word.words ?? []).map(data),
  };
}
