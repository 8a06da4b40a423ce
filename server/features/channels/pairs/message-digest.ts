/** Digests that distinguish an echo of our own message or edit from a new change. */

import type { ReceivedMessage } from "../teams-api.ts";
import { digest } from "./pair-store.ts";

/** As server/microsoft/teams-messages writes it; Teams may return it in a different form. */
const MARK = /<abbr\b[^>]*\btitle="generated-from-mattermost"[^>]*>(?:\s*<\/abbr>)?/gi;

export const isOurs = ({ body }: Pick<ReceivedMessage, "body">): boolean =>
  /<abbr\b[^>]*\btitle="generated-from-mattermost"/i.test(body?.content ?? "");

/** For a message whose pair is known: on both sides only the text is compared. */
export const withoutMark = <M extends Pick<ReceivedMessage, "body">>(message: M): M =>
  message.body?.content
    ? { ...message, body: { ...message.body, content: message.body.content.replace(MARK, "") } }
    : message;

/** Covers what is copied; reactions and times do not change it. */
export function contentDigest(message: ReceivedMessage): string {
  const text = (withoutMark(message).body?.content ?? "").replace(/\s+/g, " ").trim();
  const attachments = (message.attachments ?? []).map((one) => one?.id ?? "");
  const dlp = message.policyViolation?.dlpAction ?? "";
  return digest(text, message.subject ?? "", attachments, dlp);
}

/**
 * Compares times, because Graph omits trailing zeros, so their texts cannot be ordered. False for equal or missing
 * times.
 */
export const isLater = (one: string | null | undefined, other: string | null | undefined): boolean =>
  (Date.parse(one ?? "") || 0) > (Date.parse(other ?? "") || 0);

/** Whether Graph kept what we sent: it may rewrite tags, but the words are the same. */
export const sameWords = (one: string, other: string): boolean => wordsOf(one) === wordsOf(other);

const wordsOf = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&nbsp;|\u00a0/g, " ")
    .replaceAll(/&(?:amp|lt|gt|quot|#\d+|#x[0-9a-f]+);/gi, "&")
    .replaceAll(/[&<>"']/g, "&")
    .replaceAll(/\s+/g, "");
