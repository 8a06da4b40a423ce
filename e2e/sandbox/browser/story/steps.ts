/** The chapters of the story, in order. */

import { calendar } from "./calendar-steps.ts";
import { channels } from "./channels-steps.ts";
import { chats } from "./chats-steps.ts";
import { control } from "./control.ts";
import { after, seen } from "./seen.ts";
import type { Chapter, Step } from "./step.ts";

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

export const chaptersOf = (fresh: boolean): readonly Chapter[] => [
  { title: "Mattermost in Teams", steps: fresh ? [setUp, ...inTeams] : inTeams },
  { title: "Teams chats", steps: chats },
  { title: "Linked channels", steps: channels },
  { title: "Calendar", steps: calendar },
];
