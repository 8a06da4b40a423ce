/** Converts a person's record of the earlier Go plugin (com.mattermost.mscalendar) into ours. */

import { z } from "zod";
import { zoneOf } from "../../../microsoft/time-zones/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import type { WishedStatus } from "./settings.ts";
import type { MattermostStatus } from "./status.ts";
import { postTimeOf } from "./summary.ts";

export interface MigratedPerson {
  readonly mattermostUserId: string;
  /** The person's object id in Entra. */
  readonly graphId: string;
  readonly mail: string;
  /** Has a token. Without one, the earlier plugin had marked the person inactive. */
  readonly connected: boolean;
  readonly status: WishedStatus;
  readonly confirm: boolean;
  readonly customStatus: boolean;
  readonly reminders: { readonly leadMinutes: number } | null;
  readonly eventNotifications: boolean;
  readonly summary: {
    readonly enabled: boolean;
    readonly postTime: string;
    /** null if the stored name is no zone; the mailbox's zone is used then. */
    readonly zone: string | null;
    readonly weekdays: readonly number[];
  } | null;
  readonly links: readonly { readonly iCalUId: string; readonly channelId: string }[];
  /** The earlier plugin changed the status for a meeting and has not restored it yet. */
  readonly ownsStatus: boolean;
  readonly restoreTo: MattermostStatus | null;
  readonly customStatusOurs: boolean;
}

/** The earlier plugin's only lead time, its default summary time, and the days on which it posted. */
const LEAD_MINUTES = 10;
const POST_TIME = "08:00";
const WEEKDAYS = [1, 2, 3, 4, 5];

/** Go writes nil slices and maps as null. */
const earlierUser = lazy(() => {
  const text = z.string().nullish().catch(null);
  const flag = z.boolean().nullish().catch(null);
  return z.object({
    MattermostUserID: z.string().min(1),
    Remote: z.object({ id: z.string().min(1), mail: text }),
    OAuth2Token: z.object({ access_token: text, refresh_token: text }).nullish().catch(null),
    mattermostSettings: z
      .object({
        UpdateStatusFromOptions: text,
        GetConfirmation: flag,
        ReceiveReminders: flag,
        SetCustomStatus: flag,
        EventSubscriptionID: text,
        UpdateStatus: flag,
        ReceiveNotificationsDuringMeeting: flag,
        DailySummary: z.object({ post_time: text, tz: text, enable: flag }).nullish().catch(null),
      })
      .nullish()
      .catch(null),
    LastStatus: text,
    events: z.array(z.unknown()).nullish().catch(null),
    linkedEvents: z.record(z.string(), z.unknown()).nullish().catch(null),
    IsCustomStatusSet: flag,
  });
});
type EarlierUser = z.infer<ReturnType<typeof earlierUser>>;
type EarlierSettings = NonNullable<EarlierUser["mattermostSettings"]>;

/** Answers null for a record that does not name both the Mattermost and the Microsoft user. */
export function migratedPerson(json: unknown): MigratedPerson | null {
  const parsed = earlierUser().safeParse(json);
  if (!parsed.success) return null;
  const user = parsed.data;
  const settings: Partial<EarlierSettings> = user.mattermostSettings ?? {};
  const { access_token, refresh_token } = user.OAuth2Token ?? {};
  return {
    mattermostUserId: user.MattermostUserID,
    graphId: user.Remote.id,
    mail: user.Remote.mail ?? "",
    connected: Boolean(refresh_token || access_token),
    status: statusOf(settings),
    confirm: settings.GetConfirmation ?? false,
    customStatus: settings.SetCustomStatus ?? false,
    reminders: settings.ReceiveReminders ? { leadMinutes: LEAD_MINUTES } : null,
    eventNotifications: Boolean(settings.EventSubscriptionID),
    summary: summaryOf(settings),
    links: linksOf(user.linkedEvents ?? {}),
    ownsStatus: (user.events ?? []).length > 0,
    restoreTo: restoreTo(user.LastStatus),
    customStatusOurs: user.IsCustomStatusSet ?? false,
  };
}

/** Records from before version 1.4 have two switches instead of one choice. */
function statusOf(settings: Partial<EarlierSettings>): WishedStatus {
  switch (settings.UpdateStatusFromOptions || null) {
    case "Away":
      return "away";
    case "Do Not Disturb":
      return "dnd";
    case null:
      if (!settings.UpdateStatus) return "off";
      return settings.ReceiveNotificationsDuringMeeting ? "away" : "dnd";
    default:
      return "off";
  }
}

function summaryOf({ DailySummary: summary }: Partial<EarlierSettings>): MigratedPerson["summary"] {
  if (!summary) return null;
  return {
    enabled: summary.enable ?? false,
    postTime: postTimeOf(summary.post_time ?? "") ?? POST_TIME,
    zone: zoneOf(summary.tz ?? ""),
    weekdays: WEEKDAYS,
  };
}

function linksOf(linked: Readonly<Record<string, unknown>>): MigratedPerson["links"] {
  return Object.entries(linked).flatMap(([iCalUId, channelId]) =>
    iCalUId !== "" && typeof channelId === "string" && channelId !== "" ? [{ iCalUId, channelId }] : [],
  );
}

function restoreTo(lastStatus: string | null | undefined): MattermostStatus | null {
  return lastStatus === "online" || lastStatus === "away" || lastStatus === "dnd" || lastStatus === "offline"
    ? lastStatus
    : null;
}
