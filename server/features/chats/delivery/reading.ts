/** Reads a message when its notification had no contents, or older ones than are known. */

import { z } from "zod";
import type { Credential } from "../../../microsoft/graph/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { refusesReader } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";

const message = lazy(() => z.record(z.string(), z.unknown()));

export type Content = Readonly<Record<string, unknown>>;

/**
 * Tries the tokens of members, one after the other, then the app's own. Returns null when nobody may read it, or when
 * it is gone. Throws for temporary failures.
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
