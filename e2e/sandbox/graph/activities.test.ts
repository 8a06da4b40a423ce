/** Checks that the fake Graph accepts and refuses activities and app packages like Graph. */

import { describe, expect, test } from "bun:test";
import { testCloud } from "../test-cloud.ts";
import { publishPackage } from "./catalog.ts";

const { tenant, entra, graph, ana, boss, app, ownToken, ask } = testCloud();

describe("Graph's activity feed", () => {
  const catalogId = crypto.randomUUID();
  tenant.catalog.set(catalogId, {
    id: catalogId,
    externalId: crypto.randomUUID(),
    displayName: "Mattermost",
    entraAppId: app.appId,
    definitions: [],
    icons: { color: "", outline: "" },
    languages: new Map([
      ["de", { "activities.activityTypes[0].templateText": "{author} hat Sie in {channel} erwähnt" }],
    ]),
    manifest: {
      id: "",
      version: "1.0.0",
      name: { short: "Mattermost" },
      description: { short: "", full: "" },
      accentColor: "#000000",
      activities: {
        activityTypes: [
          { type: "mention", description: "Mentions", templateText: "{author} mentioned you in {channel}" },
        ],
      },
    },
  });
  const body = (change: object = {}) => ({
    topic: { source: "text", value: "Town Square", webUrl: "https://teams.example/l/entity/a/b" },
    activityType: "mention",
    previewText: { content: "see the plan" },
    templateParameters: [
      { name: "author", value: "Ben" },
      { name: "channel", value: "Town Square" },
    ],
    teamsAppId: catalogId,
    recipients: [{ "@odata.type": "microsoft.graph.aadUserNotificationRecipient", userId: ana.objectId }],
    ...change,
  });
  const send = async (change: object = {}) =>
    ask(
      "POST",
      "/teamwork/sendActivityNotificationToRecipients",
      (await ownToken()).access_token ?? "",
      body(change),
    );

  test("shows an accepted activity to those who have the app", async () => {
    tenant.installFor(ana.objectId, catalogId);
    const before = tenant.activities.length;
    const both = [ana, boss].map((each) => ({
      "@odata.type": "microsoft.graph.aadUserNotificationRecipient",
      userId: each.objectId,
    }));
    expect((await send({ recipients: both })).status).toBe(202);
    expect(tenant.activities.slice(before)).toMatchObject([
      { recipientId: ana.objectId, text: "Ben mentioned you in Town Square", preview: "see the plan" },
    ]);
  });

  test("replaces an activity with the same chain id", async () => {
    await send({ chainId: 7 });
    const count = tenant.activities.length;
    await send({ chainId: 7 });
    expect(tenant.activities.length).toBe(count);
  });

  const recipients = Array.from({ length: 101 }, () => body().recipients[0]);
  const refused: [string, object, number][] = [
    ["an undeclared activity type", { activityType: "unheard_of" }, 400],
    ["a missing parameter", { templateParameters: [] }, 400],
    [
      "a link of 1,025 characters",
      { topic: { source: "text", value: "x", webUrl: `https://${"x".repeat(1017)}` } },
      400,
    ],
    ["text without a link", { topic: { source: "text", value: "x" } }, 400],
    ["101 recipients", { recipients }, 400],
    ["no recipients", { recipients: [] }, 400],
    ["another app's catalog id", { teamsAppId: crypto.randomUUID() }, 403],
  ];
  for (const [name, change, status] of refused)
    test(`refuses ${name}`, async () => expect((await send(change)).status).toBe(status));

  test("refuses a token with less than 45 minutes left", async () => {
    entra.setFaults({ tokenLifetime: 44 * 60 });
    expect((await send()).status).toBe(412);
  });
  test("refuses an app without the role", async () => {
    tenant.revokeRole(app.appId, "TeamsActivity.Send");
    const answer = await send();
    tenant.grantRole(app.appId, "TeamsActivity.Send");
    expect(answer).toMatchObject({
      status: 403,
      body: { error: { message: expect.stringContaining("Missing role") } },
    });
  });
  test("refuses the third request within a second, and says how long to wait", async () => {
    graph.throttle.enabled = true;
    const answers = [await send(), await send(), await send()];
    expect(answers.map((each) => each.status)).toEqual([202, 202, 429]);
    expect(answers[2]?.retryAfter).toBe("1");
  });
  test("answers 404 for an unknown person and 403 for one without the app", async () => {
    const bearer = (await ownToken()).access_token ?? "";
    const to = (id: string) => ask("POST", `/users/${id}/teamwork/sendActivityNotification`, bearer, body());
    expect((await to(crypto.randomUUID())).status).toBe(404);
    expect((await to(boss.objectId)).status).toBe(403);
    expect((await to(ana.objectId)).status).toBe(204);
  });
});

test("the catalog refuses a broken package and names its faults", () => {
  expect(() => publishPackage(tenant, new TextEncoder().encode("no zip"), false)).toThrow(
    "could not be parsed",
  );
});
