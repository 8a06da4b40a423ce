import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Entra",
    when: "a member connects a Microsoft account, and while it stays connected about every hour it is used",
    what: "the client ID, the proof of the credential, and the member's own authorization code or refresh token, which Entra made",
  },
];
