/** `/teams notifications …`: a member's own settings in text. The same rows as in the user settings. */

import {
  type OwnDefaults,
  PREFERENCE_CATEGORY,
  parseQuiet,
  preferenceNames,
  printQuiet,
  readOwnChoices,
  withDefaults,
} from "../../platform/preferences/own-settings.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import { type Reason, reasons } from "./rules.ts";
import type { TestStep } from "./test-activity.ts";

export interface NotificationsCommandPorts {
  readonly api: Pick<Api, "getPreferencesForUser" | "updatePreferencesForUser">;
  readonly defaults: () => OwnDefaults;
  readonly linked: (userId: string) => Promise<boolean>;
  readonly available: () => boolean;
  readonly sendTest: (userId: string) => Promise<readonly TestStep[]>;
}

const titles: Readonly<Record<Reason, string>> = {
  mention: "Somebody mentions you",
  direct_message: "Direct messages",
  group_message: "Group messages",
  thread_reply: "Replies in threads you follow",
  channel_mention: "Somebody mentions a whole channel",
  keyword: "Your keywords, and all activity of channels you chose",
};

const switchWords = (of: string) => [
  { word: "on", help: `Tell me: ${of}` },
  { word: "off", help: `Do not tell me: ${of}` },
];

/** Shaped for the command room (server/platform/commands), which knows nothing of this one. */
export function notificationsCommand(ports: NotificationsCommandPorts) {
  const { api } = ports;

  const own = async (userId: string) =>
    withDefaults(readOwnChoices(await api.getPreferencesForUser(userId)), ports.defaults());

  async function set(userId: string, name: string, value: string): Promise<string> {
    const row = { UserId: userId, Category: PREFERENCE_CATEGORY, Name: name, Value: value };
    await api.updatePreferencesForUser(userId, [row]);
    return show(userId);
  }

  async function show(userId: string): Promise<string> {
    const { enabled, off, quiet, onlyWhenAway } = await own(userId);
    const lines = [
      `Activity in Microsoft Teams is **${enabled ? "on" : "off"}** for you.`,
      ...reasons.map((reason) => `* ${off.has(reason) ? "off" : "on"}: ${titles[reason]} (\`${reason}\`)`),
      `* Quiet hours: ${quiet ? printQuiet(quiet) : "none"}`,
      `* While you are online in Mattermost: ${onlyWhenAway ? "not told" : "told all the same"}`,
    ];
    if (!ports.available()) lines.push("", "Your admin has not switched notifications on for this server.");
    else if (!(await ports.linked(userId))) {
      lines.push("", "Open the Mattermost tab in Microsoft Teams once, so that we know who you are there.");
    }
    return lines.join("\n");
  }

  async function test(userId: string): Promise<string> {
    const steps = await ports.sendTest(userId);
    return steps
      .map(
        (step) =>
          `${step.ok ? "✅" : "❌"} ${step.title}${step.ok ? "" : `\n> ${step.says} ${step.cure ?? ""}`}`,
      )
      .join("\n");
  }

  return {
    name: "notifications",
    help: "What the activity feed in Microsoft Teams tells you",
    hint: "[on | off | reason | quiet | away | test]",
    words: [
      ...switchWords("everything"),
      {
        word: "reason",
        help: "Switch one reason on or off",
        words: reasons.map((reason) => ({
          word: reason,
          help: titles[reason],
          words: switchWords(titles[reason]),
        })),
      },
      {
        word: "quiet",
        help: "Quiet hours in your time zone",
        hint: "22:00-07:00 | off",
      },
      {
        word: "away",
        help: "Only while you are away from Mattermost",
        words: [
          { word: "on", help: "Only while I am away" },
          { word: "off", help: "Also while I am online" },
        ],
      },
      { word: "test", help: "Send me a test activity" },
    ],
    async run(words: readonly string[], { userId }: { readonly userId: string }): Promise<string> {
      const [verb = "", first = "", second = ""] = words.map((word) => word.toLowerCase());
      const rest = words.slice(1).join("");
      if (verb === "" && first === "") return show(userId);
      if (verb === "on" || verb === "off") return set(userId, preferenceNames.enabled, verb);
      if (verb === "test") return test(userId);
      if (verb === "away" && (first === "on" || first === "off")) {
        return set(userId, preferenceNames.onlyWhenAway, first);
      }
      const reason = reasons.find((one) => one === first);
      if (verb === "reason" && reason && (second === "on" || second === "off")) {
        return set(userId, preferenceNames.reason(reason), second);
      }
      if (verb === "quiet" && first === "off") return set(userId, preferenceNames.quiet, "off");
      const quiet = verb === "quiet" ? parseQuiet(rest) : null;
      if (quiet) return set(userId, preferenceNames.quiet, printQuiet(quiet));
      return usage;
    },
  };
}

const usage = [
  "I did not understand that. You can type:",
  "* `/teams notifications` to see your settings",
  "* `/teams notifications on` or `off`",
  `* \`/teams notifications reason {reason} on\` or \`off\`, with one of ${reasons.map((one) => `\`${one}\``).join(", ")}`,
  "* `/teams notifications quiet 22:00-07:00` or `quiet off`",
  "* `/teams notifications away on` or `off`",
  "* `/teams notifications test`",
].join("\n");
