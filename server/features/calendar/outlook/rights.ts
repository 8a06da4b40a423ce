/** Runs a request with the rights that work for a mailbox: the app's own if possible, else the person's. */

import type { EventSeams, MailboxBy } from "../events/events-ports.ts";

export async function byRights<T>(
  access: EventSeams["access"],
  userId: string,
  read: (by: MailboxBy) => Promise<T>,
): Promise<T> {
  const by = (await access.of(userId)) ?? (await access.asPerson(userId));
  try {
    return await read(by);
  } catch (error) {
    if (by.by === "person" || !(await access.refused(userId, error))) throw error;
    return read(await access.asPerson(userId));
  }
}
