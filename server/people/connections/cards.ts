/**
 * Makes the buttons of the bot's messages about a connection, which only the person can press. card-presses.ts
 * handles them.
 */

import type { Cards } from "../../platform/bot/cards.ts";
import type { Language } from "../../platform/i18n/index.ts";
import { connectionWords } from "./connection-words.ts";

export const CARD = "connection";
/** As long as somebody may scroll back to the message. */
const LIFETIME_MS = 365 * 86_400_000;

export type CardProps = (
  action: "connect" | "disconnect",
  userId: string,
  language: Language,
) => Promise<Record<string, unknown>>;

export const cardProps =
  (cards: Pick<Cards, "props">, clock: () => number): CardProps =>
  (action, userId, language) => {
    const label = connectionWords.in(language)(`${action}_button`);
    const style = action === "connect" ? "primary" : "default";
    const actions = [{ id: action, label, style } as const];
    return cards.props({ name: CARD, actions }, { userId, expiresAt: clock() + LIFETIME_MS });
  };
