import { type ErrorTable, errorsOf } from "../../platform/errors.ts";

export const changeErrors = {
  changes_not_stored: {
    status: 503,
    says: "The changes could not be stored. Send them again later.",
    cure: "Microsoft Graph sent changes and the key-value store did not take them: the database of the Mattermost server is the usual reason. Graph repeats them for four hours, and the gap is filled afterwards.",
  },
} as const satisfies ErrorTable;

export const changeError = errorsOf(changeErrors);
