/**
 * Tests upgrades, downgrades and backups: the stored data is not what this plugin last wrote. Needs `npm run build`.
 */

import { afterEach, describe, expect, test } from "bun:test";
import { DATA_VERSION } from "../../server/platform/store/stored-data.ts";
import { until } from "../until.ts";
import { PATIENCE_MS, Stage } from "./stage.ts";

let stage: Stage;
afterEach(() => stage.sandbox.close());

const VERSION = "data/version";
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const version = () => JSON.parse(new TextDecoder().decode(stage.kv.get(VERSION) ?? undefined)) as unknown;
/** The stored data without leases and locks, which come and go. */
const kept = () =>
  stage.kv
    .backup()
    .filter(([key]) => !key.startsWith("lease_"))
    .map(([key, { value }]) => `${key} ${Buffer.from(value).toString("hex")}`)
    .sort();

describe("the version of the stored data", () => {
  test(
    "two nodes that start at once accept data without a version, and store one",
    async () => {
      stage = await Stage.set({ nodes: 2 });
      const { alex } = stage.sandbox.scene;
      expect((await stage.signIn(alex.person)).status).toBe(200);
      await stage.sandbox.mattermost.stopPlugin();
      stage.kv.delete(VERSION);
      await stage.sandbox.mattermost.startPlugin();
      expect(version()).toEqual({ version: DATA_VERSION });
      expect((await stage.signIn(alex.person)).status).toBe(200);
      expect(stage.linked()).toEqual([alex.person.objectId]);
    },
    PATIENCE_MS,
  );

  test(
    "a plugin that finds newer data reports it, is not activated and changes nothing; the newer one keeps working",
    async () => {
      stage = await Stage.set();
      const { mattermost, scene } = stage.sandbox;
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
      await mattermost.stopPlugin();
      stage.kv.set(VERSION, text({ version: DATA_VERSION + 1 }));
      const before = kept();

      await expect(mattermost.startPlugin()).rejects.toThrow(
        /newer version of this plugin.*nothing was changed/,
      );
      await Bun.sleep(500);
      expect(kept()).toEqual(before);
      expect((await stage.signIn(scene.alex.person)).status).toBe(404);

      stage.kv.set(VERSION, text({ version: DATA_VERSION }));
      await mattermost.startPlugin();
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
    },
    PATIENCE_MS,
  );

  test(
    "a running node keeps working when the data becomes newer; it does not start again once it has ended",
    async () => {
      stage = await Stage.set({ nodes: 2 });
      const { mattermost, scene, wires, world } = stage.sandbox;
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
      // The data that the first newer node of a rolling upgrade leaves behind, seen by older nodes.
      stage.kv.set(VERSION, text({ version: DATA_VERSION + 1 }));
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);

      mattermost.crash("node-1");
      await until(() => mattermost.process("node-1") === undefined, "the process has ended");
      const failure = () =>
        wires
          .since(0)
          .find(({ ok, what, wire }) => wire === "process" && !ok && what.includes("newer version"));
      await until(() => failure() !== undefined, "the server has tried to start it again");
      expect(failure()?.node).toBe("node-1");
      expect(mattermost.process("node-1")).toBeUndefined();
      expect([...world.hookSinks].map(({ node }) => node)).toEqual(["node-2"]);
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
      await stage.mention("@alex by the node that is left");
      await until(() => stage.activityCount("by the node that is left") === 1, "the activity arrives");
    },
    PATIENCE_MS,
  );

  test(
    "an unreadable version stops the start, and nothing is changed",
    async () => {
      stage = await Stage.set();
      await stage.sandbox.mattermost.stopPlugin();
      stage.kv.set(VERSION, text({ version: "two" }));
      const before = kept();
      await expect(stage.sandbox.mattermost.startPlugin()).rejects.toThrow(/data\/version is not readable/);
      expect(kept()).toEqual(before);
    },
    PATIENCE_MS,
  );
});

describe("a backup is restored", () => {
  test(
    "the links are those of the backup: removed links are back, and later ones are made again at the next sign-in",
    async () => {
      stage = await Stage.set();
      const { mattermost, scene, tenant, world } = stage.sandbox;
      const { alex, sam } = scene;
      const mia = { person: tenant.person("mia.tanaka@harbor.example"), user: world.userByUsername("mia") };
      if (!mia.person || !mia.user) throw new Error("no Mia");
      await stage.save({ system_admin_sign_in: "always" });
      for (const person of [alex.person, mia.person]) expect((await stage.signIn(person)).status).toBe(200);
      const backup = stage.kv.backup();
      // Meanwhile things change: Mia is unlinked, Sam comes.
      expect((await stage.asAdmin("DELETE", `/admin/links/${mia.user.Id}`)).status).toBe(204);
      expect((await stage.signIn(sam.person)).status).toBe(200);
      expect(stage.linked().sort()).toEqual([alex.person.objectId, sam.person.objectId].sort());
      const later = [...world.sessions.keys()];
      await mattermost.stopPlugin();
      stage.kv.restore(backup);
      await mattermost.startPlugin();

      expect(stage.linked().sort()).toEqual([alex.person.objectId, mia.person.objectId].sort());
      for (const person of [sam.person, alex.person]) expect((await stage.signIn(person)).status).toBe(200);
      expect(stage.linked()).toHaveLength(3);
      // The restored link gives no session to an account that was deactivated meanwhile.
      world.setActive(mia.user.Id, false);
      expect((await stage.signIn(mia.person)).status).toBe(403);
      // Sessions known only to the lost records stay until the server itself ends them.
      expect(later.some((id) => world.sessions.has(id))).toBe(true);
    },
    PATIENCE_MS,
  );

  test(
    "old mentions are dropped; those within the expiry are delivered",
    async () => {
      stage = await Stage.set();
      const { graph, mattermost, scene, world } = stage.sandbox;
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
      graph.setFaults({ unreachable: true });
      const old = await stage.mention("@alex of last week");
      await stage.mention("@alex of just now");
      await until(() => stage.outbox().length === 2, "two entries");
      await mattermost.stopPlugin();
      // As in a backup a week old, but without the expiry that the database itself keeps, which is the harder case.
      const backup = stage.kv.backup().map(([key, row]) => {
        if (!/^queue_activity_[0-9a-z]$/.test(key)) return [key, row] as const;
        const record = JSON.parse(new TextDecoder().decode(row.value)) as {
          entries: { id: string; at: number }[];
        };
        const entries = record.entries.map((one) =>
          one.id.includes(old) ? { ...one, at: one.at - 7 * 86_400_000 } : one,
        );
        return [key, { value: text({ ...record, entries }), expiresAt: 0 }] as const;
      });
      stage.kv.restore(backup);
      const post = world.posts.get(old);
      if (post) post.CreateAt -= 7 * 86_400_000;
      graph.healthy();
      await mattermost.startPlugin();

      await until(() => stage.activityCount("of just now") === 1, "the recent mention is delivered");
      await until(() => stage.outbox().length === 0, "the outbox is empty");
      expect(stage.activityCount("of last week")).toBe(0);
    },
    PATIENCE_MS,
  );

  test(
    "posts that waited in data of version 1 are delivered after the upgrade",
    async () => {
      stage = await Stage.set();
      const { graph, mattermost, scene } = stage.sandbox;
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
      graph.setFaults({ unreachable: true });
      const post = await stage.mention("@alex before the upgrade");
      await until(() => stage.outbox().length === 1, "an entry");
      await mattermost.stopPlugin();
      const at = Date.now();
      for (const key of stage.kv.keys()) if (key.startsWith("queue_activity_")) stage.kv.delete(key);
      const old = { v: 1, post, channel: scene.operations, at, covered: "", sent: [], held: [] };
      stage.kv.set(`outbox_${at.toString(36).padStart(9, "0")}_${post}`, text(old));
      stage.kv.set(VERSION, text({ version: 1 }));
      graph.healthy();
      await mattermost.startPlugin();
      await until(() => stage.activityCount("before the upgrade") === 1, "the activity arrives");
      expect(stage.kv.keys().filter((key) => key.startsWith("outbox_"))).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    "an entry whose post is missing in the restored database is dropped",
    async () => {
      stage = await Stage.set();
      const { graph, mattermost, scene, world } = stage.sandbox;
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
      graph.setFaults({ unreachable: true });
      const gone = await stage.mention("@alex lost with the database");
      await until(() => stage.outbox().length === 1, "an entry");
      await mattermost.stopPlugin();
      world.posts.delete(gone);
      graph.healthy();
      await mattermost.startPlugin();
      await until(() => stage.outbox().length === 0, "the outbox is empty");
      expect(stage.activityCount("lost with the database")).toBe(0);
    },
    PATIENCE_MS,
  );

  test(
    "without any row of the plugin, everybody is linked again at the next sign-in",
    async () => {
      stage = await Stage.set();
      const { mattermost, scene } = stage.sandbox;
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
      await mattermost.stopPlugin();
      stage.kv.clear();
      await mattermost.startPlugin();
      expect(stage.linked()).toEqual([]);
      expect((await stage.signIn(scene.alex.person)).status).toBe(200);
      expect(version()).toEqual({ version: DATA_VERSION });
    },
    PATIENCE_MS,
  );
});
