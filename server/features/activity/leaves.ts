import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Graph",
    when: "a notification",
    what: "see below",
  },
];
