import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Entra",
    when: "a notification, a check, a change in Microsoft 365",
    what: "the client ID and the proof of the credential",
  },
];
