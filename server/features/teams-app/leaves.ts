import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Graph",
    when: "the first notification of a day, a check, *Publish to Teams*",
    what: "the app's id, to find it in the catalog; with *Publish to Teams*, the app package",
  },
];
