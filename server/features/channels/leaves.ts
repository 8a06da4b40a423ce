import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Graph",
    when: "a post, an edit, a reaction or a deletion in a linked channel",
    what: "the text, files and reaction, with the author's own token or, from the bot account, with the author's name",
  },
  {
    to: "Graph",
    when: "a channel is linked, and while it is",
    what: "requests for the names of teams and channels, their members, and messages with their files",
  },
];
