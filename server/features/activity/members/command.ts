/** The command `/teams notifications …`: a member's own settings. It writes the same rows as the user settings. */

import type { Language, Say } from "../../../platform/i18n/index.ts";
import { printQuiet } from "../../../platform/preferences/index.ts";
import type { Api } from "../../../runtime/mattermost/index.ts";
import { reasons } from "../rules/reasons.ts";
import type { TestStep } from "../test-activity.ts";
import { notificationWords } from "./command-words.ts";
import { type OwnDefaults, readOwnChoices, withDefaults } from "./own-settings.ts";
import { activityPreferences } from "./preferences.ts";

export interface NotificationsCommandPorts {
  readonly api: Pick<Api, "getPreferencesForUser" | "updatePreferencesForUser">;
  readonly defaults: () => OwnDefaults;
  readonly linked: (userId: string) => Promise<boolean>;
  readonly available: () => boolean;
  readonly sendTest: (userId: string) => Promise<readonly TestStep[]>;
}

type Words = Say<keyof typeof notificationWords.table.en>;

/** A text of the table in the caller's language, which is known only later. */
const text = (key: Parameters<Words>[0]) => (language?: Language) => notificationWords.in(language)(key);

const switchWords = [
  { word: "on", help: text("help_on") },
  { word: "off", help: text("help_off") },
];

/** Makes the subcommand for server/platform/commands. */
export function notificationsCommand(ports: NotificationsCommandPorts) {
  const { api } = ports;

  const own = async (userId: string) =>
    withDefaults(readOwnChoices(await api.getPreferencesForUser(userId)), ports.defaults());

  async function show(userId: string, say: Words): Promise<string> {
    const { enabled, off, quiet, onlyWhenAway } = await own(userId);
    const stated = reasons.map((name) => ({ name, reason: say(name), on: !off.has(name) }));
    // While everything is off, only the reasons that differ are listed.
    const shown = enabled ? stated : stated.filter((one) => !one.on);
    const lines = [
      ...(enabled ? [say("is_on")] : [say("is_off"), "", say("once_on")]),
      ...shown.map(({ on, ...values }) => `* ${say(on ? "reason_on" : "reason_off", values)}`),
      `* ${say("quiet", { span: quiet ? printQuiet(quiet) : say("quiet_none") })}`,
      `* ${say(onlyWhenAway ? "away_on" : "away_off")}`,
    ];
    if (!ports.available()) lines.push("", say("not_available"));
    else if (!(await ports.linked(userId))) lines.push("", say("not_linked"));
    return lines.join("\n");
  }

  async function test(userId: string, say: Words): Promise<string> {
    const steps = await ports.sendTest(userId);
    return steps
      .map(({ id, ok, says, cure }) => {
        const title = say(`step_${id}`);
        return ok ? `✅ ${title}` : `❌ ${title}\n> ${says} ${cure ?? ""}`;
      })
      .join("\n");
  }

  return {
    name: "notifications",
    help: text("help"),
    hint: "[on | off | reason | quiet | away | test]",
    words: [
      ...switchWords,
      {
        word: "reason",
        help: text("help_reason"),
        words: reasons.map((reason) => ({ word: reason, help: text(reason), words: switchWords })),
      },
      { word: "quiet", help: text("help_quiet"), hint: "22:00-07:00 | off" },
      {
        word: "away",
        help: text("help_away"),
        words: [
          { word: "on", help: text("help_away_on") },
          { word: "off", help: text("help_away_off") },
        ],
      },
      { word: "test", help: text("help_test") },
    ],
    /** For `/teams status`: whether the person has switched notifications on. */
    isOn: async (userId: string): Promise<boolean> => (await own(userId)).enabled,
    async run(
      words: readonly string[],
      { userId, language }: { readonly userId: string; readonly language?: Language },
    ): Promise<string> {
      const say = notificationWords.in(language);
      const only = words.length > 1 ? "" : (words[0]?.toLowerCase() ?? "status");
      // `/msteams notifications status` is about Teams chats; this one is about the activity feed.
      if (only === "status") return show(userId, say);
      if (only === "test") return test(userId, say);
      const wish = wishOf(words);
      if ("mistake" in wish) return misunderstood(words, wish, say);
      const row = activityPreferences.row(userId, wish.key, wish.typed);
      if (!row) return misunderstood(words, wish.otherwise, say);
      await api.updatePreferencesForUser(userId, [row]);
      return show(userId, say);
    },
  };
}

interface Mistake {
  readonly mistake: "mistake_word" | "expected_switch" | "expected_reason" | "expected_quiet";
  readonly before?: string;
}

interface Wish {
  readonly key: keyof typeof activityPreferences.all;
  readonly typed: string;
  /** The word that was not understood. */
  readonly otherwise: Mistake;
}

/** Parses a line into the preference it sets. */
function wishOf(words: readonly string[]): Wish | Mistake {
  const [verb = "", first = "", second = ""] = words.map((word) => word.toLowerCase());
  const expected = (before: string): Mistake => ({ mistake: "expected_switch", before });
  switch (verb) {
    case "on":
    case "off":
      return { key: "enabled", typed: verb, otherwise: { mistake: "mistake_word" } };
    case "away":
      return { key: "onlyWhenAway", typed: first, otherwise: expected("away") };
    case "reason": {
      const reason = reasons.find((one) => one === first);
      if (!reason) return { mistake: "expected_reason" };
      return { key: reason, typed: second, otherwise: expected(`reason ${reason}`) };
    }
    case "quiet": {
      const typed = words.slice(1).join("").toLowerCase();
      return { key: "quiet", typed, otherwise: { mistake: "expected_quiet" } };
    }
    default:
      return { mistake: "mistake_word" };
  }
}

const reasonNames = reasons.map((one) => `\`${one}\``).join(", ");
const MAX_ECHO = 60;

/** Explains the mistake, the words expected there, and the whole usage. */
function misunderstood(words: readonly string[], { mistake, before = "" }: Mistake, say: Words): string {
  // In code marks, so that the typed text neither mentions anybody nor formats anything.
  const typed = words.join(" ").replaceAll("`", "").slice(0, MAX_ECHO);
  const found = mistake === "mistake_word" ? "" : ` ${say("got", { words: typed })}`;
  const reason = say(mistake, { before, reasons: reasonNames, word: typed });
  const usage = [
    say("usage_show"),
    say("usage_switch"),
    say("usage_reason", { reasons: reasonNames }),
    say("usage_quiet"),
    say("usage_away"),
    say("usage_test"),
  ];
  return [`${say("mistake")} ${reason}${found}`, "", say("usage"), ...usage.map((line) => `* ${line}`)].join(
    "\n",
  );
}
