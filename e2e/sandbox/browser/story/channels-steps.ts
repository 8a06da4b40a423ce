/** The chapter of linked channels. */

import { control } from "./control.ts";
import { after, convoys, idOf, isPosted, LINKED, type Named, SENT_TO_CHANNEL, seen } from "./seen.ts";
import type { Step } from "./step.ts";

export const channels: readonly Step[] = [
  {
    title: "Switch linked channels on",
    says: "One Teams account posts for people who are not connected. The button switches the feature on and connects that account.",
    does: async () => {
      await control("/visitor/switch-on", { feature: "channels" });
      await control("/visitor/connect", { username: "sam", account: "bot" });
      await control("/visitor/connect", { username: "sam" });
    },
    button: "Switch it on",
    screen: "console",
    page: "features",
    teams: "channels",
    done: (log) =>
      log.filter(({ ok, what }) => ok && what === "serveHTTP GET /oauth2/complete").length >= 2 ||
      seen(log, "graph", LINKED),
  },
  {
    title: "Link a channel",
    says: "In the menu of Operations, Sam chooses “Link to a Teams channel”; or he types /msteams link.",
    does: async () => {
      const { channel, team } = await convoys();
      const command = `/msteams link ${team} ${channel}`;
      const { text } = await control<{ text?: string }>("/visitor/command", {
        ...{ as: "sam", channel: "operations", command },
      });
      if (!text?.includes("linked")) throw new Error(text ?? "The command did not answer.");
    },
    button: "Link Operations for me",
    screen: "mattermost",
    teams: "channels",
    done: (log) => seen(log, "graph", LINKED),
  },
  {
    title: "Write in Mattermost",
    says: "Sam writes in Operations. The message is in the Teams channel Convoys, in Sam’s name, because he is connected.",
    does: () =>
      control("/post", { as: "sam", channel: "operations", message: "Convoy 2 leaves at **14:00**." }),
    button: "Let Sam write",
    screen: "mattermost",
    teams: "channels",
    done: (log) => seen(log, "graph", SENT_TO_CHANNEL),
  },
  {
    title: "Answer in Teams",
    says: "Alex replies in Teams. The reply is in the same thread in Operations. Edit it or delete it there: Mattermost follows.",
    does: async () => {
      const { channel } = await convoys();
      const teams =
        await control<readonly { channels: readonly (Named & { messages: readonly Named[] })[] }[]>("/teams");
      const messages = teams.flatMap((team) => team.channels).find(({ id }) => id === channel)?.messages;
      const html = "<p>We are <em>ready</em> at gate B.</p>";
      const replyTo = messages?.at(0)?.id ?? null;
      await control("/teams/messages", { channel, by: await idOf("Alex Morgan"), html, replyTo });
    },
    button: "Let Alex answer",
    screen: "mattermost",
    teams: "channels",
    done: (log) => isPosted(after(log, SENT_TO_CHANNEL)),
  },
];
