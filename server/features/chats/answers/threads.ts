/** Continues a chat that was answered from Mattermost in the thread of the answered post. */

import type { PersonRecords, Thread } from "../members/person-records.ts";
import type { ChatsPorts } from "../ports.ts";

/** After a working day without messages, the next message starts a new post. */
export const THREAD_MS = 8 * 3_600_000;
/** In a busy thread, the record is written at most this often. */
const NOTED_MS = 10 * 60_000;

export class Threads {
  readonly #ports: Pick<ChatsPorts, "api" | "clock"> & { readonly persons: PersonRecords };

  constructor(ports: Pick<ChatsPorts, "api" | "clock"> & { readonly persons: PersonRecords }) {
    this.#ports = ports;
  }

  /** Returns null when the next message starts a new post. */
  async rootOf(userId: string, chatId: string): Promise<string | null> {
    const { api, clock, persons } = this.#ports;
    const thread = (await persons.read(userId)).threads[chatId];
    if (!thread || clock.now() - thread.at > THREAD_MS) return null;
    const root = await api.getPost(thread.root).catch(() => null);
    return root && root.DeleteAt === 0 ? thread.root : null;
  }

  /** Called when a message was posted into the thread. */
  async went(userId: string, chatId: string): Promise<void> {
    const now = this.#ports.clock.now();
    await this.#change(userId, chatId, (thread) =>
      thread && now - thread.at > NOTED_MS ? { ...thread, at: now } : thread,
    );
  }

  /** Called when the person answered there. Returns true for the first answer in this thread. */
  async answered(userId: string, chatId: string, root: string): Promise<boolean> {
    const at = this.#ports.clock.now();
    let isFirst = true;
    await this.#change(userId, chatId, (thread) => {
      isFirst = thread?.root !== root || !thread.answered;
      return { root, at, answered: true };
    });
    return isFirst;
  }

  async #change(
    userId: string,
    chatId: string,
    next: (thread: Thread | undefined) => Thread | undefined,
  ): Promise<void> {
    await this.#ports.persons.change(userId, (record) => {
      const before = record.threads[chatId];
      const after = next(before);
      return after === before || !after
        ? record
        : { ...record, threads: { ...record.threads, [chatId]: after } };
    });
  }
}
