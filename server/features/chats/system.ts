/**
 * The card of Teams chats for admins: what arrived and what did not, and a test message that takes each step of a
 * real one.
 */

import { reachOf } from "../../microsoft/subscriptions/checks.ts";
import type { Subscriptions, SubscriptionsStatus } from "../../microsoft/subscriptions/index.ts";
import { changesTables } from "../../microsoft/subscriptions/words.ts";
import type { Bot } from "../../platform/bot/bot.ts";
import type { Sentence } from "../../platform/checks.ts";
import { languageOf } from "../../platform/i18n/index.ts";
import { joinTables, sentence, tablesFrom } from "../../platform/i18n/tables.ts";
import { OFF, type Place, type System, type TestStep, type Trouble } from "../../platform/system.ts";
import type { Api } from "../../runtime/mattermost/index.ts";
import type { Chats } from "./chats.ts";
import de from "./system-words/de.json" with { type: "text" };
import en from "./system-words/en.json" with { type: "text" };
import es from "./system-words/es.json" with { type: "text" };
import fr from "./system-words/fr.json" with { type: "text" };
import ja from "./system-words/ja.json" with { type: "text" };

const own = tablesFrom({ en, de, es, fr, ja });
const words = joinTables(own, changesTables);

export interface ChatsSystemPorts {
  readonly isOn: () => boolean;
  readonly chats: () => Promise<Pick<Chats, "connectedCount" | "recipients" | "totals">>;
  readonly subscriptions: Pick<Subscriptions, "status" | "tryContents">;
  readonly bot: Pick<Bot, "direct">;
  readonly api: Pick<Api, "getUser">;
}

const CHANGES: Place = { page: "changes" };
const ADDRESS: Place = { page: "connect", setting: "notification_url" };
const KEY: Place = { page: "connect", setting: "encryption_key" };
const FEATURES: Place = { page: "features", setting: "chats_enabled" };

const mine = ({ subscriptions }: SubscriptionsStatus) =>
  subscriptions.find(({ kind }) => kind === "all_chats");

export function chatsSystem(ports: ChatsSystemPorts): System {
  const { chats, isOn, subscriptions } = ports;
  return {
    ...{ id: "chats", words, page: "chats", setting: "chats_enabled" },
    standsOn: ["changes_reachable", "connections"],
    async look() {
      if (!isOn()) return OFF;
      const [{ connectedCount, totals }, status] = await Promise.all([chats(), subscriptions.status()]);
      return {
        isOn: true,
        figures: [
          { code: "delivered", count: totals.delivered },
          { code: "delivered_at", at: totals.deliveredAt },
          { code: "waiting", count: status.waiting },
          { code: "answered", count: totals.answered },
          { code: "connected", count: connectedCount() },
        ],
        reasons: Object.entries(totals.discarded).map(([code, count]) => ({ code, count })),
        trouble: [...subscriptionTrouble(status), ...failure(totals.failure)],
      };
    },
    test: { about: "self", run: ({ userId }) => testMessage(ports, userId) },
  };
}

function subscriptionTrouble(status: SubscriptionsStatus): Trouble[] {
  const problem = mine(status)?.problem;
  if (!problem) return [];
  const { code, since } = problem;
  return [{ state: "problem", seen: { code }, cure: code, place: CHANGES, at: since }];
}

const failure = (last: { readonly at: number; readonly code: string } | null): Trouble[] =>
  last
    ? [
        {
          ...{ state: "warning", seen: { code: last.code }, cure: last.code, at: last.at },
          ...(last.code === "unable_to_get_teams_data" ? { place: { page: "checks" } } : {}),
        },
      ]
    : [];

class Stop extends Error {
  readonly seen: Sentence;
  readonly place: Place | undefined;

  constructor(seen: Sentence, place?: Place) {
    super(seen.code);
    this.seen = seen;
    this.place = place;
  }
}

type Step = readonly [id: string, take: () => Promise<Sentence>];

/** Nothing is sent to Teams: the message is created here, and is processed like a real one from there on. */
async function testMessage(ports: ChatsSystemPorts, userId: string): Promise<TestStep[]> {
  const { api, bot, chats, isOn, subscriptions } = ports;
  let status: SubscriptionsStatus | null = null;
  const steps: Step[] = [
    [
      "subscription",
      async () => {
        if (!isOn()) throw new Stop({ code: "switched_off" }, FEATURES);
        status = await subscriptions.status();
        return subscribed(status);
      },
    ],
    ["notification", async () => reached(status)],
    ["decrypt", async () => (status?.delayMs === null ? opened(await subscriptions.tryContents()) : POLLED)],
    [
      "recipient",
      async () => {
        const refused = await (await chats()).recipients.choices(userId);
        if (refused !== null) throw new Stop({ code: refused });
        return { code: "recipient_ok" };
      },
    ],
    [
      "presence",
      async () => {
        const { refused, state } = await (await chats()).recipients.presence(userId);
        const code = state === "PresenceUnknown" ? "presence_unknown" : (refused ?? "presence_ok");
        return { code: `${code}${refused ? "_now" : ""}`, values: { state } };
      },
    ],
    [
      "post",
      async () => {
        const language = languageOf((await api.getUser(userId))?.Locale ?? "");
        await bot.direct(userId, { text: sentence(own(), language, "message") ?? "" });
        return { code: "posted" };
      },
    ],
  ];
  const done: TestStep[] = [];
  for (const [id, take] of steps) {
    try {
      done.push({ id, ok: true, seen: await take() });
    } catch (error) {
      const { place, seen } = error instanceof Stop ? error : new Stop({ code: "failed" });
      done.push({ id, ok: false, seen, cure: seen.code, ...(place ? { place } : {}) });
      break;
    }
  }
  return done;
}

const POLLED: Sentence = { code: "not_needed" };

function subscribed(status: SubscriptionsStatus): Sentence {
  const one = mine(status);
  if (one?.problem) throw new Stop({ code: one.problem.code }, CHANGES);
  if (status.delayMs !== null)
    return { code: "asks_microsoft", values: { minutes: Math.ceil(status.delayMs / 60_000) } };
  if (!one || one.since === null) throw new Stop({ code: "not_subscribed_yet" }, CHANGES);
  return { code: "subscribed_until", values: { until: utc(one.expiresAt ?? 0) } };
}

/**
 * Microsoft validates the address before it creates a subscription, so an existing one proves that it could reach it.
 */
function reached(status: SubscriptionsStatus | null): Sentence {
  if (!status || status.delayMs !== null) return POLLED;
  const reach = reachOf(status);
  if (reach.state === "refused") throw new Stop({ code: "webhook_unreachable" }, ADDRESS);
  const at = reach.state === "reached" ? reach.at : (mine(status)?.since ?? 0);
  return { code: "reached", values: { when: utc(at) } };
}

function opened(trial: Awaited<ReturnType<Subscriptions["tryContents"]>>): Sentence {
  if (trial !== "opened") throw new Stop({ code: `contents_${trial}` }, KEY);
  return { code: "contents_opened" };
}

const utc = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
