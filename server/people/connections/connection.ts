/**
 * A connection: a member lets this server use their Microsoft 365 account.
 *
 *   connection.{user}        the person's record: account, scopes, sealed refresh token
 *   connections.{0…f}        user → account, 16 records: all connections, without listing keys
 *   connections.once.{0…f}   user → when: they keep their right to connect; stays after a disconnect
 */

import { z } from "zod";
import { lazy } from "../../runtime/lazy.ts";

const connection = lazy(() =>
  z.object({
    v: z.literal(1),
    /** Random. A person who disconnects and connects again has another connection. */
    id: z.string().min(16),
    tenantId: z.string().min(1),
    objectId: z.string().min(1),
    /** The address that the person knows the account by. */
    account: z.string(),
    /** Milliseconds since 1970, like all times here. */
    since: z.number(),
    scopes: z.array(z.string()),
    /** The refresh token, sealed for this person; empty after a loss. */
    sealed: z.string(),
    /** When Entra gave it: the newest one wins. */
    takenAt: z.number(),
    /** The link to the Microsoft account was made by connecting, and goes with the connection. */
    madeLink: z.boolean(),
    lost: z
      .object({
        at: z.number(),
        /** Entra's number, such as AADSTS50173, or `damaged`. */
        code: z.string(),
        /** `open`: the person needs a message. `telling` since: a node is about to send it. */
        told: z.union([z.literal("open"), z.literal("done"), z.number()]),
      })
      .optional(),
    /** Of the last message about a loss: not again within a day. */
    toldAt: z.number().optional(),
    /** That message, which says so when the account is connected again. */
    toldPost: z.string().optional(),
    /** What follows a connect is not done yet: the welcome, and what features do. */
    isNew: z.literal(true).optional(),
    /** Being removed. */
    leaving: z.literal(true).optional(),
  }),
);
export type Connection = z.output<ReturnType<typeof connection>>;

export const parseConnection = (value: unknown): Connection => connection().parse(value);
/** For whom the refresh token is sealed. */
export const ownerOf = (userId: string) => `connection:${userId}`;
export const connectionKey = (userId: string) => `connection.${userId}`;

const entry = lazy(() =>
  z.object({
    objectId: z.string().min(1),
    account: z.string(),
    since: z.number(),
    lost: z.literal(true).optional(),
    /** As in the person's record, for a connect that stopped before it was written. */
    madeLink: z.literal(true).optional(),
    /** The last day on which a feature used the account; days since 1970. */
    usedOn: z.number().optional(),
  }),
);
/** The entry of a connection in lists. The person's record decides; an entry without one is removed. */
export type ConnectionEntry = z.output<ReturnType<typeof entry>>;
export const parseEntry = (value: unknown): ConnectionEntry => entry().parse(value);

export const isUsable = (one: Connection | null): one is Connection =>
  one !== null && one.lost === undefined && one.leaving === undefined;

/** For the audit log. Codes and ids only. */
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

/** Permissions that the features need and the connection does not have. */
export function missing(
  { scopes }: { readonly scopes: readonly string[] },
  permissions: readonly string[],
): string[] {
  const granted = new Set(scopes.map((scope) => scope.toLowerCase()));
  return permissions.filter((name) => !granted.has(name.toLowerCase()));
}

/** For sentences: an address cannot leave its place in them. */
export const plainAccount = (account = ""): string => account.replace(/[^\w.@+-]/g, "");
