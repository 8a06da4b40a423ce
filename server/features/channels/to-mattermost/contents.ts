/** Keeps the content of waiting messages in memory, never in the store. Content that is lost is read again. */

import { isLater } from "../pairs/message-digest.ts";
import type { ReceivedMessage } from "../teams-api.ts";

const MOST = 2_000;

export class Contents {
  readonly #waiting = new Map<string, { message: ReceivedMessage; count: number }>();

  /** The newest state of a message wins. */
  put(link: string, message: ReceivedMessage): void {
    const key = `${link} ${message.id}`;
    const known = this.#waiting.get(key);
    const newer = !isLater(known?.message.lastModifiedDateTime, message.lastModifiedDateTime);
    this.#waiting.delete(key);
    this.#waiting.set(key, {
      message: newer || !known ? message : known.message,
      count: (known?.count ?? 0) + 1,
    });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MOST && oldest !== undefined) this.#waiting.delete(oldest);
  }

  get(link: string, messageId: string): ReceivedMessage | null {
    return this.#waiting.get(`${link} ${messageId}`)?.message ?? null;
  }

  /** Called when one of the stored contents is done. */
  release(link: string, messageId: string): void {
    const key = `${link} ${messageId}`;
    const known = this.#waiting.get(key);
    if (known && known.count > 1) known.count -= 1;
    else this.#waiting.delete(key);
  }
}
