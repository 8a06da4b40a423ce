import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Graph",
    when: "a message in a Teams chat of a connected member ([chats](chats.md))",
    what: "ids of the chat, its messages and files; object IDs of members whose presence is asked for",
  },
  {
    to: "Graph",
    when: "a member answers in the thread of such a message, or reacts to it",
    what: "text, files and reactions of that answer, as the member; files go to the member's OneDrive",
  },
];
