/**
 * A link connects a person of Entra to an account of Mattermost.
 *
 * Two records hold it, and each makes one direction unique by compare-and-set:
 *
 *   link.{tenant}.{object}  ─▶ account, and the tab sessions of the person    read at every sign-in
 *   accounts.{00…3f}        ─▶ account → person, 64 records by account id      read for lists and notifications
 *
 * The store changes one record at a time, so link-pair.ts takes a link through marked states. A link exists when the
 * person's record exists and is not marked.
 */

import { z } from "zod";
import type { KeyFamily } from "../platform/store/key-families.ts";
import { lazy } from "../runtime/lazy.ts";

/**
 * What the link was based on: the source of the email address, or `connected`, when the person signed in on both
 * sides.
 */
export type LinkBasis = "directory" | "token" | "provisioned" | "connected";

export interface Link {
  /** Mattermost user id. */
  readonly userId: string;
  readonly tenantId: string;
  /** Entra object id. */
  readonly objectId: string;
  /** Milliseconds since 1970. */
  readonly linkedAt: number;
  readonly basis: LinkBasis;
}

/** For the audit record of a removed link: the person who removed it, and from where. Address and request id are empty for a command. */
export interface LinkRemoval {
  readonly by: string;
  readonly userId: string;
  readonly address: string;
  readonly requestId: string;
}

export interface PersonKey {
  readonly tenantId: string;
  readonly objectId: string;
}

export interface TabSession {
  readonly id: string;
  /** When the browser forgets its cookies, at the latest; milliseconds since 1970. */
  readonly until: number;
}

const basis = lazy(() => z.enum(["directory", "token", "provisioned", "connected"]));

const personRecord = lazy(() =>
  z.object({
    userId: z.string().min(1),
    linkedAt: z.number(),
    basis: basis(),
    /** Random: no two links have the same bytes, so a compare-and-set cannot confuse them. */
    claim: z.string().optional(),
    /** Set while the link is being created and not valid yet. */
    state: z.literal("joining").optional(),
    /** Increases when all sessions are ended, so that a sign-in that began before cannot add one afterwards. */
    epoch: z.number().int(),
    sessions: z.array(z.object({ id: z.string().min(1), until: z.number() })),
  }),
);
export type PersonRecord = z.output<ReturnType<typeof personRecord>>;

const accountsRecord = lazy(() =>
  z.record(
    z.string(),
    z.object({
      tenantId: z.string().min(1),
      objectId: z.string().min(1),
      linkedAt: z.number(),
      basis: basis(),
      claim: z.string().optional(),
      /** Set while the link is being created or removed. The person's record shows how far that is. */
      state: z.enum(["joining", "leaving"]).optional(),
    }),
  ),
);
export type AccountsRecord = z.output<ReturnType<typeof accountsRecord>>;
export type AccountEntry = AccountsRecord[string];

export const linkKeys: readonly KeyFamily[] = [
  {
    prefix: "link.",
    holds:
      "a person's account ID, when and on what basis it was linked, IDs of the tab's sessions (no tokens)",
    until: "unlinked; or the account no longer exists and the person signs in again",
  },
  { prefix: "accounts.", holds: "account ID to tenant and object ID", until: "the same" },
];

export const personKey = ({ tenantId, objectId }: PersonKey) => `link.${tenantId}.${objectId}`;

/** 64 records: with 50,000 people each has about 100 KB, and all of them are read in 64 calls. */
const SHARDS = 64;

export function accountsKey(userId: string): string {
  let hash = 0;
  for (const letter of userId) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return shardKey(hash % SHARDS);
}

const shardKey = (shard: number) => `accounts.${shard.toString(16).padStart(2, "0")}`;

export const allAccountsKeys = Array.from({ length: SHARDS }, (_, shard) => shardKey(shard));

export const encode = (record: PersonRecord | AccountsRecord): Uint8Array =>
  Buffer.from(JSON.stringify(record));

/** Throws for a malformed record: its owner is unknown, so nobody may sign in through it. */
export const decodePerson = (bytes: Uint8Array): PersonRecord => personRecord().parse(parseJson(bytes));
export const decodeAccounts = (bytes: Uint8Array): AccountsRecord => accountsRecord().parse(parseJson(bytes));

export const samePerson = (one: PersonKey, other: PersonKey): boolean =>
  one.tenantId === other.tenantId && one.objectId === other.objectId;

export const linkOf = (userId: string, { tenantId, objectId, linkedAt, basis }: AccountEntry): Link => ({
  userId,
  tenantId,
  objectId,
  linkedAt,
  basis,
});

const parseJson = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());
