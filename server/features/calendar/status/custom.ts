/** Reads and writes a person's custom status, which the server keeps in the user's props. */

import { z } from "zod";
import { lazy } from "../../../runtime/lazy.ts";
import type { User } from "../../../runtime/mattermost/index.ts";
import type { CalendarApi } from "../ports.ts";
import type { CustomStatus } from "../rules/custom-status.ts";
import type { DayStep } from "../rules/day.ts";

const stored = lazy(() =>
  z.object({
    emoji: z.string().catch(""),
    text: z.string().catch(""),
    duration: z.string().catch(""),
    expires_at: z.string().catch(""),
  }),
);

/**
 * Returns the custom status that others see. An expired one is null, although the server keeps it; an expired one of
 * ours is still returned, so that it gets removed.
 */
export function customNow(
  { Props }: Pick<User, "Props">,
  now: number,
  ours: CustomStatus | null,
): CustomStatus | null {
  const text = Props?.customStatus;
  if (!text) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = stored().safeParse(json);
  if (!parsed.success) return null;
  const { duration, emoji, expires_at, text: words } = parsed.data;
  if (emoji === "" && words === "") return null;
  const ends = Date.parse(expires_at);
  const isOurs = ours?.emoji === emoji && ours.text === words;
  if (duration !== "" && ends > 0 && ends <= now && !isOurs) return null;
  return { emoji, text: words };
}

export async function carryOutCustom(
  api: Pick<CalendarApi, "removeUserCustomStatus" | "updateUserCustomStatus">,
  userId: string,
  decision: Extract<DayStep, { do: "custom" }>["decision"],
): Promise<void> {
  if (decision.do === "remove") await api.removeUserCustomStatus(userId);
  if (decision.do !== "set") return;
  await api.updateUserCustomStatus(userId, {
    Emoji: decision.emoji,
    Text: decision.text,
    Duration: "date_and_time",
    ExpiresAt: new Date(decision.expiresAt),
  });
}
