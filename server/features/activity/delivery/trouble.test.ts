import { describe, expect, test } from "bun:test";
import { GraphError } from "../../../microsoft/graph/index.ts";
import { ProductError } from "../../../platform/errors.ts";
import { error } from "../testing/graph-stand-in.ts";
import { MINUTE, type Rig, rigOf, say } from "../testing/rig.ts";
import { idOf } from "../testing/world.ts";

describe("refusals of Graph", () => {
  const activities = (r: Rig) => r.feed.length;

  test("throttled: the same request is repeated after Retry-After", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(error(429, "TooManyRequests", "slow down", { "Retry-After": "90" }));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(89_000);
    expect(activities(r)).toBe(0);
    await r.clock.pass(2_000);
    expect(activities(r)).toBe(1);
    await node.notifications.stop();
  });

  test("unreachable for an hour: attempts get rarer, then everything is sent in order", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(...Array.from({ length: 15 }, () => "hang up" as const));
    for (let i = 0; i < 3; i += 1) {
      r.clock.time += 1;
      await node.posted(say(r, `@bob ${i}`));
    }
    await r.clock.pass(10 * MINUTE);
    expect(r.graph.requests.length).toBeLessThan(12);
    expect(node.notifications.state().trouble?.code).toBe("unreachable");
    await r.clock.pass(50 * MINUTE);
    expect(r.graph.sent.map((one) => one.preview)).toEqual(["@bob 0", "@bob 1", "@bob 2"]);
    expect(node.notifications.state().trouble).toBeNull();
    await node.notifications.stop();
  });

  test("unreachable for longer than the expiry: the post is dropped and counted", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(...Array.from({ length: 500 }, () => "hang up" as const));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(121 * MINUTE);
    expect(r.store.waiting).toEqual([]);
    expect(node.counts.get("notifications_dropped_total expired")).toBe(1);
    expect(activities(r)).toBe(0);
    await node.notifications.stop();
  });

  test("the token is too short-lived (412): a new one is requested at once", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(error(412, "PreconditionFailed"));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(activities(r)).toBe(1);
    expect(r.tokens).toBe(1);
    await node.notifications.stop();
  });

  test("a role is missing: the admin reads which one, and delivery continues when it is granted", async () => {
    const r = rigOf();
    const node = r.node();
    const says = "Missing role permissions on the request. API requires one of 'TeamsActivity.Send'.";
    r.graph.script.push(error(403, "Forbidden", says), error(403, "Forbidden", says));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(node.notifications.state().trouble?.code).toBe("roles_missing");
    expect(r.graph.requests.length).toBe(1);
    await r.clock.pass(5 * MINUTE);
    expect(activities(r)).toBe(1);
    await node.notifications.stop();
  });

  test("changed settings are tried at once", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(...Array.from({ length: 8 }, () => "hang up" as const));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(3 * MINUTE);
    r.graph.script.length = 0;
    r.config.set({ app_version: "1.0.1" });
    await r.clock.pass(0);
    expect(activities(r)).toBe(1);
    await node.notifications.stop();
  });

  test("one person without the app does not fail the batch, and is skipped afterwards", async () => {
    const r = rigOf();
    for (let i = 0; i < 60; i += 1) r.world.person(`member${i}`);
    r.graph.notInstalled.add(r.world.links.get(idOf("carol"))?.objectId ?? "");
    const node = r.node();
    await node.posted(say(r, "@channel"));
    await r.clock.pass(MINUTE);
    expect(new Set(r.graph.sent.map((one) => one.objectId)).size).toBe(61);
    expect(r.graph.sent.length).toBe(61);
    expect(r.graph.requests.length).toBeLessThan(16);
    const before = r.graph.requests.length;
    await node.posted(say(r, "@carol"));
    await r.clock.pass(MINUTE);
    expect(r.graph.requests.length).toBe(before);
    await r.clock.pass(7 * 60 * MINUTE);
    r.graph.notInstalled.clear();
    await node.posted(say(r, "@carol"));
    await r.clock.pass(MINUTE);
    expect(r.feed.at(-1)).toBe("carol: @alice mentioned you in Town Square");
    await node.notifications.stop();
  });

  test("nobody has the app: delivery stops after a few refusals, and skips only these people later", async () => {
    const r = rigOf();
    for (let i = 0; i < 90; i += 1) r.world.person(`member${i}`);
    for (const link of r.world.links.values()) r.graph.notInstalled.add(link.objectId);
    const node = r.node();
    await node.posted(say(r, "@channel"));
    await r.clock.pass(MINUTE);
    expect(r.graph.requests.length).toBeLessThan(30);
    expect(r.store.waiting).toEqual([]);
    expect(node.notifications.state().trouble?.code).toBe("graph_403");
    // Six people were refused one by one and are skipped; the others may have the app.
    r.graph.notInstalled.clear();
    await node.posted(say(r, "@channel again"));
    await r.clock.pass(MINUTE);
    expect(new Set(r.graph.sent.map((one) => one.objectId)).size).toBe(92 - 6);
    await node.notifications.stop();
  });

  test("a request refused as such (400) says nothing about the person", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(error(400, "BadRequest", "activity type"));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(MINUTE);
    expect(activities(r)).toBe(0);
    expect(node.notifications.state().trouble?.cure).toContain("Upload the current package");
    await node.posted(say(r, "@bob again"));
    await r.clock.pass(MINUTE);
    expect(activities(r)).toBe(1);
    await node.notifications.stop();
  });

  test("a person whom Entra does not know (404) is skipped", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(error(404, "NotFound"));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(MINUTE);
    await node.posted(say(r, "@bob again"));
    await r.clock.pass(MINUTE);
    expect(activities(r)).toBe(0);
    expect(node.counts.get("notifications_skipped_total unreachable")).toBe(1);
    await node.notifications.stop();
  });

  test("Entra is unreachable: retried within seconds", async () => {
    const r = rigOf();
    const node = r.node();
    r.tokenErrors.push(new ProductError("microsoft_unreachable", "entra: network"));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(3_000);
    expect(activities(r)).toBe(1);
    await node.notifications.stop();
  });

  test("the secret has expired: it is logged once, and retried after a minute", async () => {
    const r = rigOf();
    const node = r.node();
    const expired = () => new ProductError("credential_refused", "AADSTS7000222");
    r.tokenErrors.push(expired(), expired());
    await node.posted(say(r, "@bob"));
    await r.clock.pass(30_000);
    expect(node.notifications.state().trouble).toMatchObject({
      code: "credential_refused",
      says: "AADSTS7000222",
    });
    expect(activities(r)).toBe(0);
    await r.clock.pass(2 * MINUTE);
    expect(activities(r)).toBe(1);
    expect(node.log.filter((line) => line.includes("credential_refused")).length).toBe(1);
    await node.notifications.stop();
  });

  test("a refusal that arrives after the settings were corrected delays nothing", async () => {
    for (const refusal of [
      new ProductError("credential_refused", "AADSTS7000215"),
      new GraphError({
        status: 403,
        code: "Forbidden",
        says: "not installed",
        requestId: null,
        retryAfterMs: null,
      }),
    ]) {
      const r = rigOf();
      const node = r.node();
      const late = Promise.withResolvers<Error>();
      r.tokenErrors.push(late.promise);
      await node.posted(say(r, "@bob"));
      await r.clock.pass(1000);
      r.config.set({ app_version: "1.0.1" });
      late.resolve(refusal);
      await r.clock.pass(3_000);
      expect(activities(r)).toBe(1);
      expect(node.notifications.state().trouble).toBeNull();
      await node.notifications.stop();
    }
  });

  test("the app was uploaded again: the new catalog id is found and used", async () => {
    const r = rigOf();
    const node = r.node();
    await node.posted(say(r, "@bob"));
    await r.clock.pass(10 * MINUTE);
    r.graph.catalogId = "catalog-2";
    await node.posted(say(r, "@bob again"));
    await r.clock.pass(MINUTE);
    expect(activities(r)).toBe(2);
    expect(r.graph.sent[1]?.webUrl).toContain("/l/entity/catalog-2/");
    await node.notifications.stop();
  });

  test("the app is not in the catalog yet: it waits, reports it, and continues when it is", async () => {
    const r = rigOf();
    r.graph.inCatalog = false;
    const node = r.node();
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(node.notifications.state().trouble?.code).toBe("catalog_app_missing");
    r.graph.inCatalog = true;
    await r.clock.pass(2 * MINUTE);
    expect(activities(r)).toBe(1);
    await node.notifications.stop();
  });

  test("two apps with one registration: the admin reads that", async () => {
    const r = rigOf();
    const node = r.node();
    r.graph.script.push(error(409, "Conflict", "Found multiple applications with the same AAD App ID"));
    await node.posted(say(r, "@bob"));
    await r.clock.pass(1000);
    expect(node.notifications.state().trouble?.cure).toContain("Two Teams apps");
    await node.notifications.stop();
  });
});
