/** Finds the possible recipients of a message in a chat, and those who get it now. */

import type { IncomingMessage } from "../delivery/incoming.ts";
import { choicesOf } from "../members/choices.ts";
import type { DeliveryPorts } from "../work.ts";
import type { Chat } from "./chat-directory.ts";
import { type Discarded, recipientFacts, refusedAtOnce, refusedByPresence } from "./gate.ts";

export interface Recipient {
  readonly userId: string;
  readonly objectId: string;
}

/** Connected members except the sender. */
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

/** Returns for each account the reason for a refusal, or null. */
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
    const facts = recipientFacts(
      { account, person: record, config: config.current, now },
      { chat, fromApp: message.sender?.isApp === true },
    );
    verdicts.set(userId, refusedAtOnce(facts));
  }
  // People to whom Teams showed a message in their quiet hours need no summary of it afterwards.
  const isOpen = (verdict: Discarded | null | undefined) => verdict === null || verdict === "quiet_hours";
  const open = recipients.filter(({ userId }) => isOpen(verdicts.get(userId)));
  if (open.length === 0) return verdicts;
  const chosen = new Map(records.map((record, at) => [ids[at], choicesOf(record.chosen)]));
  const careful = open.filter(({ userId }) => chosen.get(userId)?.notWhileActive);
  const [states, statuses] = await Promise.all([
    presence.states(open.map(({ objectId }) => objectId)),
    careful.length === 0 ? [] : api.getUserStatusesByIds(careful.map(({ userId }) => userId)),
  ]);
  const online = new Set(statuses.flatMap((one) => (one.Status === "online" ? [one.UserId] : [])));
  for (const { objectId, userId } of open) {
    const choices = chosen.get(userId);
    const refused =
      choices && refusedByPresence(choices, states.get(objectId) ?? "PresenceUnknown", online.has(userId));
    if (refused) verdicts.set(userId, refused);
  }
  return verdicts;
}
