/** docs/commands.md, printed from the commands that the features declare. */

import { EARLIER_TRIGGER, type Subcommand, TRIGGER, type Word } from "../server/platform/commands/index.ts";
import type { Feature } from "../server/platform/feature.ts";
import { declaredFeatures } from "./product-features.ts";

/** The switches without which a feature offers no command; every other feature always offers its own. */
const switches: Readonly<Record<string, string>> = {
  connections: "one of the three",
  chats: "*Teams chats*",
  channels: "*Linked channels*",
  calendar: "*Calendar*",
};

interface Declared {
  readonly feature: string;
  readonly command: Subcommand;
}

export function commandsPage(features: readonly Feature[] = declaredFeatures()): string {
  const all = features.flatMap(({ name: feature, commands = [] }): Declared[] =>
    commands.map((command) => ({ feature, command })),
  );
  const of = (trigger: string) => all.filter(({ command }) => (command.trigger ?? TRIGGER) === trigger);
  const others = [...new Set(all.flatMap(({ command }) => command.trigger ?? []))]
    .filter((trigger) => trigger !== EARLIER_TRIGGER)
    .map((trigger) => `## /${trigger}\n\n${table(trigger, of(trigger))}`);
  return `# Commands

<!-- Generated from what the features declare by "npm run generate". Do not edit. -->

Every answer is for the person who typed the command, and in their language. An unknown word shows the commands that
the person may use. The last column names the switch without which a command does not exist: *Teams chats*,
*Linked channels* or *Calendar* in the System Console.

## /${TRIGGER}

\`/${EARLIER_TRIGGER}\` is the same command under the name of an earlier plugin. It exists while connected accounts are
in use. Its \`notifications\` and \`unlink\` mean something else, see below.

${table(TRIGGER, of(TRIGGER))}

## /${EARLIER_TRIGGER}

${table(EARLIER_TRIGGER, of(EARLIER_TRIGGER))}

${others.join("\n\n")}
`;
}

function table(trigger: string, commands: readonly Declared[]): string {
  const rows = commands.flatMap(({ feature, command }) => {
    const { alsoFor, help, hint, name, role, words = [] } = command;
    const people =
      role === undefined ? "everybody" : alsoFor ? "system admins, *Admin User IDs*" : "system admins";
    const row = (typed: string, says: string) =>
      `| \`/${trigger} ${escaped(typed)}\` | ${says} | ${people} | ${switches[feature] ?? ""} |`;
    const shown = words.length > 0 || hint === undefined ? name : `${name} ${hint}`;
    return [
      row(shown, textOf(help)),
      ...words.map((word) => row(`${name} ${typedOf(word)}`, textOf(word.help))),
    ];
  });
  return `| Command | What it does | For | Needs |\n|---|---|---|---|\n${rows.join("\n")}`;
}

/** `quiet 22:00-07:00`, `reason mention|keyword on|off`. */
function typedOf({ hint, word, words = [] }: Word): string {
  const next = [...new Set(words.map(({ word: name }) => name))].join(" | ");
  const after = [...new Set(words.flatMap(({ words: deeper = [] }) => deeper.map(({ word: name }) => name)))];
  return [word, hint ?? "", next, after.join(" | ")].filter((part) => part !== "").join(" ");
}

const textOf = (help: Subcommand["help"]) => escaped(help("en").replace(/\.$/, ""));
const escaped = (cell: string) => cell.replaceAll("|", "\\|");
