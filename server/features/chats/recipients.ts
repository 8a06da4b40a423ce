/** Who of a chat may get a message, and who gets it now. */

import type { Chat } from "./chat-directory.ts";
import { type Discarded, type RecipientFacts, refusedAtOnce, refusedByPresence } from "./gate.ts";
import type { IncomingMessage } from "./incoming.ts";
import type { DeliveryPorts } from "./work.ts";

export interface Recipient {
  readonly userId: string;
  readonly objectId: string;
}

/** Connected members but the sender. */
export function recipientsOf(
  { members }: Chat,
  connected: ReadonlyMap<string, string>,
  senderId: string | null,
): Recipient[] {
  const found = new Map<string, Recipient>();
  for (const { objectId } of members) {
    const userId = objectId === null ? undefined : connected.get(objectId);
    if (objectId !== null && userId !== undefined && objectId !== senderId?.toLowerCase())
      found.set(userId, { userId, objectId });
  }
  return [...found.values()];
}

/** By account: why not, or null. */
export async function throughGate(
  ports: Pick<DeliveryPorts, "api" | "clock" | "config" | "people" | "persons" | "presence">,
  recipients: readonly Recipient[],
  chat: Chat,
  message: IncomingMessage,
): Promise<ReadonlyMap<string, Discarded | null>> {
  const { api, clock, config, people, persons, presence } = ports;
  const now = clock.now();
  const ids = recipients.map(({ userId }) => userId);
  const [accounts, records] = await Promise.all([
    people.accounts(ids),
    Promise.all(ids.map((userId) => persons.read(userId))),
  ]);
  const verdicts = new Map<string, Discarded | null>();
  for (const [at, { userId }] of recipients.entries()) {
    const account = accounts.get(userId);
    const record = records[at];
    if (!record) continue;
    const facts: RecipientFacts = {
      choices: record.choices,
      defaultOn: config.current.settings.chats_default_on,
      kind: chat.kind,
      fromApp: message.sender?.isApp === true,
      isActive: account?.isActive === true,
      mutedUntil: record.muted[chat.id] ?? null,
      now,
      minuteOfDay: minuteOfDay(now, account?.zone ?? "UTC"),
    };
    verdicts.set(userId, refusedAtOnce(facts));
  }
  const open = recipients.filter(({ userId }) => verdicts.get(userId) === null);
  if (open.length === 0) return verdicts;
  const choicesOf = new Map(ids.map((userId, at) => [userId, records[at]?.choices]));
  const careful = open.filter(({ userId }) => choicesOf.get(userId)?.notWhileActive);
  const [states, statuses] = await Promise.all([
    presence.states(open.map(({ objectId }) => objectId)),
    careful.length === 0 ? [] : api.getUserStatusesByIds(careful.map(({ userId }) => userId)),
  ]);
  const online = new Set(statuses.flatMap((one) => (one.Status === "online" ? [one.UserId] : [])));
  for (const { objectId, userId } of open) {
    const choices = choicesOf.get(userId);
    if (choices)
      verdicts.set(
        userId,
        refusedByPresence(choices, states.get(objectId) ?? "PresenceUnknown", online.has(userId)),
      );
  }
  return verdicts;
}

/** In a zone; one that the runtime does not know is UTC. */
export function minuteOfDay(now: number, zone: string): number {
  const at = Temporal.Instant.fromEpochMilliseconds(now);
  try {
    const { hour, minute } = at.toZonedDateTimeISO(zone);
    return hour * 60 + minute;
  } catch {
    const { hour, minute } = at.toZonedDateTimeISO("UTC");
    return hour * 60 + minute;
  }
}
