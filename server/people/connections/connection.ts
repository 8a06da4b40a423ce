/**
 * A connection lets this server use a member's Microsoft 365 account.
 *
 *   connection.{user}        the person's record: account, scopes, sealed refresh token
 *   connections.{0…f}        user → account, 16 records: lists connected people without listing keys
 *   connections.once.{0…f}   user → when: they keep their right to connect, also after a disconnect
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";

const connection = lazy(() =>
  z.object({
    v: z.literal(1),
    /** Random. A person who disconnects and connects again gets another id. */
    id: z.string().min(16),
    tenantId: z.string().min(1),
    objectId: z.string().min(1),
    /** The address by which the person knows the account. */
    account: z.string(),
    /** Milliseconds since 1970, as all times here. */
    since: z.number(),
    scopes: z.array(z.string()),
    /** The refresh token, sealed for this person; "" after a loss. */
    sealed: z.string(),
    /** When Entra issued it: the newest one wins. */
    takenAt: z.number(),
    /** True when connecting created the link to the Microsoft account; disconnecting then removes it. */
    madeLink: z.boolean(),
    lost: z
      .object({
        at: z.number(),
        /** Entra's number, such as AADSTS50173, or `damaged`. */
        code: z.string(),
        /** `open`: the person still needs a message. A number: since then a node has been sending it. */
        notice: z.union([z.literal("open"), z.literal("done"), z.number()]),
      })
      .optional(),
    /** When the last message about a loss was sent: at most one a day. */
    noticeAt: z.number().optional(),
    /** The post of that message, which is updated when the account is connected again. */
    noticePost: z.string().optional(),
    /** Set until the follow-up of a connect is done: the welcome, and what features do. */
    isNew: z.literal(true).optional(),
    /** Set while the connection is being removed. */
    leaving: z.literal(true).optional(),
  }),
);
export type Connection = z.output<ReturnType<typeof connection>>;

export const parseConnection = (value: unknown): Connection => connection().parse(value);
/** The owner for whom the refresh token is sealed. */
export const ownerOf = (userId: string) => `connection:${userId}`;
export const connectionKey = (userId: string) => `connection.${userId}`;

const entry = lazy(() =>
  z.object({
    objectId: z.string().min(1),
    account: z.string(),
    since: z.number(),
    lost: z.literal(true).optional(),
    /** As in the person's record, for a connect that stopped before the record was written. */
    madeLink: z.literal(true).optional(),
    /** The last day on which a feature used the account, in days since 1970. */
    usedOn: z.number().optional(),
  }),
);
/** A connection's entry in the list. The person's record decides; an entry without one is removed. */
export type ConnectionEntry = z.output<ReturnType<typeof entry>>;
export const parseEntry = (value: unknown): ConnectionEntry => entry().parse(value);

export const isUsable = (one: Connection | null): one is Connection =>
  one !== null && one.lost === undefined && one.leaving === undefined;

/** For the audit log; contains only codes and ids. */
export interface ConnectionEvent {
  readonly event:
    | "connected"
    | "connect_refused"
    | "connection_lost"
    | "disconnected"
    | "bot_connected"
    | "bot_lost"
    | "bot_disconnected";
  readonly userId: string;
  readonly by: string;
  readonly reason: string;
  readonly requestId: string;
}

/** Returns the permissions that the features need and the connection does not have. */
export function missing(
  { scopes }: { readonly scopes: readonly string[] },
  permissions: readonly string[],
): string[] {
  const granted = new Set(scopes.map((scope) => scope.toLowerCase()));
  return permissions.filter((name) => !granted.has(name.toLowerCase()));
}

/** Makes an address safe to put into a sentence. */
export const plainAccount = (account = ""): string => account.replace(/[^\w.@+-]/g, "");
