/** Entries of a notification: those of Microsoft are delivered, those that somebody changed are dropped. */

import { describe, expect, test } from "bun:test";
import { randomBytes, randomUUID } from "node:crypto";
import { forgeries } from "../../../../e2e/sandbox/graph/notifications.ts";
import { certificateKey, encrypt } from "../testing/encrypt.ts";
import { sent } from "../testing/subscriptions-world.ts";
import {
  body,
  CHANGES,
  delivered,
  event,
  listener,
  message,
  nextId,
  node,
  OID,
  openWebhook,
  plain,
  rich,
  settled,
  stranger,
  token,
  v2Token,
  world,
} from "../testing/webhook-world.ts";

openWebhook();

describe("accepts what Microsoft sends", () => {
  const good: [name: string, make: (id: string) => unknown][] = [
    ["a message", (id) => body([message(id)])],
    ["a token of version 2", (id) => body([message(id)], [v2Token()])],
    ["two tokens", (id) => body([message(id)], [token(), v2Token()])],
    ["a plain change without tokens", (id) => ({ value: [event(id)] })],
    ["the tenant in capitals", (id) => body([message(id, { tenantId: world.tenant.id.toUpperCase() })])],
    ["members we do not know", (id) => ({ ...body([message(id, { lang: "x" })]), "@odata.context": "y" })],
    [
      "the resource in the other style",
      (id) => body([message(id, { resource: `Chats/19:x@thread.v2/Messages/${id}` })]),
    ],
    ["no resourceData", (id) => body([message(id, { resourceData: undefined })])],
    ["a deletion", (id) => body([message(id, { changeType: "deleted" })])],
    ["an unknown certificate: without content", (id) => body([message(id, {}, { certificateId: "other" })])],
  ];
  for (const [name, make] of good) {
    test(name, async () => {
      const id = nextId();
      expect((await node.post(make(id))).status).toBe(202);
      await settled();
      expect(delivered()).toContain(id);
    });
  }

  test("a thousand of them in one request", async () => {
    const before = listener.delivered.length;
    const entries = Array.from({ length: 1_000 }, () => event(nextId()));
    expect((await node.post({ value: entries })).status).toBe(202);
    await settled();
    expect(listener.delivered.length - before).toBe(1_000);
  });

  test("a body full of empty entries is answered in time, and entries beyond the limit are counted", async () => {
    const [id, before] = [nextId(), node.dropped("malformed")];
    const junk = `{"value":[${JSON.stringify(event(id))},${"0,".repeat(1_999_999)}0]}`;
    expect((await node.post(junk)).status).toBe(202);
    await settled();
    expect(delivered()).toContain(id);
    expect(node.dropped("malformed") - before).toBe(2_000_000);
  });

  test("accepts any content type", async () => {
    const id = nextId();
    expect((await node.post({ value: [event(id)] }, CHANGES, { "Content-Type": "text/plain" })).status).toBe(
      202,
    );
    await settled();
    expect(delivered()).toContain(id);
  });
});

describe("an entry is dropped and counted, and the entry beside it is delivered", () => {
  const state = (change: (state: string) => string) => (id: string) =>
    message(id, { clientState: change(rich().clientState ?? "") });
  const flipLast = (text: string) => `${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`;
  const bad: [name: string, make: (id: string) => unknown, reason: string][] = [
    ["another client state", state(flipLast), "invalid_webhook_secret"],
    ["the client state in capitals", state((text) => text.toUpperCase()), "invalid_webhook_secret"],
    ["half a client state", state((text) => text.slice(0, 40)), "invalid_webhook_secret"],
    ["a longer client state", state((text) => `${text}A`), "invalid_webhook_secret"],
    ["a client state with a blank", state((text) => `${text} `), "invalid_webhook_secret"],
    ["a MAC without id", state((text) => text.slice(22)), "invalid_webhook_secret"],
    [
      "the id of one and the MAC of another",
      state((text) => text.slice(0, 22) + (plain().clientState ?? "").slice(22)),
      "invalid_webhook_secret",
    ],
    ["an empty client state", (id) => message(id, { clientState: "" }), "invalid_webhook_secret"],
    ["no client state", (id) => message(id, { clientState: undefined }), "invalid_webhook_secret"],
    ["a client state that is null", (id) => message(id, { clientState: null }), "invalid_webhook_secret"],
    [
      "a list of client states",
      (id) => message(id, { clientState: [rich().clientState] }),
      "invalid_webhook_secret",
    ],
    [
      "a client state of 10 KB",
      (id) => message(id, { clientState: "x".repeat(10_000) }),
      "invalid_webhook_secret",
    ],
    [
      "the client state of another subscription",
      (id) => message(id, { clientState: plain().clientState }),
      "unknown_subscription",
    ],
    ["another tenant", (id) => message(id, { tenantId: randomUUID() }), "foreign_tenant"],
    ["no tenant", (id) => message(id, { tenantId: undefined }), "foreign_tenant"],
    ["an empty tenant", (id) => message(id, { tenantId: "" }), "foreign_tenant"],
    [
      "a tenant that is an object",
      (id) => message(id, { tenantId: { id: world.tenant.id } }),
      "foreign_tenant",
    ],
    ["another subscription", (id) => message(id, { subscriptionId: randomUUID() }), "unknown_subscription"],
    ["no subscription", (id) => message(id, { subscriptionId: undefined }), "malformed"],
    [
      "another subscription of ours",
      (id) => message(id, { subscriptionId: plain().id }),
      "unknown_subscription",
    ],
    ["no change type", (id) => message(id, { changeType: undefined }), "malformed"],
    ["an unknown change type", (id) => message(id, { changeType: "moved" }), "malformed"],
    ["a change type in capitals", (id) => message(id, { changeType: "Created" }), "malformed"],
    ["no resource", (id) => message(id, { resource: undefined }), "malformed"],
    [
      "an address as resource",
      (id) => message(id, { resource: "https://evil.example/chats('a')/messages('1')" }),
      "malformed",
    ],
    ["a resource that climbs", (id) => message(id, { resource: "chats('..')/messages('1')" }), "malformed"],
    [
      "a resource of 3 KB",
      (id) => message(id, { resource: `chats('${"x".repeat(3_000)}')/messages('1')` }),
      "malformed",
    ],
    [
      "a channel's message for a subscription to chats",
      (id) => message(id, { resource: "teams('t')/channels('c')/messages('1')" }),
      "foreign_resource",
    ],
    [
      "an event for a subscription to chats",
      (id) => message(id, { resource: `users('${OID}')/events('1')` }),
      "foreign_resource",
    ],
    [
      "another person's event",
      (id) => event(id, { resource: `Users/${randomUUID()}/Events/${id}` }),
      "foreign_resource",
    ],
    ["a lifecycle event", (id) => message(id, { lifecycleEvent: "missed" }), "malformed"],
    ["a content that is a text", (id) => message(id, { encryptedContent: "x" }), "malformed"],
    [
      "a content without key",
      (id) =>
        message(id, {
          encryptedContent: { ...(message(id).encryptedContent as object), dataKey: undefined },
        }),
      "malformed",
    ],
    ["no content where there must be one", (id) => message(id, { encryptedContent: undefined }), "unproven"],
    [
      "a content where there must be none",
      (id) => event(id, { encryptedContent: message(id).encryptedContent }),
      "unproven",
    ],
    [
      "a content signed with another key",
      (id) => message(id, {}, { hmacKey: randomBytes(32) }),
      "forged_content",
    ],
    [
      "a content for another certificate",
      (id) =>
        message(id, {
          encryptedContent: {
            ...encrypt("{}", stranger.publicKey),
            encryptionCertificateId: rich().certificate?.id,
          },
        }),
      "forged_content",
    ],
    [
      "a content that is no JSON",
      (id) =>
        message(id, {
          encryptedContent: encrypt("<x/>", certificateKey(rich().certificate?.base64 ?? ""), {
            certificateId: rich().certificate?.id ?? "",
          }),
        }),
      "malformed",
    ],
    ["null", () => null, "malformed"],
    ["a text", () => "x", "malformed"],
    ["a number", () => 7, "malformed"],
    ["a list", () => [[]], "malformed"],
    ["nothing in it", () => ({}), "malformed"],
    ["a prototype", (id) => JSON.parse(`{"__proto__": ${JSON.stringify(message(id))}}`), "malformed"],
  ];
  for (const [name, make, reason] of bad) {
    test(`${name}: ${reason}`, async () => {
      const [id, neighbour] = [nextId(), nextId()];
      const before = node.dropped(reason);
      expect((await node.post(body([make(id), message(neighbour)]))).status).toBe(202);
      await settled();
      expect(delivered()).not.toContain(id);
      expect(delivered()).toContain(neighbour);
      expect(node.dropped(reason) - before).toBe(1);
    });
  }
});

describe("forgeries of the fake Graph are dropped", () => {
  for (const forgery of forgeries) {
    test(forgery, async () => {
      const [id, after] = [nextId(), nextId()];
      const { subscriptions } = world.graph;
      subscriptions.forgeNext = forgery;
      await subscriptions.notify(sent(id));
      await subscriptions.notify(sent(after));
      await settled();
      expect(delivered()).not.toContain(id);
      expect(delivered()).toContain(after);
      expect(subscriptions.deliveries.at(-2)?.statuses).toEqual([202]);
    });
  }
});

describe("delivery once", () => {
  test("the same POST twice, at once and later", async () => {
    const id = nextId();
    const same = body([message(id)]);
    await Promise.all([node.post(same), node.post(same)]);
    await settled();
    await node.post(same);
    await settled();
    expect(delivered().filter((one) => one === id)).toHaveLength(1);
  });

  test("a replay by the fake Graph", async () => {
    const id = nextId();
    await world.graph.subscriptions.notify(sent(id));
    await settled();
    await world.graph.subscriptions.replay();
    await settled();
    expect(delivered().filter((one) => one === id)).toHaveLength(1);
  });

  test("the same change, encrypted again", async () => {
    const id = nextId();
    for (let time = 0; time < 3; time += 1) await node.post(body([message(id)]));
    await settled();
    expect(delivered().filter((one) => one === id)).toHaveLength(1);
  });

  test("an update after the creation, and a second update, are new changes", async () => {
    const id = nextId();
    const { certificate } = rich();
    const update = (etag: string) =>
      message(id, {
        changeType: "updated",
        encryptedContent: encrypt(JSON.stringify({ id, etag }), certificateKey(certificate?.base64 ?? ""), {
          certificateId: certificate?.id ?? "",
        }),
      });
    await node.post(body([message(id), update("2"), update("3"), update("3")]));
    await settled();
    expect(delivered().filter((one) => one === id)).toHaveLength(3);
  });

  test("a creation and a deletion with the same etag are two changes", async () => {
    const id = nextId();
    await node.post({ value: [event(id), event(id, { changeType: "deleted" })] });
    await settled();
    expect(delivered().filter((one) => one === id)).toHaveLength(2);
  });

  test("two plain updates without an etag are both new changes", async () => {
    const id = nextId();
    const update = () => event(id, { changeType: "updated", resourceData: { id } });
    await node.post({ value: [update(), update()] });
    await settled();
    expect(delivered().filter((one) => one === id)).toHaveLength(2);
  });
});
