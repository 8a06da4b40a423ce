/** Handles posts that cannot be sent to Teams: only the author sees the reason, and can try again. */

import type { MissingFile } from "../../../microsoft/files/refusal.ts";
import { withReason } from "../../../microsoft/files/words.ts";
import { GraphError, GraphUnreachable, passing } from "../../../microsoft/graph/index.ts";
import { foundOrNull } from "../../../people/found-or-null.ts";
import { ProductError } from "../../../platform/errors.ts";
import { languageOf } from "../../../platform/i18n/index.ts";
import type { Outcome } from "../../../platform/work/queue.ts";
import type { ChannelLink } from "../links/link-store.ts";
import { NotYet } from "../pace.ts";
import type { Room } from "../room.ts";
import { Closed } from "../teams-api.ts";
import { channelWords, type Failure } from "../words.ts";

export const RETRY_CARD = "channels.retry";
const RETRY_DAYS = 7;
const DAY_MS = 24 * 3_600_000;
/** Microsoft may ask for hours; the queue retries sooner. */
const CLOSED_MS = 60_000;
const LONGEST_WAIT_MS = 5 * 60_000;

/** For temporary failures: nothing is lost, and it does not count as a failed attempt. */
export function later(error: unknown): (Outcome & { kind: "retry" }) | null {
  if (error instanceof NotYet)
    return { kind: "retry", because: "pace", counts: false, afterMs: error.afterMs };
  if (error instanceof Closed) return { kind: "retry", because: "closed", counts: false, afterMs: CLOSED_MS };
  if (isUnconnected(error)) return null;
  // The app has no token, or none at the moment: an admin fixes it, and waiting work then continues.
  if (error instanceof ProductError) return wait("microsoft_unavailable");
  if (!passing(error)) return null;
  const asked = error instanceof GraphError ? error.retryAfterMs : null;
  return wait(error instanceof GraphUnreachable ? "microsoft_unreachable" : "microsoft_busy", asked);
}

const wait = (because: string, asked: number | null = null): Outcome & { kind: "retry" } => ({
  kind: "retry",
  because,
  counts: false,
  ...(asked === null ? {} : { afterMs: Math.min(asked, LONGEST_WAIT_MS) }),
});

/** The person's connection is gone: another account may write for them. */
export const isUnconnected = (error: unknown): boolean =>
  (error instanceof ProductError &&
    ["not_connected", "connection_lost", "consent_required"].includes(error.code)) ||
  (error instanceof GraphError && error.status === 401);

export function failureOf(error: unknown): Failure {
  if (!(error instanceof GraphError)) return "refused";
  if (error.status === 403) return "forbidden";
  if (error.status === 404 || error.status === 410) return "gone";
  if (error.status === 413) return "too_large";
  return "refused";
}

/** Sends a direct message of the bot with the reason, a link to the post and *Try again*. */
export async function tellAuthor(
  room: Room,
  link: ChannelLink,
  post: { readonly Id: string; readonly UserId: string },
  failure: Failure,
): Promise<void> {
  const { api, bot, cards, clock, config } = room.ports;
  const user = await foundOrNull(api.getUser(post.UserId));
  if (!user || user.IsBot || user.DeleteAt > 0) return;
  const say = channelWords.in(languageOf(user.Locale));
  const address = `${config.current.siteUrl?.url ?? ""}/_redirect/pl/${post.Id}`;
  const text = say("not_sent", {
    channel: plain(link.teamsChannelName),
    reason: say(failure),
    link: address,
  });
  const props = await cards.props(
    {
      name: RETRY_CARD,
      actions: [{ id: "retry", label: say("try_again"), value: { link: link.id, post: post.Id } }],
    },
    { userId: user.Id, expiresAt: clock.now() + RETRY_DAYS * DAY_MS },
  );
  await bot.direct(user.Id, { text, props });
}

/** The message is in Teams, but some of its files are not. */
export async function tellFilesMissing(
  room: Room,
  link: ChannelLink,
  post: { readonly Id: string; readonly UserId: string },
  missing: readonly MissingFile[],
): Promise<void> {
  const { api, bot, config } = room.ports;
  const user = await foundOrNull(api.getUser(post.UserId));
  if (!user || user.IsBot || user.DeleteAt > 0) return;
  const address = `${config.current.siteUrl?.url ?? ""}/_redirect/pl/${post.Id}`;
  const language = languageOf(user.Locale);
  const names = missing.map(({ name, refusal }) => withReason(language, plain(name), refusal)).join(", ");
  const values = { channel: plain(link.teamsChannelName), link: address, names };
  await bot.direct(user.Id, { text: channelWords.in(language)("files_not_sent", values) });
}

/** Makes a name from Teams safe inside a sentence of ours: it neither formats nor mentions nor links. */
export const plain = (name: string): string =>
  name
    .replaceAll(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, " ")
    .replaceAll(/[\\`*_~[\]<>|#()!]/g, "\\$&")
    .replaceAll(/([@~:])(?=\S)/g, "$1\u200b")
    .slice(0, 200);
