/** Reads what the id of a chat reveals about it (docs/facts/microsoft-chat.md 9). */

export type ChatKind = "direct" | "group" | "meeting" | "notes";

const GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const DIRECT = new RegExp(`^19:(${GUID})_(${GUID})@unq\\.gbl\\.spaces$`, "i");

export function kindOf(chatId: string): ChatKind {
  if (chatId.startsWith("48:")) return "notes";
  if (/^19:meeting_/i.test(chatId)) return "meeting";
  return DIRECT.test(chatId) ? "direct" : "group";
}

/** The two members of a direct chat: they never change, so no request is needed. One of them may be a bot. */
export function pairOf(chatId: string): readonly [string, string] | null {
  const [, one, other] = DIRECT.exec(chatId) ?? [];
  return one && other ? [one.toLowerCase(), other.toLowerCase()] : null;
}
