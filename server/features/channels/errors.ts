/** The errors that a person can meet in the dialog of linked channels; printed into docs/errors.md. */

import { type ErrorTable, errorsOf } from "../../platform/errors.ts";

export const channelErrors = {
  teams_channel_unavailable: {
    status: 403,
    says: "The Teams channel does not exist, or you are not a member of it.",
    cure: "Microsoft Graph refused the person's own token. They must be a member of the team, of a private or shared channel itself, and have agreed to the permissions of linked channels.",
  },
  teams_unreachable: {
    status: 503,
    says: "Microsoft 365 does not answer at the moment. Try again later.",
    cure: "See the Checks page: proxy, DNS and throttling are the usual reasons.",
  },
} as const satisfies ErrorTable;

export const channelError = errorsOf(channelErrors);
