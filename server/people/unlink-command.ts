/** The command `/teams unlink`: a person removes the link between the two accounts. */

import type { Language } from "../platform/i18n/index.ts";
import type { LinkRemoval } from "./link.ts";
import type { Links } from "./links.ts";
import { unlinkWords } from "./unlink-words.ts";

/** Has the shape that the dispatcher of `/teams` expects. */
export interface UnlinkCommand {
  readonly name: string;
  help(language?: Language): string;
  /** Returns text that only the person reads. */
  run(
    words: readonly string[],
    caller: { readonly userId: string; readonly language?: Language },
  ): Promise<string>;
}

export function unlinkCommand(
  links: Pick<Links, "unlink">,
  audit: { unlinked(removal: LinkRemoval): void },
): UnlinkCommand {
  return {
    name: "unlink",
    help: (language) => unlinkWords.in(language)("help"),
    async run(_, { userId, language }) {
      const say = unlinkWords.in(language);
      if (!(await links.unlink(userId))) return say("none");
      audit.unlinked({ by: userId, userId, requestId: "", address: "" });
      return say("done");
    },
  };
}
