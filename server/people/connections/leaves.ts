import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Entra",
    when: "a member connects, and every hour while a feature uses the account; every six days otherwise",
    what: "the code of the sign-in or the refresh token, the proof of the credential, the permissions that are asked for",
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
