import { control, type WireEntry } from "./control.ts";

export type Screen = "console" | "mattermost";

export interface Step {
  readonly title: string;
  readonly says: string;
  readonly button: string;
  readonly screen: Screen;
  /** Page of the plugin's console. */
  readonly page?: "connect" | "teams_app" | "accounts" | "features";
  /** Where Sam's Mattermost goes; otherwise to his channel Operations. */
  readonly place?: string;
  readonly teams: "apps" | "app" | "activity" | "chat" | "channels" | "calendar";
  /** Runs when the visitor lets the sandbox do the step. */
  does?(): Promise<unknown>;
  /** Whether the calls over the wires show that it happened. */
  done(log: readonly WireEntry[]): boolean;
}

export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

const seen = (log: readonly WireEntry[], wire: string, text: string | RegExp) =>
  log.some((each) => each.wire === wire && each.ok && matches(each, text));
const matches = ({ what }: WireEntry, text: string | RegExp) =>
  typeof text === "string" ? what.includes(text) : text.test(what);
/** The entries after the first one with this text; empty until it appears. */
const after = (log: readonly WireEntry[], text: string | RegExp) => {
  const at = log.findIndex((each) => each.ok && matches(each, text));
  return at < 0 ? [] : log.slice(at + 1);
};

const isPosted = (log: readonly WireEntry[]) => seen(log, "api", /^createPost$/);

interface Post {
  readonly id: string;
  readonly props: Readonly<Record<string, unknown>>;
}
interface Named {
  readonly id: string;
  readonly name: string;
}

const BOT = "@mission-collaboration";
const SENT_CHAT = /^POST \/v1\.0\/chats\/[^/]+\/messages/;
const SENT_TO_CHANNEL = /^POST \/v1\.0\/teams\/[^/]+\/channels\/[^/]+\/messages/;
const NOTIFIED = /^notification: POST .*\/graph\/changes/;
const SUBSCRIBED = /^POST \/v1\.0\/subscriptions$/;
const CHOSEN = "serveHTTP PUT /api/v1/calendar/settings";
const LINKED = /^GET \/v1\.0\/teams\/[^/]+\/channels\/[^/]+$/;
const botPosts = () => control<Post[]>(`/posts?as=sam&channel=${encodeURIComponent(BOT)}`);
interface Owner extends Named {
  readonly upn: string;
  readonly events: readonly { readonly id: string; readonly isOrganizer: boolean }[];
}
const ownerOf = async (name: string) => {
  const found = (await control<readonly Owner[]>("/calendar/all")).find((each) => each.name === name);
  if (!found) throw new Error(`${name} has no mailbox.`);
  return found;
};
const idOf = async (name: string) => (await ownerOf(name)).id;

async function cardPost(): Promise<Post> {
  const card = (await botPosts()).findLast(({ props }) => props.calendar_event_id !== undefined);
  if (!card) throw new Error("Sam has no card of an invitation yet.");
  return card;
}

async function convoys() {
  const teams = await control<readonly { id: string; name: string; channels: readonly Named[] }[]>("/teams");
  const team = teams.find(({ channels }) => channels.some(({ name }) => name === "Convoys"));
  const channel = team?.channels.find(({ name }) => name === "Convoys");
  if (!team || !channel) throw new Error("The Teams channel Convoys is gone.");
  return { team: team.id, channel: channel.id };
}

/** Comes before the story of a fresh sandbox, whose settings are empty as after an installation. */
const setUp: Step = {
  title: "Connect to Microsoft 365",
  says: "Nothing is set up yet, so no tab can open. Sam runs the set-up under Connect; the stand-in of Entra accepts any code as Sam.",
  button: "Show the page",
  screen: "console",
  page: "connect",
  teams: "apps",
  done: (log) => seen(log, "graph", "POST /v1.0/applications"),
};

const mentions = [
  "@alex the depot asks for truck 2’s manifest. Can you confirm?",
  "@alex cold boxes are at gate B, they need a signature.",
  "@alex please look at the water plan before 17:00.",
];
let written = 0;

const inTeams: readonly Step[] = [
  {
    title: "Make the app package",
    says: "Sam administers Mattermost. The System Console holds our real web bundle: press “Download Manifest” under Teams app.",
    button: "Show the page",
    screen: "console",
    page: "teams_app",
    teams: "apps",
    done: (log) => seen(log, "hook", "serveHTTP GET /api/v1/app-package"),
  },
  {
    title: "Give it to Teams",
    says: "Upload the ZIP under Apps on the Teams side. The stand-in validates it against Microsoft’s own schema.",
    does: () => control("/install", {}),
    button: "Upload it for me",
    screen: "console",
    teams: "apps",
    done: (log) => seen(log, "teams", "app package"),
  },
  {
    title: "Open the tab",
    says: "Alex opens Mattermost in Teams. A Teams token, checked against Entra’s keys, becomes a Mattermost session. Nothing is typed.",
    button: "Open the tab",
    screen: "mattermost",
    teams: "app",
    done: (log) => seen(log, "hook", "serveHTTP POST /api/v1/session"),
  },
  {
    title: "Be mentioned",
    says: "Sam writes from his own Mattermost: “@alex …”. A hook gives the plugin the post, and the plugin calls Graph.",
    does: () =>
      control("/post", { as: "sam", channel: "operations", message: mentions[written++ % mentions.length] }),
    button: "Let Sam write",
    screen: "mattermost",
    teams: "activity",
    done: (log) => seen(log, "graph", "sendActivityNotificationToRecipients"),
  },
  {
    title: "Land on the post",
    says: "Click the entry in Alex’s activity feed: its link opens the tab at that very message.",
    button: "Show the feed",
    screen: "mattermost",
    teams: "activity",
    done: (log) =>
      after(log, "sendActivityNotificationToRecipients").some((each) => each.what === "serveHTTP GET /tab"),
  },
];

const chats: readonly Step[] = [
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

const channels: readonly Step[] = [
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

const calendar: readonly Step[] = [
  {
    title: "Switch the calendar on",
    says: "The calendar needs one more consent, so Sam connects again. The bot welcomes him and asks what he wants: here all of it.",
    does: async () => {
      await control("/visitor/switch-on", { feature: "calendar" });
      await control("/visitor/connect", { username: "sam" });
      const choices = {
        status: "dnd",
        confirm: false,
        customStatus: true,
        notifications: true,
        reminders: true,
      };
      await control("/visitor/calendar", { as: "sam", ...choices });
    },
    button: "Switch it on",
    screen: "mattermost",
    place: `/harbor/messages/${BOT}`,
    teams: "calendar",
    done: (log) => seen(after(log, CHOSEN), "graph", SUBSCRIBED),
  },
  {
    title: "Invite Sam",
    says: "Alex invites Sam in Outlook. Sam gets a card in Mattermost.",
    does: async () => {
      const [{ upn }, sam] = await Promise.all([ownerOf("Alex Morgan"), ownerOf("Sam Rivera")]);
      const part = { subject: "Convoy briefing", isOnlineMeeting: true };
      await control("/calendar/meet", { upn, guests: [sam.upn], startsIn: 45, minutes: 30, part });
    },
    button: "Let Alex invite",
    screen: "mattermost",
    place: `/harbor/messages/${BOT}`,
    teams: "calendar",
    done: (log) => isPosted(after(after(after(log, CHOSEN), SUBSCRIBED), NOTIFIED)),
  },
  {
    title: "Accept",
    says: "Sam presses Accept on the card. Outlook shows the answer to Alex.",
    does: async () => control("/visitor/press", { as: "sam", post: (await cardPost()).id, action: "accept" }),
    button: "Let Sam accept",
    screen: "mattermost",
    place: `/harbor/messages/${BOT}`,
    teams: "calendar",
    done: (log) => seen(log, "graph", /\/accept$/),
  },
  {
    title: "The meeting begins",
    says: "Alex moves the meeting to now. Sam’s status in Mattermost follows, and goes back when the meeting ends.",
    does: async () => {
      const { events, upn } = await ownerOf("Alex Morgan");
      const event = events.find(({ isOrganizer }) => isOrganizer);
      if (!event) throw new Error("Alex has no meeting yet.");
      await control("/calendar/move", { upn, id: event.id, startsIn: 0 });
    },
    button: "Begin it now",
    screen: "mattermost",
    teams: "calendar",
    done: (log) =>
      after(log, /\/accept$/).some(({ ok, what }) => ok && /^updateUser(?:Custom)?Status/.test(what)),
  },
];

export const chaptersOf = (fresh: boolean): readonly Chapter[] => [
  { title: "Mattermost in Teams", steps: fresh ? [setUp, ...inTeams] : inTeams },
  { title: "Teams chats", steps: chats },
  { title: "Linked channels", steps: channels },
  { title: "Calendar", steps: calendar },
];
