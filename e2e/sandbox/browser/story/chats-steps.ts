/** The chapter of Teams chats. */

import { control } from "./control.ts";
import { after, BOT, botPosts, idOf, isPosted, NOTIFIED, SENT_CHAT, SUBSCRIBED, seen } from "./seen.ts";
import type { Step } from "./step.ts";

export const chats: readonly Step[] = [
  {
    title: "Switch Teams chats on",
    says: "An admin switches the feature on and consents to its permissions. The button does both.",
    does: () => control("/visitor/switch-on", { feature: "chats" }),
    button: "Switch it on",
    screen: "console",
    page: "features",
    teams: "chat",
    done: (log) => seen(log, "graph", SUBSCRIBED),
  },
  {
    title: "Connect Sam’s account",
    says: "Sam works in Mattermost. He connects once, under Settings > Microsoft 365 or with /teams connect.",
    does: () => control("/visitor/connect", { username: "sam" }),
    button: "Connect Sam for me",
    screen: "console",
    page: "accounts",
    teams: "chat",
    done: (log) => seen(log, "hook", "serveHTTP GET /oauth2/complete"),
  },
  {
    title: "Write in Teams",
    says: "Alex writes to Sam in a Teams chat. The message reaches Sam in Mattermost as a direct message.",
    does: async () => {
      const { chats: all } = await control<{ chats: readonly { id: string; chatType: string }[] }>("/chats");
      const chat = all.find(({ chatType }) => chatType === "oneOnOne")?.id;
      const html = "<p>Truck 2 is <strong>loaded</strong>. Shall we go?</p>";
      await control("/chats/messages", { chat, by: await idOf("Alex Morgan"), html });
    },
    button: "Let Alex write",
    screen: "mattermost",
    place: `/harbor/messages/${BOT}`,
    teams: "chat",
    done: (log) => isPosted(after(log, NOTIFIED)),
  },
  {
    title: "Answer from Mattermost",
    says: "Sam replies in the thread of that message. The answer appears in the Teams chat, in Sam’s own name.",
    does: async () => {
      const root = (await botPosts()).findLast(({ props }) => props.teams_message_id !== undefined);
      if (!root) throw new Error("Sam has no message from Teams yet.");
      await control("/post", {
        as: "sam",
        channel: BOT,
        message: "Yes, by the coast road.",
        rootId: root.id,
      });
    },
    button: "Let Sam answer",
    screen: "mattermost",
    place: `/harbor/messages/${BOT}`,
    teams: "chat",
    done: (log) => seen(log, "graph", SENT_CHAT),
  },
];
