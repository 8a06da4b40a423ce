/**
 * Parses the command lines of the scripts: a mistake gives one line that names the options, never a stack.
 */

import { type ParseArgsConfig, parseArgs } from "node:util";

/** Like `parseArgs`, but for unknown arguments it ends the process with exit code 2 and one line. */
export function parseOptions<const T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
    // A folder that is not writable is a problem of the machine; every other error is ours and keeps its stack.
    const plain = ["EACCES", "EPERM", "EROFS", "ENOSPC"].includes(error.code ?? "");
    console.error(plain ? `${error.path ?? "A file"} cannot be written (${error.code}).` : error);
    process.exit(1);
  });
  try {
    return parseArgs(config);
  } catch (error) {
    const known = Object.entries(config.options ?? {}).map(([name, { type }]) =>
      type === "boolean" ? `--${name}` : `--${name} <value>`,
    );
    console.error(`${(error as Error).message.split(". ")[0]}. Options: ${known.join(", ") || "none"}.`);
    process.exit(2);
  }
}
