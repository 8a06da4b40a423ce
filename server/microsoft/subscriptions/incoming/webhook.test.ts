/** What strangers, mistakes and Microsoft itself may send to the webhook, each with a positive control. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { randomBytes, randomUUID } from "node:crypto";
import { newSigningKey, signJwt } from "../../../../e2e/sandbox/entra/keys.ts";
import { badTokens } from "../../../../e2e/sandbox/entra/tab-tokens.ts";
import { CHANGE_TRACKING_APP_ID, forgeries } from "../../../../e2e/sandbox/graph/subscriptions.ts";
import type { SubscriptionWish } from "../index.ts";
import { storedKeys } from "../stored-keys.ts";
import { certificateKey, type EncryptOptions, encrypt } from "../testing/encrypt.ts";
import {
  chats,
  messageOf,
  type Node,
  SubscriptionsWorld,
  sent,
  TestListener,
} from "../testing/subscriptions-world.ts";

const OID = "99999999-2222-3333-4444-555555555555";
const events: SubscriptionWish = {
  key: "events",
  resource: `/users/${OID}/events`,
  changeTypes: ["created", "updated", "deleted"],
  includeResourceData: false,
};
const CHANGES = "/api/v1/graph/changes";
const LIFECYCLE = "/api/v1/graph/lifecycle";

let world: SubscriptionsWorld;
let node: Node;
const listener = new TestListener("chats", [chats, events]);
const stranger = newSigningKey("attacker");
let serial = 0;

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

const of = (resource: string) => {
  const found = world.remote.find((one) => one.resource === resource);
  if (!found) throw new Error(`no subscription to ${resource}`);
  return found;
};
const rich = () => of(chats.resource);
const plain = () => of(events.resource);

function claims(change: Record<string, unknown> = {}) {
  const at = Math.floor(world.clock.now() / 1000);
  const { issuerV1, tenantId } = world.entra.ports();
  return {
    ...{ aud: world.clientId, iss: issuerV1, iat: at - 60, nbf: at - 60, exp: at + 3_600 },
    ...{ appid: CHANGE_TRACKING_APP_ID, idtyp: "app", tid: tenantId, ver: "1.0", oid: randomUUID() },
    ...change,
  };
}
const token = (change: Record<string, unknown> = {}, header: object = {}) =>
  signJwt(claims(change), world.entra.ports().key, header);
const v2Token = (change: Record<string, unknown> = {}) =>
  token({ ver: "2.0", iss: world.entra.issuerV2, appid: undefined, azp: CHANGE_TRACKING_APP_ID, ...change });

type Entry = Record<string, unknown>;
const nextId = () => {
  serial += 1;
  return `m${serial}`;
};

function common(one = rich()): Entry {
  const { id, clientState } = one;
  return { subscriptionId: id, clientState, tenantId: world.tenant.id, changeType: "created" };
}
function message(id: string, change: Entry = {}, options: EncryptOptions = {}): Entry {
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
const event = (id: string, change: Entry = {}): Entry => ({
  ...common(plain()),
  resource: `Users/${OID}/Events/${id}`,
  resourceData: { id, "@odata.etag": `W/"${id}"` },
  ...change,
});
const body = (entries: unknown[], tokens: unknown = [token()]) => ({
  value: entries,
  validationTokens: tokens,
});

/** Waits until everything has been handled. */
const settled = () =>
  world.until("an empty queue", () => {
    const waiting = [...world.store.values.keys()].filter((key) => /^queue_changes_[0-9a-z]$/.test(key));
    return waiting.length === 0;
  });
const heard = () =>
  listener.heard.map(({ resource }) =>
    "messageId" in resource ? resource.messageId : "eventId" in resource ? resource.eventId : "",
  );

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
      expect(heard()).toContain(id);
    });
  }

  test("a thousand of them in one request", async () => {
    const before = listener.heard.length;
    const entries = Array.from({ length: 1_000 }, () => event(nextId()));
    expect((await node.post({ value: entries })).status).toBe(202);
    await settled();
    expect(listener.heard.length - before).toBe(1_000);
  });

  test("a thousand of them in one request", async () => {
    const before = listener.heard.length;
    const entries = Array.from({ length: 1_000 }, () => event(nextId()));
    expect((await node.post({ value: entries })).status).toBe(202);
    await settled();
    expect(listener.heard.length - before).toBe(1_000);
  });

  test("a body full of empty entries is answered in time, and entries beyond the limit are counted", async () => {
    const [id, before] = [nextId(), node.dropped("malformed")];
    const junk = `{"value":[${JSON.stringify(event(id))},${"0,".repeat(1_999_999)}0]}`;
    expect((await node.post(junk)).status).toBe(202);
    await settled();
    expect(heard()).toContain(id);
    expect(node.dropped("malformed") - before).toBe(2_000_000);
  });

  test("accepts any content type", async () => {
    const id = nextId();
    expect((await node.post({ value: [event(id)] }, CHANGES, { "Content-Type": "text/plain" })).status).toBe(
      202,
    );
    await settled();
    expect(heard()).toContain(id);
  });
});

describe("a bad entry is dropped and counted, and its neighbour is delivered", () => {
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
      expect(heard()).not.toContain(id);
      expect(heard()).toContain(neighbour);
      expect(node.dropped(reason) - before).toBe(1);
    });
  }
});

describe("without a valid token, resource data is refused and plain changes are accepted", () => {
  const parts = () => token().split(".");
  const unsigned = (header: object) =>
    `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${parts()[1]}.`;
  const at = () => Math.floor(world.clock.now() / 1000);
  const bad: [name: string, tokens: () => unknown][] = [
    ["no tokens", () => []],
    ["a good one in no list", () => token()],
    ["an object of good ones", () => ({ 0: token(), length: 1 })],
    ["null for a list", () => null],
    ["an empty token", () => [""]],
    ["a number", () => [7]],
    ["null beside a good one", () => [null, token()]],
    [
      "a forged one beside a good one",
      () => [token(), signJwt(claims(), { ...stranger, kid: world.entra.ports().key.kid })],
    ],
    ["seventeen good ones", () => Array.from({ length: 17 }, () => token())],
    ["another audience", () => [token({ aud: randomUUID() })]],
    ["Graph as audience", () => [token({ aud: "00000003-0000-0000-c000-000000000000" })]],
    ["a list of audiences", () => [token({ aud: [world.clientId] })]],
    ["another issuer", () => [token({ iss: `https://sts.sandbox.example/${randomUUID()}/` })]],
    ["the issuer of version 2 in version 1", () => [token({ iss: world.entra.issuerV2 })]],
    ["the real cloud's issuer", () => [token({ iss: `https://sts.windows.net/${world.tenant.id}/` })]],
    ["another tenant", () => [token({ tid: randomUUID() })]],
    ["another sender", () => [token({ appid: randomUUID() })]],
    ["no sender", () => [token({ appid: undefined })]],
    [
      "the sender of version 1 in version 2",
      () => [v2Token({ azp: undefined, appid: CHANGE_TRACKING_APP_ID })],
    ],
    ["another sender of version 2", () => [v2Token({ azp: world.clientId })]],
    ["a person's token", () => [token({ scp: "access_as_user" })]],
    ["an expired one", () => [token({ exp: at() - 3_600 })]],
    ["one without expiry", () => [token({ exp: undefined })]],
    ["one that is not valid yet", () => [token({ nbf: at() + 3_600 })]],
    ["one that lives for a year", () => [token({ exp: at() + 365 * 86_400 })]],
    ["a stranger's key", () => [signJwt(claims(), stranger)]],
    [
      "a stranger's key under our kid",
      () => [signJwt(claims(), { ...stranger, kid: world.entra.ports().key.kid })],
    ],
    ["alg none", () => [unsigned({ alg: "none", typ: "JWT" })]],
    ["alg HS256", () => [token({}, { alg: "HS256" })]],
    ["alg RS384", () => [token({}, { alg: "RS384" })]],
    ["a critical extension", () => [token({}, { crit: ["x"] })]],
    ["no signature", () => [parts().slice(0, 2).join(".")]],
    ["another signature", () => [[...parts().slice(0, 2), token({ x: 1 }).split(".")[2]].join(".")]],
    ["other claims", () => [[parts()[0], v2Token().split(".")[1], parts()[2]].join(".")]],
    ["a token of 20 KB", () => [token({ x: "y".repeat(20_000) })]],
    [
      "a token for the tab",
      () => [
        world.entra.tabToken(
          [...world.tenant.applications.values()][0] as never,
          world.tenant.addPerson({ displayName: "A", userPrincipalName: `${randomUUID()}@sandbox.example` }),
        ),
      ],
    ],
  ];
  for (const [name, tokens] of bad) {
    test(name, async () => {
      const [id, neighbour] = [nextId(), nextId()];
      const before = node.dropped("unproven");
      expect((await node.post(body([message(id), event(neighbour)], tokens()))).status).toBe(202);
      await settled();
      expect(heard()).not.toContain(id);
      expect(heard()).toContain(neighbour);
      expect(node.dropped("unproven") - before).toBe(1);
    });
  }

  test("every kind of bad token raises an alarm, logged once a minute without the token", async () => {
    await node.post(body([message(nextId())], []));
    const { alarms } = await node.subscriptions.status();
    expect(alarms.map(({ reason }) => reason)).toContain("unproven");
    const warned = world.warnings.filter((line) => line.includes("was not from Microsoft"));
    expect(warned.length).toBeLessThanOrEqual(2);
    expect(world.warnings.join("\n")).not.toMatch(/eyJ|hello/);
    expect(badTokens.length).toBeGreaterThan(0);
  });

  test("rotated keys are fetched, once", async () => {
    world.clock.jumpTo(world.clock.now() + 60_000);
    world.entra.rotateKeys();
    const before = world.entra.fetched.keys;
    const ids = Array.from({ length: 5 }, nextId);
    for (const id of ids) await node.post(body([message(id)]));
    await settled();
    expect(heard()).toEqual(expect.arrayContaining(ids));
    expect(world.entra.fetched.keys - before).toBe(1);
  });
});

describe("refuses what the fake Graph forges", () => {
  for (const forgery of forgeries) {
    test(forgery, async () => {
      const [id, after] = [nextId(), nextId()];
      const { subscriptions } = world.graph;
      subscriptions.forgeNext = forgery;
      await subscriptions.notify(sent(id));
      await subscriptions.notify(sent(after));
      await settled();
      expect(heard()).not.toContain(id);
      expect(heard()).toContain(after);
      expect(subscriptions.deliveries.at(-2)?.statuses).toEqual([202]);
    });
  }
});

describe("refuses a body", () => {
  const bad: [name: string, body: string | Uint8Array, status: number][] = [
    ["nothing", "", 400],
    ["no JSON", "{", 400],
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 400],
    ["a byte order mark", "\ufeff\ufeff{}", 400],
    ["null", "null", 400],
    ["a list", "[]", 400],
    ["a text", '"value"', 400],
    ["no value", "{}", 400],
    ["a value that is null", '{"value":null}', 400],
    ["a value that is an object", '{"value":{}}', 400],
    ["depth without end", `{"value":${"[".repeat(1_000_000)}`, 400],
    ["more than 4 MB", JSON.stringify({ value: ["x".repeat(4 * 1024 * 1024)] }), 413],
  ];
  for (const path of [CHANGES, LIFECYCLE]) {
    for (const [name, content, status] of bad) {
      test(`${path}: ${name}: ${status}`, async () => {
        const calls = world.store.calls;
        expect((await node.post(content, path)).status).toBe(status);
        expect(world.store.calls).toBe(calls);
      });
    }
    test(`${path}: an empty list is accepted`, async () => {
      expect((await node.post({ value: [] }, path)).status).toBe(202);
    });
    for (const method of ["GET", "PUT", "PATCH", "DELETE", "HEAD"]) {
      test(`${method} ${path}: 405`, async () => {
        expect((await node.request(`${path}?validationToken=x`, { method })).status).toBe(405);
      });
    }
  }

  test("a body of 4 MB without a length is refused in time", async () => {
    let sentBytes = 0;
    const stream = new ReadableStream({
      pull(controller) {
        sentBytes += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    const response = await node.request(CHANGES, { method: "POST", body: stream });
    expect(response.status).toBe(413);
    expect(sentBytes).toBeLessThan(6 * 1024 * 1024);
  });
});

describe("the validation request", () => {
  const ask = (query: string, path = CHANGES) => node.request(`${path}?${query}`, { method: "POST" });

  for (const path of [CHANGES, LIFECYCLE]) {
    test(`${path}: returns the decoded token as plain text, and nothing else`, async () => {
      const calls = world.store.calls;
      const token = "Validation: Testing a b<c>&\"'% Request-Id: 1 ü";
      const response = await ask(`validationToken=${encodeURIComponent(token)}`, path);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(token);
      expect(response.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
      expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      expect(world.store.calls).toBe(calls);
    });
  }

  test("accepts plus signs for spaces", async () => {
    expect(await (await ask("a=1&validationToken=a+b%2Bc")).text()).toBe("a b+c");
  });

  test("ignores changes in the body", async () => {
    const id = nextId();
    const response = await node.post({ value: [event(id)] }, `${CHANGES}?validationToken=x`);
    expect(await response.text()).toBe("x");
    await settled();
    expect(heard()).not.toContain(id);
  });

  const refused: [name: string, query: string][] = [
    ["an empty token", "validationToken="],
    ["two tokens", "validationToken=a&validationToken=b"],
    ["a broken percent sign", "validationToken=%zz"],
    ["half a letter", "validationToken=%c3"],
    ["4 KB and one byte", `validationToken=${"x".repeat(4_097)}`],
    ["4 KB of letters with two bytes", `validationToken=${encodeURIComponent("ü".repeat(2_049))}`],
    ["1 MB", `validationToken=${"x".repeat(1_048_576)}`],
  ];
  for (const [name, query] of refused) {
    test(`${name}: 400`, async () => expect((await ask(query)).status).toBe(400));
  }
  test("4 KB: 200", async () => expect((await ask(`validationToken=${"x".repeat(4_096)}`)).status).toBe(200));
});

describe("lifecycle entries", () => {
  const asked = () =>
    JSON.stringify([...world.store.values].map(([key, value]) => [key, String(value)])).includes(
      '\\"asked\\":\\"re',
    );
  const entry = (change: Entry = {}) => ({
    ...common(),
    changeType: undefined,
    lifecycleEvent: "reauthorizationRequired",
    ...change,
  });
  const bad: [name: string, make: () => Entry, reason: string][] = [
    ["another client state", () => entry({ clientState: "x" }), "invalid_webhook_secret"],
    ["no client state", () => entry({ clientState: undefined }), "invalid_webhook_secret"],
    ["another tenant", () => entry({ tenantId: randomUUID() }), "foreign_tenant"],
    ["another subscription", () => entry({ subscriptionId: randomUUID() }), "unknown_subscription"],
    ["an unknown event", () => entry({ lifecycleEvent: "deleted" }), "malformed"],
    ["no event", () => entry({ lifecycleEvent: undefined }), "malformed"],
    ["a change", () => message(nextId()), "malformed"],
  ];
  for (const [name, make, reason] of bad) {
    test(`${name}: ${reason}, and nothing happens`, async () => {
      const [before, calls] = [node.dropped(reason), world.calls.length];
      expect((await node.post({ value: [make()] }, LIFECYCLE)).status).toBe(202);
      expect(node.dropped(reason) - before).toBe(1);
      expect(asked()).toBe(false);
      expect(world.calls.length).toBe(calls);
    });
  }

  test("a valid one is carried out", async () => {
    const calls = world.calls.length;
    expect((await node.post({ value: [entry()] }, LIFECYCLE)).status).toBe(202);
    await world.until("the renewal", () => world.calls.slice(calls).some((call) => call.startsWith("PATCH")));
  });
});

describe("delivery once", () => {
  test("the same POST twice, at once and later", async () => {
    const id = nextId();
    const same = body([message(id)]);
    await Promise.all([node.post(same), node.post(same)]);
    await settled();
    await node.post(same);
    await settled();
    expect(heard().filter((one) => one === id)).toHaveLength(1);
  });

  test("a replay by the fake Graph", async () => {
    const id = nextId();
    await world.graph.subscriptions.notify(sent(id));
    await settled();
    await world.graph.subscriptions.replay();
    await settled();
    expect(heard().filter((one) => one === id)).toHaveLength(1);
  });

  test("the same change, encrypted again", async () => {
    const id = nextId();
    for (let time = 0; time < 3; time += 1) await node.post(body([message(id)]));
    await settled();
    expect(heard().filter((one) => one === id)).toHaveLength(1);
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
    expect(heard().filter((one) => one === id)).toHaveLength(3);
  });

  test("two plain updates without an etag are both new changes", async () => {
    const id = nextId();
    const update = () => event(id, { changeType: "updated", resourceData: { id } });
    await node.post({ value: [update(), update()] });
    await settled();
    expect(heard().filter((one) => one === id)).toHaveLength(2);
  });
});

describe("a store that fails", () => {
  test("answers 503, and what Microsoft sends again is delivered once", async () => {
    const [id, second] = [nextId(), nextId()];
    const same = body([message(id), event(second)]);
    world.store.before = (call, key) => {
      if (key.startsWith("queue_changes") && call === "compareAndSet") throw new Error("no database");
    };
    const refused = await node.post(same);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: "changes_not_stored" });
    world.store.before = () => {};
    expect((await node.post(same)).status).toBe(202);
    await settled();
    expect(heard().filter((one) => one === id || one === second)).toHaveLength(2);
  });

  test("does not matter for entries that are dropped anyway", async () => {
    world.store.before = () => {
      throw new Error("no database");
    };
    expect((await node.post(body([message(nextId(), { clientState: "x" })]))).status).toBe(202);
  });
});

test("only declared keys are stored, and no text of a message is readable", () => {
  expect(world.store.values.size).toBeGreaterThan(10);
  for (const [key, value] of world.store.values) {
    expect([key, storedKeys.some(({ prefix }) => key.startsWith(prefix))]).toEqual([key, true]);
    expect(new TextDecoder().decode(value)).not.toMatch(/hello|text m\d/);
  }
});

test("content waits for Entra's keys while they are unreachable, and none is lost", async () => {
  const other = new SubscriptionsWorld();
  try {
    const late = new TestListener();
    const first = other.node(late);
    first.subscriptions.start();
    await other.until("a subscription", async () =>
      (await first.subscriptions.status()).subscriptions.some(({ since }) => since !== null),
    );
    other.entra.setFaults({ unreachable: true });
    await other.graph.subscriptions.notify(sent("1"));
    expect(other.graph.subscriptions.deliveries.at(-1)?.statuses).toEqual([202]);
    await Bun.sleep(20);
    expect(late.heard).toEqual([]);
    other.entra.healthy();
    await other.clock.pass(11_000);
    await other.until("the change", () => late.ids.includes("1"));
    other.entra.setFaults({ unreachable: true });
  } finally {
    await other.stop();
  }
});
