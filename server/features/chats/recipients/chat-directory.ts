/** Caches what Graph says about a chat: its topic and its members. */

import { z } from "zod";
import type { Credential } from "../../../microsoft/graph/index.ts";
import { lazy } from "../../../runtime/lazy.ts";
import { type ChatKind, kindOf, pairOf } from "../chat-ids.ts";
import { refusesReader } from "../graph-refusals.ts";
import type { ChatsPorts } from "../ports.ts";

export interface ChatMember {
  /** Entra object ID in lower case; null for people whom Graph does not identify. */
  readonly objectId: string | null;
  readonly name: string;
}

export interface Chat {
  readonly id: string;
  readonly kind: ChatKind;
  readonly topic: string;
  readonly members: readonly ChatMember[];
}

const member = lazy(() => z.object({ userId: z.string().nullish(), displayName: z.string().nullish() }));
const chat = lazy(() => z.object({ topic: z.string().nullish(), chatType: z.string().nullish() }));

/** Changes of members and topic are reported as messages; this expiry covers lost ones. */
const KEPT_MS = 5 * 60_000;
const MAX_CHATS = 5_000;
/** Meetings have more than 250 members; in a larger chat nobody reads along in another program. */
const MAX_MEMBERS = 5_000;

export class ChatDirectory {
  readonly #ports: Pick<ChatsPorts, "clock" | "connections" | "graph">;
  readonly #chats = new Map<string, { readonly at: number; readonly chat: Promise<Chat> }>();

  constructor(ports: Pick<ChatsPorts, "clock" | "connections" | "graph">) {
    this.#ports = ports;
  }

  forget(chatId: string): void {
    this.#chats.delete(chatId);
  }

  /**
   * `readers`: accounts whose tokens may be tried when the app's own is refused. Throws what the Graph client throws.
   */
  async find(chatId: string, readers: readonly string[], signal: AbortSignal): Promise<Chat> {
    const pair = pairOf(chatId);
    if (pair)
      return {
        id: chatId,
        kind: "direct",
        topic: "",
        members: pair.map((objectId) => ({ objectId, name: "" })),
      };
    const now = this.#ports.clock.now();
    const known = this.#chats.get(chatId);
    if (known && now - known.at < KEPT_MS) return known.chat;
    const asked = this.#ask(chatId, readers, signal);
    this.#chats.delete(chatId);
    this.#chats.set(chatId, { at: now, chat: asked });
    asked.catch(() => {
      if (this.#chats.get(chatId)?.chat === asked) this.#chats.delete(chatId);
    });
    const [oldest] = this.#chats.keys();
    if (this.#chats.size > MAX_CHATS && oldest !== undefined) this.#chats.delete(oldest);
    return asked;
  }

  async #ask(chatId: string, readers: readonly string[], signal: AbortSignal): Promise<Chat> {
    const credentials: (Credential | null)[] = [
      null,
      ...readers.slice(0, 5).map((userId) => this.#ports.connections.credential(userId)),
    ];
    let refusal: unknown = null;
    for (const credential of credentials) {
      try {
        return await this.#askAs(chatId, credential ? { credential, signal } : { signal });
      } catch (error) {
        if (!refusesReader(error)) throw error;
        refusal ??= error;
      }
    }
    throw refusal;
  }

  async #askAs(
    chatId: string,
    as: { readonly credential?: Credential; readonly signal: AbortSignal },
  ): Promise<Chat> {
    const { graph } = this.#ports;
    const path = `/chats/${encodeURIComponent(chatId)}`;
    const [about, members] = await Promise.all([
      // The topic is optional: failing to read it must not delay the message.
      graph.request({ path, answer: chat(), tries: 1, ...as }).catch(() => null),
      this.#members(`${path}/members`, as),
    ]);
    const kind = about?.chatType === "meeting" ? "meeting" : kindOf(chatId);
    return { id: chatId, kind, topic: (about?.topic ?? "").slice(0, 250), members };
  }

  async #members(
    path: string,
    as: { readonly credential?: Credential; readonly signal: AbortSignal },
  ): Promise<ChatMember[]> {
    const members: ChatMember[] = [];
    for await (const one of this.#ports.graph.items({ path, answer: member(), ...as })) {
      members.push({ objectId: one.userId?.toLowerCase() ?? null, name: one.displayName ?? "" });
      if (members.length >= MAX_MEMBERS) break;
    }
    return members;
  }
}
