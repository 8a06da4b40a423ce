/**
 * Migrates waiting posts of data version 1 into the queue, once, when a newer plugin first starts. That version
 * stored each in its own record, `outbox_{time}_{post}`, which could be found only by listing the plugin's keys.
 */

import { z } from "zod";
import { lazy } from "../../../runtime/lazy.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";
import { type Entry, newEntry, Outbox } from "./outbox.ts";

const PREFIX = "outbox_";
/** The longest expiry that the settings allow; older entries are dropped when their turn comes. */
const LONGEST_EXPIRY_MS = 24 * 3_600_000;

const record = lazy(() =>
  z.object({
    post: z.string().min(1),
    channel: z.string().min(1),
    at: z.number(),
    covered: z.string(),
    sent: z.array(z.string()),
    held: z.array(z.string()),
    heard: z.array(z.string()).optional(),
  }),
);

/** Safe to run twice: an entry that is already in the queue is not added again. */
export async function moveOldOutbox(kv: KeyValueStore): Promise<void> {
  const outbox = new Outbox(kv, () => LONGEST_EXPIRY_MS);
  for await (const key of kv.list(PREFIX)) {
    const entry = oldEntry(key, await kv.get(key));
    if (entry) await outbox.add(entry);
    await kv.delete(key);
  }
}

/** Returns `null` for an unreadable record. */
function oldEntry(key: string, bytes: Uint8Array | null): Entry | null {
  try {
    const { post, channel, at, covered, sent, held, heard } = record().parse(
      JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array())),
    );
    return {
      ...newEntry({ id: post, channelId: channel, createdAt: at }),
      key: key.slice(PREFIX.length),
      covered,
      sent: new Set(sent),
      held: new Set(held),
      pushedTo: heard ? new Set(heard) : null,
    };
  } catch {
    return null;
  }
}
