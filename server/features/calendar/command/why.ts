/** Explains a status: repeats the driver's decision with what is known now. */

import type { Language } from "../../../platform/i18n/index.ts";
import type { CalendarCore } from "../core.ts";
import type { DayStore } from "../day/day-store.ts";
import { memoryInSight, settingsInSight } from "../day/sight.ts";
import type { CustomDecision } from "../rules/custom-status.ts";
import { type DayDecisions, stepsAt } from "../rules/day.ts";
import { busySpans } from "../rules/spans.ts";
import { viewAt } from "../rules/view.ts";
import { clockText } from "../rules/when.ts";
import { statusNow } from "../status/carry-out.ts";
import { customNow } from "../status/custom.ts";
import { serverSwitches } from "../status/server-switches.ts";
import { focusingFor, inMeetingFor } from "../status/words.ts";
import { whyWords } from "./why-words.ts";
import { commandWords } from "./words.ts";

/** `language` is the caller's, which for another person is the admin's. Contains no text of any event. */
export async function whyText(
  core: CalendarCore,
  store: DayStore,
  userId: string,
  language: Language,
): Promise<string | null> {
  const { api, clock } = core.services;
  const audience = await core.audience(userId);
  if (!audience) return null;
  const { member, reader, user } = audience;
  const now = clock.now();
  const [answer, record, rows, config] = await Promise.all([
    core.view.events({
      ...{ userId, period: viewAt(now, reader.zone).wanted, zone: reader.zone },
      others: member.settings.otherCalendars,
    }),
    store.get(userId),
    api.getUserStatusesByIds([userId]),
    api.getConfig(),
  ]);
  const say = commandWords.in(language);
  if (!answer.ok) {
    const link = core.services.connections.connectLink("dm");
    const reason = say(answer.why, { link });
    return say("why_read", { reason });
  }
  const { custom, statuses } = serverSwitches(config);
  const [row] = rows;
  const settings = settingsInSight(member, { known: true, statuses, custom });
  const decided = stepsAt(
    {
      events: answer.events,
      settings,
      zone: reader.zone,
      memory: memoryInSight(record.memory, { known: true, statuses, custom }, now),
      mattermost: {
        status: row ? statusNow(row) : { status: "offline", manual: false },
        custom: customNow(user, now, record.memory.custom),
      },
      inMeeting: inMeetingFor(user.Locale),
      focusing: focusingFor(user.Locale),
    },
    now,
  );
  const time = (moment: number) => clockText(moment, reader);
  const until = record.memory.status?.until ?? null;
  const lines = [
    say("why_status", {
      reason: statuses ? statusReason(decided, language, time, until) : whyWords.in(language)("server_off"),
    }),
  ];
  if (member.settings.customStatus)
    lines.push(
      say("why_custom", {
        reason: customReason(decided.custom, language, time, record.memory.custom?.expiresAt ?? null),
      }),
    );
  const spans = busySpans(answer.events, settings, reader.zone).filter(({ end }) => end > now);
  const shown = spans.slice(0, 5).map(({ end, start }) => `${time(start)} – ${time(end)}`);
  if (shown.length > 0) lines.push(whyWords.in(language)("spans", { spans: shown.join(", ") }));
  return lines.join("\n");
}

type Time = (moment: number) => string;

function statusReason(
  { status }: DayDecisions,
  language: Language,
  time: Time,
  until: number | null,
): string {
  const say = whyWords.in(language);
  switch (status.do) {
    case "none":
      return say(status.why, { time: until === null ? "" : time(until) });
    case "set":
    case "extend":
      return say("set", { time: time(status.until) });
    case "ask":
      return say("asked");
    case "yield":
      return say("yielded");
    case "wait":
      return say("wait");
    default:
      return say("restore");
  }
}

function customReason(custom: CustomDecision, language: Language, time: Time, ends: number | null): string {
  const say = whyWords.in(language);
  if (custom.do === "set") return say("set", { time: time(custom.expiresAt) });
  if (custom.do === "yield") return say("yielded");
  if (custom.do !== "none") return say("restore");
  return say(custom.why, { time: ends === null ? "" : time(ends) });
}
