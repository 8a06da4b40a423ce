import type { Leaving } from "../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Entra, Graph",
    when: "an admin uses *Set up with Microsoft*",
    what: "the steps that *Show what will be done* lists",
  },
  {
    to: "your own site",
    when: "a check",
    what: "its public pages",
  },
];
