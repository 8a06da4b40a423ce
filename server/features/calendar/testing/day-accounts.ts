/** The accounts of members in a DayWorld: their links, their connections, and their tokens. */

import type { GraphToken } from "../../../../e2e/sandbox/entra/server.ts";
import type { Person } from "../../../../e2e/sandbox/tenant.ts";
import { ProductError } from "../../../platform/errors.ts";
import type { CalendarServices } from "../ports.ts";

export const SITE = "https://chat.example.com";
export const PLUGIN = "mission-collaboration";

/** In these tests a token is its claims; the real tokens have their own tests. */
export const tokenOf = (claims: Partial<GraphToken>) =>
  Buffer.from(JSON.stringify(claims)).toString("base64url");
export const claimsOf = (token: string): GraphToken | null => {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString()) as GraphToken;
  } catch {
    return null;
  }
};

export interface ConnectedPeople {
  readonly members: Map<string, { readonly person: Person }>;
  /** Members whose connection is lost. */
  readonly lost: ReadonlySet<string>;
  readonly scopes: string[];
  readonly missing: string[];
  readonly onConnect: ((userId: string) => void)[];
  readonly onDisconnect: ((userId: string) => Promise<void>)[];
}

/** Links members by their Mattermost accounts. */
export function linksOf(members: ConnectedPeople["members"], tenantId: string): CalendarServices["links"] {
  return {
    byMattermostUser: async (ids) =>
      new Map(
        ids.flatMap((userId) => {
          const objectId = members.get(userId)?.person.objectId;
          return objectId
            ? [[userId, { userId, objectId, tenantId: tenantId, linkedAt: 0, basis: "connected" }]]
            : [];
        }),
      ),
  };
}

/** The connections of a world, which reads its fields at each call. */
export function connectionsOf(world: ConnectedPeople): CalendarServices["connections"] {
  return {
    connectLink: (from) => `${SITE}/plugins/${PLUGIN}/oauth2/connect?return=${from}`,
    credential: (userId) => ({
      token: async () => {
        const person = world.members.get(userId)?.person;
        if (!person) throw new ProductError("not_connected");
        if (world.lost.has(userId)) throw new ProductError("connection_lost");
        return tokenOf({ appid: "app", oid: person.objectId, roles: [], scp: world.scopes });
      },
    }),
    async disconnect(userId) {
      if (!world.members.has(userId)) return false;
      for (const remove of world.onDisconnect) await remove(userId);
      return world.members.delete(userId);
    },
    isConnected: async (userId) => world.members.has(userId) && !world.lost.has(userId),
    async *list() {
      for (const [userId, { person }] of world.members)
        yield [userId, { account: person.userPrincipalName, since: 0 } as never];
    },
    onConnect: (listener) => void world.onConnect.push(listener),
    onDisconnect: (remove) => void world.onDisconnect.push(remove),
    state: async (userId) => {
      const account = world.members.get(userId)?.person.userPrincipalName;
      return account
        ? {
            connected: true,
            account,
            since: 0,
            scopes: world.scopes,
            missing: world.missing,
            mayConnect: true,
          }
        : { connected: false, mayConnect: true };
    },
  };
}
