/** Reads a message where its notification came without contents, or with older ones than are known. */

import { z } from "zod";
import type { Credential } from "../../../microsoft/graph/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { refusesReader } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";

const message = lazy(() => z.record(z.string(), z.unknown()));

export type Content = Readonly<Record<string, unknown>>;

/**
 * By the tokens of members, one after the other, then by the app's own. Null: nobody may read it, or it is gone.
 * Throws what may pass.
 */
export async function readMessage(
  ports: Pick<ChatsPorts, "connections" | "graph">,
  wanted: { readonly chatId: string; readonly messageId: string },
  readers: readonly string[],
  signal: AbortSignal,
): Promise<Content | null> {
  const id = encodeURIComponent;
  const path = `/chats/${id(wanted.chatId)}/messages/${id(wanted.messageId)}`;
  const credentials: (Credential | null)[] = [
    ...readers.slice(0, 10).map((userId) => ports.connections.credential(userId)),
    null,
  ];
  for (const credential of credentials) {
    try {
      return await ports.graph.request({
        path,
        answer: message(),
        signal,
        ...(credential ? { credential } : {}),
      });
    } catch (error) {
      if (!refusesReader(error)) throw error;
    }
  }
  return null;
}
