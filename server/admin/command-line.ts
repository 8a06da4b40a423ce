/**
 * `mission-collaboration setup …`: sets up the registration from a shell, with the same plan, repair and undo as the
 * console. For organisations whose Microsoft admin has no access to Mattermost.
 */

import { GraphUnreachable } from "../microsoft/graph/index.ts";
import { causeOf, causeWords } from "../microsoft/network/index.ts";
import { ProductError } from "../platform/errors.ts";
import type { DeclaredPermissions } from "../platform/permissions.ts";
import { product } from "../platform/product.ts";
import { options, setup, type Terminal, UsageError } from "./command-line-setup.ts";

const usage = `Mission Collaboration for Microsoft 365, ${product.version}

  setup            makes or repairs the app registration in Microsoft Entra
  setup validate   says what is missing in an existing one, changes nothing
  setup script     prints the steps as a script: --for azure-cli | powershell
  version

Options of setup
  --site-url <url>        address of the Mattermost server, https (required)
  --tenant-id <guid>      directory; without it the one of the account that signs in
  --client-id <guid>      repair this registration; without it a new one is made
  --app-name <name>       default: Mattermost
  --secret-months <n>     1 to 24, or 0 for no secret; default 12
  --features <names>      chats, channels, calendar: the registration gets what they need; default: none
  --cloud <name>          commercial | gcchigh | dod | china | custom
  --login-url, --graph-url <url>   endpoints of a custom cloud
  --ca-file <path>        PEM of certificate authorities to trust besides the system's
  --dry-run               shows the plan and ends
  --yes                   does not ask before it begins
  --output <form>         human | json | env | mattermost (JSON of the plugin's settings)
`;

const ownTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  say: (text) => void process.stderr.write(text),
  async ask(question) {
    const { createInterface } = await import("node:readline/promises");
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  },
  sleep: Bun.sleep,
};

export interface CommandLine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The permissions that the features declare; read only when needed. */
  readonly permissions: () => DeclaredPermissions;
  readonly terminal?: Terminal;
}

/** Runs a command. Resolves with the exit code: 0 done, 1 failed or refused, 2 invalid arguments. */
export async function runCommandLine(
  argv: readonly string[],
  { environment, permissions, terminal = ownTerminal }: CommandLine,
): Promise<number> {
  try {
    // Loaded on use: a plugin that the server starts does not need it.
    const { parseArgs } = await import("node:util");
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [command, verb = "run", ...rest] = positionals;
    if (values.help || command === "help") {
      terminal.out(usage);
      return 0;
    }
    if (command === "version") {
      terminal.out(`${product.version}\n`);
      return 0;
    }
    if (command !== "setup" || rest.length > 0 || !["run", "validate", "script"].includes(verb)) {
      throw new UsageError(`unknown command: ${positionals.join(" ")}`);
    }
    return await setup({ verb, values, environment, permissions, terminal });
  } catch (error) {
    if (error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")) {
      terminal.say(
        `${sentence((error as Error).message)}\n"setup --help" lists the commands and their options.\n`,
      );
      return 2;
    }
    terminal.say(`${explained(error)}\n`);
    return 1;
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Explains an error, with host and cause or Entra's number, and what to do. */
function explained(error: unknown): string {
  if (error instanceof ProductError) {
    const { says, cure } = error.row;
    if (error.code !== "microsoft_unreachable") return `${says} (${error.detail})\n${cure}`;
    return `Microsoft could not be reached. ${sentence(error.detail)}\nCheck the proxy (HTTPS_PROXY), DNS, --ca-file and --cloud. Without a way out, "setup script" prints the steps for another machine.`;
  }
  if (error instanceof GraphUnreachable) {
    const detail = error.cause === undefined ? error.message : `Graph: ${causeWords(causeOf(error.cause))}`;
    return `Microsoft Graph could not be reached. ${sentence(detail)}\nCheck the proxy (HTTPS_PROXY), DNS, --ca-file, --cloud and --graph-url.`;
  }
  return sentence((error as Error).message);
}
