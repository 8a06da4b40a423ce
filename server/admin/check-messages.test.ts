/** Tests the messages that the daily checks send to admins, and the metric of the credential's end. */

import { describe, expect, test } from "bun:test";
import { until } from "../../e2e/until.ts";
import { TestAuthority } from "../microsoft/network/testing/authority.ts";
import { openStage, setUp, world } from "./testing/stage.ts";

openStage();

describe("checks", () => {
  const ancestors = "https://teams.sandbox.example";

  test("each problem is reported to the admins in one message, once", async () => {
    const at = await setUp({ frameAncestors: ancestors });
    const about = (title: string) => at.messages.filter((text) => text.includes(`**${title}**`)).length;
    await at.admin.checks.daily();
    expect(at.messages).toEqual([]);
    // Each day that passes moves this clock further from Microsoft's, so the clock check fails too.
    at.pass(25 * 3_600_000);
    await at.admin.checks.daily();
    expect([at.messages.length, about("App in the Teams catalog"), about("Clock")]).toEqual([2, 2, 2]);
    at.pass(25 * 3_600_000);
    await at.admin.checks.daily();
    expect(at.messages).toHaveLength(2);
    at.change({ m365_client_secret: "wrong" });
    at.pass(25 * 3_600_000);
    await at.admin.checks.daily();
    expect([at.messages.length, about("Clock"), about("Credential")]).toEqual([4, 2, 2]);
  });

  test("the daily job does not repeat a recent run", async () => {
    const at = await setUp();
    await at.admin.checks.daily();
    const first = (await at.admin.checks.latest())?.at;
    at.pass(3_600_000);
    await at.admin.checks.daily();
    expect((await at.admin.checks.latest())?.at).toBe(first ?? "");
  });

  test("admins get a message 30, 7 and 1 days before the credential ends", async () => {
    const at = await setUp({ frameAncestors: ancestors });
    const about = () => at.messages.filter((text) => text.includes("Expiry of the credential")).length;
    const days = 86_400_000;
    await at.admin.checks.run();
    for (const [pass, sent] of [
      [300, 0],
      [36, 2],
      [1, 2],
      [22, 4],
      [1, 4],
      [5, 6],
    ] as const) {
      at.pass(pass * days);
      await at.admin.checks.daily();
      expect([pass, about()]).toEqual([pass, sent]);
    }
  });

  test("nobody gets a message before the set-up", async () => {
    const at = world();
    await at.admin.checks.daily();
    expect(at.messages).toEqual([]);
  });
});

describe("the end of the credential as a Prometheus metric", () => {
  async function figure({ admin }: ReturnType<typeof world>, name: string): Promise<number> {
    const figures = (await admin.supportData()).find(({ Filename }) => Filename.endsWith("metrics.txt"));
    const text = new TextDecoder().decode(figures?.Body);
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? -1);
  }
  const daysLeft = (at: ReturnType<typeof world>) => figure(at, "mission_collaboration_credential_days_left");

  test("an unknown end is NaN, so that no alert fires and no zero hides one", async () => {
    expect(await daysLeft(world())).toBeNaN();
    expect(await daysLeft(world({ settings: { m365_client_secret: "by hand" } }))).toBeNaN();
  });

  test("the end of the set-up's secret is known from the start", async () => {
    const at = await setUp();
    at.admin.start();
    await until(async () => !Number.isNaN(await daysLeft(at)), "the end of the secret");
    const whole = await daysLeft(at);
    expect(whole).toBeGreaterThan(300);
    const ours = await figure(at, "mission_collaboration_credential_end_timestamp_seconds");
    const earlier = await figure(at, "msteams_connect_msgraph_client_secret_end_date_timestamp_seconds");
    expect([ours, earlier]).toEqual([expect.any(Number), ours]);
    expect(ours).toBeGreaterThan(Date.now() / 1000 + 200 * 86_400);
    at.pass(10 * 86_400_000);
    expect(whole - (await daysLeft(at))).toBeCloseTo(10);
    await at.admin.stop();
  });

  test("a certificate states its own end, and is preferred to a secret", async () => {
    const authority = await TestAuthority.make("Registration");
    try {
      const { cert, key } = await authority.issue("DNS:mattermost", "rsa");
      const at = await setUp();
      at.change({ m365_client_certificate: cert + key });
      expect(Math.ceil(await daysLeft(at))).toBe(2);
      expect((await at.row("credential_expiry")).state).toBe("problem");
    } finally {
      authority.remove();
    }
  });
});
