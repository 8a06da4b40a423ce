import type { WireEntry } from "./control.ts";

export type Screen = "console" | "mattermost";

export interface Step {
  readonly title: string;
  readonly says: string;
  /** What happens when the visitor lets the sandbox do it. */
  readonly action?: "install" | "mention" | "accounts";
  readonly button: string;
  readonly screen: Screen;
  /** Page of the plugin's console. */
  readonly page?: "connect" | "teams_app" | "accounts";
  readonly teams: "apps" | "app" | "activity";
  /** Whether what went over the wires shows that it happened. */
  done(log: readonly WireEntry[]): boolean;
}

const seen = (log: readonly WireEntry[], wire: string, text: string) =>
  log.some((each) => each.wire === wire && each.ok && each.what.includes(text));

/** Before the story of a fresh sandbox, whose settings are as empty as after an installation. */
const setUp: Step = {
  title: "Connect to Microsoft 365",
  says: "Nothing is set up yet, so no tab can open. Sam runs the set-up under Connect; the stand-in of Entra accepts any code as Sam.",
  button: "Show the page",
  screen: "console",
  page: "connect",
  teams: "apps",
  done: (log) => seen(log, "graph", "POST /v1.0/applications"),
};

export const stepsOf = (fresh: boolean): readonly Step[] => (fresh ? [setUp, ...story] : story);

/** The whole story, in the order in which it happens to people. */
const story: readonly Step[] = [
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
    action: "install",
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
    says: "Sam writes from his own Mattermost: “@alex …”. The plugin gets the post through its hook and sends an activity to Graph.",
    action: "mention",
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
    done: (log) => {
      const told = log.findIndex(
        (each) => each.what.includes("sendActivityNotificationToRecipients") && each.ok,
      );
      return told >= 0 && log.slice(told).some((each) => each.what === "serveHTTP GET /tab");
    },
  },
  {
    title: "Connect an account",
    says: "With a feature that needs it, Alex connects under Settings > Microsoft 365 in the tab. Sam sees the account in the System Console; Faults has a lever that loses it.",
    action: "accounts",
    button: "Switch the calendar on",
    screen: "console",
    page: "accounts",
    teams: "app",
    done: (log) =>
      seen(log, "hook", "serveHTTP POST /api/v1/connection/from-tab") ||
      seen(log, "hook", "serveHTTP GET /oauth2/complete"),
  },
];
