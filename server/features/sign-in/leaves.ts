import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Entra",
    when: "somebody opens the tab, at most every few hours",
    what: "a request for the tenant's public keys and metadata: the tenant ID",
  },
  {
    to: "Entra",
    when: "first sign-in of a person, with a credential set",
    what: "the tab's token, to read the directory on that person's behalf (`User.Read`)",
  },
  {
    to: "Graph",
    when: "first sign-in of a person, with a credential set",
    what: "a request for the person's own `id`, `mail`, `userPrincipalName`, `userType`; nothing is written",
  },
  {
    to: "Graph",
    when: "once a day, if `User.Read.All` is granted",
    what: "the Entra object IDs of linked people, 15 at a time, to learn who is disabled or deleted",
  },
];
