import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Entra",
    when: "a member connects a Microsoft account, and while it stays connected about every hour it is used",
    what: "the client ID, the proof of the credential, the permissions that are asked for, and the member's own authorization code or refresh token, which Entra made",
  },
  {
    to: "Graph",
    when: "a member connects",
    what: "a request for the person's own `id`, `mail`, `userPrincipalName`, with their token",
  },
  {
    to: "Entra",
    when: "a member opens Mattermost who has to connect (*Enforce connected accounts*), or may be invited",
    what: "a request for the tenant's public metadata, to learn whether Microsoft can be reached",
  },
];
