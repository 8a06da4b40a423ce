/** Events that end a link or its sessions, and links that a crash left half done. */

import { describe, expect, test } from "bun:test";
import { PERSON, TENANT } from "../microsoft/entra/testing/authority.ts";
import { later, OTHER_PERSON, openLinks, reason, signIn, world } from "./testing/linked-person.ts";

openLinks();

describe("ending sessions", () => {
  test("unlinking ends the sessions of the tab at once", async () => {
    const ana = world.addAna();
    const first = world.sessionOf(await signIn());
    const second = world.sessionOf(await signIn());
    expect(world.mattermost.sessions.size).toBe(2);
    await world.identity.links.unlink(ana.Id);
    expect(world.mattermost.sessions.has(first?.Id ?? "")).toBe(false);
    expect(world.mattermost.sessions.has(second?.Id ?? "")).toBe(false);
    expect(await world.identity.links.unlink(ana.Id)).toBe(false);
  });

  test("a deactivation ends them, too, and a sign-in in progress does not undo it", async () => {
    const ana = world.addAna();
    await signIn();
    // The account is deactivated after it was read, before the session is recorded.
    world.fault = async (method) => {
      if (method !== "createSession") return undefined;
      world.fault = undefined;
      world.mattermost.setActive(ana.Id, false);
      await world.identity.deactivated(ana.Id);
      return undefined;
    };
    expect((await signIn()).status).toBe(401);
    expect(reason()).toBe("ended_meanwhile");
    expect(world.mattermost.sessions.size).toBe(0);
  });

  test("a sign-in in progress while the link is removed gets no session", async () => {
    const ana = world.addAna();
    await signIn();
    world.fault = async (method) => {
      if (method !== "createSession") return undefined;
      world.fault = undefined;
      await world.identity.links.unlink(ana.Id);
      return undefined;
    };
    expect((await signIn()).status).toBe(401);
    expect(world.mattermost.sessions.size).toBe(0);
  });

  test("a session that cannot be recorded is ended at once", async () => {
    world.addAna();
    await signIn();
    const before = world.mattermost.sessions.size;
    world.fault = (method) => (method === "kvCompareAndSet" ? new Error("database") : undefined);
    expect((await signIn()).status).toBe(500);
    world.fault = undefined;
    expect(world.mattermost.sessions.size).toBe(before);
  });
});

describe("other parts of the plugin", () => {
  test("are notified of links made and removed", async () => {
    const changed: string[] = [];
    world.identity.links.onLinkChange((userId) => changed.push(userId));
    const ana = world.addAna();
    await signIn();
    await signIn();
    expect(changed).toEqual([ana.Id]);
    await world.identity.links.unlink(ana.Id);
    expect(changed).toEqual([ana.Id, ana.Id]);
  });

  test("look links up from memory, without a call per member", async () => {
    const ana = world.addAna();
    await signIn();
    const members = Array.from({ length: 5000 }, (_, index) => `${index}`.padStart(26, "x"));
    await world.identity.links.byMattermostUser(members);
    world.calls.length = 0;
    const found = await world.identity.links.byMattermostUser([...members, ana.Id]);
    expect([...found.keys()]).toEqual([ana.Id]);
    expect(world.calls).toEqual([]);
  });
});

describe("a claim that a crash left behind", () => {
  test("blocks the account for a minute, not for ever", async () => {
    const ana = world.addAna();
    // The claim is written, and the node dies before the link is.
    world.fault = (method, [key]) =>
      method === "kvCompareAndSet" && String(key).startsWith("link.") ? new Error("node died") : undefined;
    expect((await signIn()).status).toBe(500);
    world.fault = undefined;
    expect((await world.post(world.v2({ oid: OTHER_PERSON }))).status).toBe(403);
    later();
    expect((await signIn({ oid: OTHER_PERSON })).status).toBe(200);
    expect(await world.identity.links.store.byAccount(ana.Id)).toMatchObject({ objectId: OTHER_PERSON });
  });

  test("can be taken up by the same person at once", async () => {
    world.addAna();
    world.fault = (method, [key]) =>
      method === "kvCompareAndSet" && String(key).startsWith("link.") ? new Error("node died") : undefined;
    await signIn();
    world.fault = undefined;
    expect((await world.post(world.v2())).status).toBe(200);
  });
});

describe("a damaged record", () => {
  const damaged = ["", "{", "[]", '{"userId":""}', '{"userId":5}', "null"];
  for (const text of damaged) {
    test(`admits nobody: ${text || "(empty object)"}`, async () => {
      const ana = world.addAna();
      await signIn();
      await world.api.kvSet(`link.${TENANT}.${PERSON}`, new TextEncoder().encode(text || "{}"));
      const before = world.mattermost.sessions.size;
      expect((await signIn()).status).toBe(500);
      expect(world.mattermost.sessions.size).toBe(before);
      // An admin can remove it.
      expect(await world.identity.links.unlink(ana.Id)).toBe(true);
      expect((await signIn()).status).toBe(200);
    });
  }
});
