import type { Leaving } from "../../platform/leaving.ts";

export const leaves: readonly Leaving[] = [
  {
    to: "Graph",
    when: "a feature follows changes ([changes](change-notifications.md))",
    what: "a request to subscribe: the resource (chats of the tenant, a channel, a person's calendar), this server's address, a secret for this one subscription, the public part of a certificate",
  },
  {
    to: "Graph",
    when: "hourly, after a loss, or with polling every five minutes",
    what: "requests for what changed since the last one",
  },
  {
    to: "Graph",
    when: "a member disconnects, or an admin switches the plugin off",
    what: "requests to delete subscriptions",
  },
];
