import { describe, expect, test } from "bun:test";
import type {
  AadUserNotificationRecipient,
  ItemBody,
  KeyValuePair,
  TeamworkActivityTopic,
} from "@microsoft/microsoft-graph-types";
import { buildConfig, type ConfigSource, clouds } from "../config/index.ts";
import { type BulkBody, bulkBody } from "./activity.ts";
import { type Activity, createGraph, GraphError, GraphUnreachable, tabLink } from "./index.ts";

const ID = "11111111-2222-4333-8444-555555555555";
const config: ConfigSource = { current: buildConfig({}, { siteUrl: "" }), onChange: () => () => {} };

interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: unknown;
}

function world(...answers: (() => Response | Promise<Response>)[]) {
  const sent: Sent[] = [];
  const slept: number[] = [];
  let forgotten = 0;
  let minutes = 0;
  const graph = createGraph({
    config,
    tokens: {
      token: async (minimum) => {
        minutes = minimum;
        return `token-${forgotten}`;
      },
      forget: () => {
        forgotten += 1;
      },
    },
    fetch: async (url, init) => {
      sent.push({
        url: String(url),
        method: init?.method ?? "GET",
        headers: init?.headers as Record<string, string>,
        body: init?.body ? JSON.parse(String(init.body)) : undefined,
      });
      const answer = answers[Math.min(sent.length, answers.length) - 1];
      if (!answer) throw new Error("no answer prepared");
      return answer();
    },
    now: () => 0,
    random: () => 1,
    sleep: async (ms) => slept.push(ms),
  });
  return { graph, sent, slept, forgotten: () => forgotten, minutes: () => minutes };
}

const accepted = () => new Response(null, { status: 202 });
const refused =
  (status: number, headers: Record<string, string> = {}, message = "no") =>
  () =>
    Response.json(
      { error: { code: "Forbidden", message, innerError: { "request-id": "r-1" } } },
      { status, headers },
    );
const catalog =
  (...apps: object[]) =>
  () =>
    Response.json({ value: apps });

const activity: Activity = {
  catalogAppId: "catalog-1",
  type: "mention",
  topic: "Mattermost",
  webUrl: "https://teams.microsoft.com/l/entity/x",
  parameters: { author: "@alice", channel: "Town Square" },
  preview: "hello",
  chainId: 7,
};

describe("sendActivityNotificationToRecipients", () => {
  test("sends the body Microsoft documents", async () => {
    const w = world(accepted);
    await w.graph.sendActivityNotificationToRecipients(activity, [ID]);
    expect(w.sent).toEqual([
      {
        url: "https://graph.microsoft.com/v1.0/teamwork/sendActivityNotificationToRecipients",
        method: "POST",
        headers: {
          Authorization: "Bearer token-0",
          Accept: "application/json",
          "Content-Type": "application/json",
        },
        body: {
          topic: { source: "text", value: "Mattermost", webUrl: activity.webUrl },
          activityType: "mention",
          previewText: { content: "hello" },
          templateParameters: [
            { name: "author", value: "@alice" },
            { name: "channel", value: "Town Square" },
          ],
          chainId: 7,
          teamsAppId: "catalog-1",
          recipients: [{ "@odata.type": "microsoft.graph.aadUserNotificationRecipient", userId: ID }],
        },
      },
    ]);
    expect(w.minutes()).toBe(50);
  });

  test("omits preview and chain when there are none", async () => {
    const w = world(accepted);
    const { preview: _, chainId: __, ...plain } = activity;
    await w.graph.sendActivityNotificationToRecipients(plain, [ID]);
    expect(Object.keys(w.sent[0]?.body as object)).not.toContain("previewText");
    expect(Object.keys(w.sent[0]?.body as object)).not.toContain("chainId");
  });

  test("is tried once: the queue decides when to retry", async () => {
    const w = world(refused(503));
    await expect(w.graph.sendActivityNotificationToRecipients(activity, [ID])).rejects.toThrow(GraphError);
    expect(w.sent.length).toBe(1);
  });

  for (const count of [0, 101]) {
    test(`refuses to send to ${count} recipients`, async () => {
      const w = world(accepted);
      const ids = Array.from({ length: count }, () => ID);
      expect(() => w.graph.sendActivityNotificationToRecipients(activity, ids)).toThrow(RangeError);
      expect(w.sent).toEqual([]);
    });
  }

  test("sends to 100 recipients", async () => {
    const w = world(accepted);
    await w.graph.sendActivityNotificationToRecipients(
      activity,
      Array.from({ length: 100 }, () => ID),
    );
    expect(w.sent.length).toBe(1);
  });

  test("refuses a link of 1,025 characters, sends one of 1,024", async () => {
    const w = world(accepted);
    const link = (length: number) => ({ ...activity, webUrl: "https://x/".padEnd(length, "y") });
    expect(() => w.graph.sendActivityNotificationToRecipients(link(1025), [ID])).toThrow(RangeError);
    await w.graph.sendActivityNotificationToRecipients(link(1024), [ID]);
    expect(w.sent.length).toBe(1);
  });
});

test("every part of the body is one of Microsoft's published types", () => {
  // The compiler is the test: a property that Graph does not know is a type error here.
  type Published<Ours, Theirs> =
    Exclude<keyof Ours, keyof Theirs | "@odata.type"> extends never ? true : never;
  const parts: [
    Published<BulkBody["topic"], TeamworkActivityTopic>,
    Published<NonNullable<BulkBody["previewText"]>, ItemBody>,
    Published<BulkBody["templateParameters"][number], KeyValuePair>,
    Published<BulkBody["recipients"][number], AadUserNotificationRecipient>,
  ] = [true, true, true, true];
  const { topic, previewText, templateParameters, recipients } = bulkBody(activity, [ID]);
  const theirs = {
    topic: topic satisfies TeamworkActivityTopic,
    previewText: previewText satisfies ItemBody | undefined,
    templateParameters: templateParameters satisfies KeyValuePair[],
    recipients: recipients satisfies AadUserNotificationRecipient[],
  };
  expect(parts).toHaveLength(Object.keys(theirs).length);
});

describe("catalogApp", () => {
  const app = {
    id: "catalog-1",
    externalId: ID,
    displayName: "Chat",
    appDefinitions: [{ version: "1.0.0" }],
  };

  test("finds the app by its manifest id", async () => {
    const w = world(catalog(app));
    expect(await w.graph.catalogApp(ID)).toEqual({
      id: "catalog-1",
      externalId: ID,
      displayName: "Chat",
      versions: ["1.0.0"],
    });
    expect(decodeURIComponent(w.sent[0]?.url ?? "")).toContain(`$filter=externalId eq '${ID}'`);
  });

  test("a quote in an id cannot break out of the filter", async () => {
    const w = world(catalog());
    expect(await w.graph.catalogApp("x' or true or 'x")).toBeNull();
    expect(decodeURIComponent(w.sent[0]?.url ?? "")).toContain("'x'' or true or ''x'");
  });

  test("another app in the answer is ignored", async () => {
    expect(await world(catalog({ ...app, externalId: "other" })).graph.catalogApp(ID)).toBeNull();
    expect(await world(catalog({ id: "x" })).graph.catalogApp(ID)).toBeNull();
  });

  for (const [name, answer] of Object.entries({
    "an HTML page": () => new Response("<html>"),
    "JSON of another shape": () => Response.json({ apps: [] }),
    "an entry without id": catalog({ externalId: ID }),
  })) {
    test(`${name} is not an answer`, async () => {
      await expect(world(answer).graph.catalogApp(ID)).rejects.toThrow(GraphUnreachable);
    });
  }
});

describe("retries", () => {
  const found = catalog({ id: "c", externalId: ID });

  test("when throttled, waits as long as Retry-After says", async () => {
    const w = world(refused(429, { "Retry-After": "7" }), found);
    await w.graph.catalogApp(ID);
    expect(w.slept).toEqual([7000]);
  });

  test("when busy, waits longer each time, then gives up with the last error", async () => {
    const w = world(refused(503));
    await expect(w.graph.catalogApp(ID)).rejects.toMatchObject({ status: 503, requestId: "r-1" });
    expect(w.slept).toEqual([500, 1000]);
  });

  test("returns a wait of minutes to the caller", async () => {
    const w = world(refused(429, { "Retry-After": "300" }), found);
    await expect(w.graph.catalogApp(ID)).rejects.toMatchObject({ status: 429, retryAfterMs: 300_000 });
    expect(w.slept).toEqual([]);
  });

  for (const status of [400, 403, 404, 409, 412]) {
    test(`${status} is final`, async () => {
      const w = world(refused(status), found);
      await expect(w.graph.catalogApp(ID)).rejects.toMatchObject({ status });
      expect(w.sent.length).toBe(1);
    });
  }

  test("401: one new token, then the refusal is final", async () => {
    const w = world(refused(401), found);
    await w.graph.catalogApp(ID);
    expect(w.sent.map((one) => one.headers.Authorization)).toEqual(["Bearer token-0", "Bearer token-1"]);
    const stubborn = world(refused(401));
    await expect(stubborn.graph.catalogApp(ID)).rejects.toMatchObject({ status: 401 });
    expect(stubborn.forgotten()).toBe(1);
  });

  test("no answer at all", async () => {
    const w = world(() => Promise.reject(new Error("ECONNREFUSED")));
    await expect(w.graph.catalogApp(ID)).rejects.toThrow(GraphUnreachable);
    expect(w.sent.length).toBe(3);
  });
});

test("a token repeated in an error page does not reach the error", async () => {
  const w = world(refused(403, {}, "Bearer eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJ4In0.c2ln is bad"));
  const error = await w.graph.catalogApp(ID).catch((reason) => reason);
  expect(error.message).toBe("graph 403 Forbidden: Bearer [token] is bad");
});

describe("links into the tab", () => {
  const link = (cloud: keyof typeof clouds) =>
    tabLink(clouds[cloud], { catalogAppId: ID, tenantId: ID, subPageId: "post_abc" });

  for (const [cloud, host] of Object.entries({
    commercial: "teams.microsoft.com",
    gcchigh: "gov.teams.microsoft.us",
    dod: "dod.teams.microsoft.us",
    china: "teams.microsoftonline.cn",
  })) {
    test(`${cloud}: ${host}`, () => {
      const url = new URL(link(cloud as keyof typeof clouds));
      expect(url.hostname).toBe(host);
      expect(url.pathname).toBe(`/l/entity/${ID}/mattermost`);
      expect(JSON.parse(url.searchParams.get("context") ?? "")).toEqual({ subEntityId: "post_abc" });
    });
  }

  test("are far shorter than Graph's limit", () => {
    expect(link("gcchigh").length).toBeLessThan(300);
  });
});
