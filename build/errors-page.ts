/** docs/errors.md, printed from the one table of errors. */

import { errors } from "../server/platform/errors.ts";

export function errorsPage(): string {
  const rows = Object.entries(errors)
    .map(
      ([code, row]) =>
        `## \`${code}\`\n\n| | |\n|---|---|\n| HTTP status | ${row.status} |\n| The person reads | ${row.says} |\n| The admin's cure | ${row.cure} |\n`,
    )
    .join("\n");
  return `# Errors and their cures

<!-- Generated from server/platform/errors.ts by "npm run generate". Do not edit. -->

Every refusal carries one of these codes and a request id. The precise reason of a refused sign-in is never
shown outside: look for the request id in the audit log or the server log.

${rows}`;
}
