/**
 * Kills the built executable (`kill -9`) before each of its writes while it connects a person, refreshes a token,
 * renews a subscription, or handles a change. Afterwards nothing may be half done. Runs in `npm test` after the
 * bundle is built.
 */

import { beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { needs } from "../sandbox/consent.ts";
import { until } from "../until.ts";
import type { AccountsStage } from "./accounts-stage.ts";
import { stageOfEachTest } from "./stage-of-each-test.ts";

// The plugin starts thirty times in the first test: half a minute on an idle machine, five minutes on a busy one.
setDefaultTimeout(900_000);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const start = stageOfEachTest();
let stage: AccountsStage;
// Each test has its own stage, because the number of its kills decides how many hours pass.
beforeEach(async () => {
  stage = await start({ settings: { calendar_enabled: true } });
  const { front, sandbox, save, tenant } = stage;
  for (const role of needs.calendar.roles) tenant.grantRole(sandbox.registration?.app.appId ?? "", role);
  await save({ notification_url: front.url });
  await until(isKept, "the subscription, and the record of it");
});

const subscriptions = () => [...stage.graph.subscriptions.all.values()];
/** When Microsoft's subscription expires, in milliseconds since 1970; 0: there is none. */
const expiry = () => subscriptions()[0]?.expiresAt ?? 0;

/** Whether there is one subscription, and the plugin knows its id. */
function isKept(): boolean {
  const [one, ...more] = subscriptions();
  return (
    one !== undefined && more.length === 0 && kept("subscription_").some((text) => text.includes(one.id))
  );
}

/** Records as text. */
function kept(prefix: string): string[] {
  const store = stage.world.kv(stage.sandbox.bundle.id);
  return store.keys().flatMap((key) => {
    const value = key.startsWith(prefix) ? store.get(key) : null;
    return value ? [new TextDecoder().decode(value)] : [];
  });
}

/** When the plugin believes that its subscription expires, in milliseconds since 1970; 0: nothing is recorded. */
function recordedExpiry(): number {
  const [, expiresAt] = /"expiresAt":(\d+)/.exec(kept("subscription_").join("")) ?? [];
  return Number(expiresAt ?? 0);
}

const isWrite = (method: string) => /^(kv(?!Get|List)|createPost|updatePost)/.test(method);

/** Runs `act`, and kills the process before its step number `at`. Answers whether it got so far. */
async function killed(
  at: number,
  keys: RegExp,
  act: () => Promise<unknown>,
  isOver: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const { mattermost } = stage;
  const isRunning = () => mattermost.process("node-1") !== undefined;
  let steps = 0;
  let isDead = false;
  let death: Promise<void> | null = null;
  mattermost.fault = async (method, [first]) => {
    const isStep = isWrite(method) && (method.endsWith("Post") || keys.test(String(first)));
    if (isStep && !isDead) steps += 1;
    if (steps >= at && isStep && !isDead) {
      isDead = true;
      // It may write before the server lists it among its processes.
      death = until(isRunning, "a process to kill").then(() => mattermost.crash("node-1"));
    }
    // Calls of a dead process have no effect.
    return isDead ? new Promise<never>(() => {}) : undefined;
  };
  try {
    const acting = act().catch(() => {});
    await until(async () => isDead || (await isOver()), "the end of either");
    if (!isDead) await acting;
    if (!isDead) return false;
    await death;
    await until(() => !isRunning(), "the end of the process");
  } finally {
    mattermost.fault = undefined;
  }
  await mattermost.stopPlugin();
  // Leases of the dead process run out.
  await stage.pass(MINUTE);
  await mattermost.startPlugin();
  await stage.ready();
  return true;
}

/** Kills at the first step, the second and so on, until there are no more. Answers the number of steps. */
async function atEachStep(one: (at: number) => Promise<boolean>): Promise<number> {
  for (let at = 1; ; at += 1) {
    if (at > 60) throw new Error("more than 60 steps");
    if (!(await one(at))) return at - 1;
  }
}

test("while a person connects: the next attempt works, and leaves one link and one connection", async () => {
  const steps = await atEachStep(async (at) => {
    const one = stage.member(`connects${at}`);
    const path = await one.signIn();
    let isDone = false;
    const wasKilled = await killed(
      at,
      /^(flow|connection|link)/,
      async () => {
        await one.ask(path);
        isDone = true;
      },
      () => isDone && one.messages().length > 0,
    );
    // Opens the same link again: an unused flow works, a used one never does.
    const again = (await one.ask(path)).status;
    expect([200, 400]).toContain(again);
    if ((await one.state()).connected !== true) expect([at, (await one.connect()).status]).toEqual([at, 200]);
    const { Id } = one.user;
    expect(await one.state()).toMatchObject({ connected: true, missing: [] });
    if (wasKilled) {
      await stage.mattermost.stopPlugin();
      await stage.pass(2 * HOUR);
      await stage.mattermost.startPlugin();
      await stage.ready();
    }
    await until(() => one.messages().some(({ Message }) => Message.includes("is connected")), "the welcome");
    expect(stage.keys().filter((key) => key === `connection.${Id}`)).toHaveLength(1);
    expect(kept("link.").filter((text) => text.includes(Id))).toHaveLength(1);
    expect((await one.ask(path)).status).toBe(400);
    expect((await one.ask("/api/v1/connection", { method: "DELETE" })).status).toBe(204);
    const left = [...kept("connection"), ...kept("link")].filter((text) => text.includes(Id));
    // Only the fact remains that they were connected once.
    expect([at, left.length]).toEqual([at, 1]);
    return wasKilled;
  });
  expect(steps).toBeGreaterThanOrEqual(6);
});

test("while a token is refreshed: the next call works, and nothing is lost", async () => {
  const one = stage.member("renews");
  await one.connect();
  const day = () => {
    const from = new Date(stage.now()).toISOString();
    const to = new Date(stage.now() + HOUR).toISOString();
    return one.ask(`/api/v1/calendar/events?from=${from}&to=${to}`);
  };
  expect((await day()).status).toBe(200);
  const steps = await atEachStep(async (at) => {
    await stage.pass(2 * HOUR);
    let isDone = false;
    const wasKilled = await killed(
      at,
      /^connection/,
      async () => {
        await day();
        isDone = true;
      },
      () => isDone,
    );
    expect([at, (await day()).status]).toEqual([at, 200]);
    expect((await one.state()).lost).toBeUndefined();
    return wasKilled;
  });
  expect(steps).toBeGreaterThanOrEqual(1);
});

test("while the subscription is renewed: it stays alive, and there is no second one", async () => {
  const ids = () => subscriptions().map(({ id }) => id);
  const before = ids();
  const { mattermost } = stage;
  const steps = await atEachStep(async (at) => {
    await mattermost.stopPlugin();
    // More than half of its life, which is 70 hours, and not all of it.
    expect(expiry() - stage.now()).toBeGreaterThan(60 * HOUR);
    await stage.pass(40 * HOUR);
    // A process that dies between Microsoft's answer and its record renews once more.
    const isRenewed = () => Math.min(expiry(), recordedExpiry()) > stage.now() + 60 * HOUR;
    const wasKilled = await killed(
      at,
      /^(subscription_|subscribed_)/,
      () => mattermost.startPlugin(),
      isRenewed,
    );
    await until(isRenewed, "the renewal, and the record of it");
    expect(ids()).toEqual(before);
    return wasKilled;
  });
  expect(steps).toBeGreaterThanOrEqual(1);
});

describe("while a change is handled", () => {
  test("and posted: there is exactly one post", async () => {
    const { graph, tenant, world } = stage;
    const [one, ben] = [
      stage.member("reads"),
      tenant.addPerson({ displayName: "Ben", userPrincipalName: "ben@x" }),
    ];
    await one.connect();
    const chat = graph.chats.direct(ben.objectId, one.person.objectId);
    const posts = (id: string) => one.messages().filter(({ Props }) => Props.teams_message_id === id);
    const steps = await atEachStep(async (at) => {
      let id = "";
      const wasKilled = await killed(
        at,
        /^(queue_|changes_|chats)/,
        async () => {
          const message = await graph.chats.write(chat, ben.objectId, `<p>text ${at}</p>`);
          id = message.id;
        },
        () => id !== "" && posts(id).length > 0,
      );
      await until(() => id !== "" && posts(id).length > 0, "the message");
      await Bun.sleep(200);
      expect([at, posts(id).length]).toEqual([at, 1]);
      return wasKilled;
    });
    expect(steps).toBeGreaterThanOrEqual(4);
    const all = [...world.posts.values()].filter(({ Message }) => Message.includes("text "));
    const posted = all.map(({ CreateAt, Message, Props }) => [Props.teams_message_id, CreateAt, Message]);
    expect(posted.length === steps + 1 ? [] : posted).toEqual([]);
  });
});
