/** `/teams unlink`: a person takes the connection between the two accounts apart again. */

import type { LinkRemoval } from "../features/sign-in/audit.ts";
import type { Links } from "./links.ts";

/** Fits the dispatcher of `/teams`. */
export interface UnlinkCommand {
  readonly name: string;
  readonly help: string;
  /** Answers what only the person reads. */
  run(words: readonly string[], caller: { readonly userId: string }): Promise<string>;
}

export function unlinkCommand(
  links: Pick<Links, "unlink">,
  audit: { unlinked(removal: LinkRemoval): void },
): UnlinkCommand {
  return {
    name: "unlink",
    help: "Disconnects your Microsoft account from your Mattermost account",
    async run(_, { userId }) {
      if (!(await links.unlink(userId)))
        return "No Microsoft account is connected to your Mattermost account.";
      audit.unlinked({ by: userId, userId, requestId: "", address: "" });
      return "Your Microsoft account is disconnected. Mattermost inside Microsoft 365 is signed out, and you get no more notifications there. Opening the tab again connects the account whose email address is yours.";
    },
  };
}
