/** A node that subscribes to chats and events, and notification entries as Microsoft sends them. */

import { afterAll, beforeAll, beforeEach } from "bun:test";
import { randomUUID } from "node:crypto";
import { newSigningKey, signJwt } from "../../../../e2e/sandbox/entra/keys.ts";
import { CHANGE_TRACKING_APP_ID } from "../../../../e2e/sandbox/graph/notifications.ts";
import type { SubscriptionWish } from "../index.ts";
import { certificateKey, type EncryptOptions, encrypt } from "./encrypt.ts";
import { chats, messageOf, type Node, SubscriptionsWorld, TestListener } from "./subscriptions-world.ts";

export const OID = "99999999-2222-3333-4444-555555555555";
const events: SubscriptionWish = {
  key: "events",
  resource: `/users/${OID}/events`,
  changeTypes: ["created", "updated", "deleted"],
  includeResourceData: false,
};
export const CHANGES = "/api/v1/graph/changes";
export let world: SubscriptionsWorld;
export let node: Node;
export const listener = new TestListener("chats", [chats, events]);
export const stranger = newSigningKey("attacker");
let serial = 0;

const of = (resource: string) => {
  const found = world.remote.find((one) => one.resource === resource);
  if (!found) throw new Error(`no subscription to ${resource}`);
  return found;
};
export const rich = () => of(chats.resource);
export const plain = () => of(events.resource);

export function claims(change: Record<string, unknown> = {}) {
  const at = Math.floor(world.clock.now() / 1000);
  const { issuerV1, tenantId } = world.entra.ports();
  return {
    ...{ aud: world.clientId, iss: issuerV1, iat: at - 60, nbf: at - 60, exp: at + 3_600 },
    ...{ appid: CHANGE_TRACKING_APP_ID, idtyp: "app", tid: tenantId, ver: "1.0", oid: randomUUID() },
    ...change,
  };
}
export const token = (change: Record<string, unknown> = {}, header: object = {}) =>
  signJwt(claims(change), world.entra.ports().key, header);
export const v2Token = (change: Record<string, unknown> = {}) =>
  token({ ver: "2.0", iss: world.entra.issuerV2, appid: undefined, azp: CHANGE_TRACKING_APP_ID, ...change });

export type Entry = Record<string, unknown>;
export const nextId = () => {
  serial += 1;
  return `m${serial}`;
};

export function common(one = rich()): Entry {
  const { id, clientState } = one;
  return { subscriptionId: id, clientState, tenantId: world.tenant.id, changeType: "created" };
}
export function message(id: string, change: Entry = {}, options: EncryptOptions = {}): Entry {
  const { certificate } = rich();
  const content = JSON.stringify({ id, etag: id, body: { content: "hello" } });
  return {
    ...common(),
    resource: messageOf(id),
    resourceData: { id, "@odata.type": "#Microsoft.Graph.chatMessage" },
    encryptedContent: encrypt(content, certificateKey(certificate?.base64 ?? ""), {
      certificateId: certificate?.id ?? "",
      ...options,
    }),
    ...change,
  };
}
export const event = (id: string, change: Entry = {}): Entry => ({
  ...common(plain()),
  resource: `Users/${OID}/Events/${id}`,
  resourceData: { id, "@odata.etag": `W/"${id}"` },
  ...change,
});
export const body = (entries: unknown[], tokens: unknown = [token()]) => ({
  value: entries,
  validationTokens: tokens,
});

/** Waits until everything has been handled. */
export const settled = () =>
  world.until("an empty queue", () => {
    const waiting = [...world.store.values.keys()].filter((key) => /^queue_changes_[0-9a-z]$/.test(key));
    return waiting.length === 0;
  });
export const delivered = () =>
  listener.delivered.map(({ resource }) =>
    "messageId" in resource ? resource.messageId : "eventId" in resource ? resource.eventId : "",
  );

/** For the head of a test file. */
export function openWebhook(): void {
  beforeAll(async () => {
    world = new SubscriptionsWorld();
    node = world.node(listener);
    node.subscriptions.start();
    await world.until("both subscriptions", async () => {
      const { subscriptions } = await node.subscriptions.status();
      return subscriptions.filter(({ since }) => since !== null).length === 2;
    });
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    world.store.before = () => {};
    world.entra.healthy();
  });
}
