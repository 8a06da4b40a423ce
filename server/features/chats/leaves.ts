import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Graph",
    when: "a message in a Teams chat reaches a connected member",
    what: "requests for that message, the chat's name and members, their presence, and files, mostly with the member's own token; nothing is written",
  },
  {
    to: "Graph",
    when: "a member answers from Mattermost, with *Answer from Mattermost*",
    what: "the text and the files of the answer, with the member's own token",
  },
];
