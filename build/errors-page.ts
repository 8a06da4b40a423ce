/** Generates docs/errors.md from the common table of errors and those of the features. */

import type { ErrorTable } from "../server/platform/errors.ts";
import { errors } from "../server/platform/shared-errors.ts";
import { declaredFeatures } from "./product-features.ts";

/** Every table with its heading: the common one first, then one for each feature that has its own. */
export function errorTables(): [heading: string, table: ErrorTable][] {
  const own = declaredFeatures().flatMap(({ name, errors: table }): [string, ErrorTable][] =>
    table ? [[name, table]] : [],
  );
  return [["Common", errors], ...own];
}

const entry = ([code, row]: [string, ErrorTable[string]]) =>
  `### \`${code}\`\n\n| | |\n|---|---|\n| HTTP status | ${row.status} |\n| The person reads | ${row.says} |\n| The admin's cure | ${row.cure} |\n`;

export const errorsPage = (tables = errorTables()): string => `# Errors and their cures

<!-- Generated from the tables of errors by "npm run generate". Do not edit. -->

Every refusal carries one of these codes and a request id. The precise reason of a refused sign-in is never
shown outside: look for the request id in the audit log or the server log.

${tables.map(([heading, table]) => `## ${heading}\n\n${Object.entries(table).map(entry).join("\n")}`).join("\n")}`;
