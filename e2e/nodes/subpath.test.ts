/**
 * A server whose site URL has a sub-path, with the built executable: everything that a person follows, presses or
 * submits, and everything that Microsoft calls, leads back to the plugin. Runs in `npm test` after the bundle is made.
 */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { until } from "../until.ts";
import { HOUR, type Started, startCalendar } from "./calendar-stage.ts";

// Longer than each `until` in a test, so that `until` fails first and names what was missing.
setDefaultTimeout(600_000);

let started: Started | null = null;
afterEach(() => {
  started?.close();
  started = null;
});

test("G16: connect, webhook, cards, dialogs, panel and links work below a sub-path", async () => {
  const world = await startCalendar({ subpath: "/mattermost" });
  started = world;
  const { front, sandbox } = world;
  const { graph, siteUrl } = sandbox;
  const plugin = `${siteUrl}/plugins/${sandbox.bundle.id}`;
  expect(plugin).toContain("/mattermost/plugins/");
  const ben = world.member("ben");

  // The way to connect, as commands and posts show it, and the address that Entra sends people back to.
  await until(async () => (await ben.ask("/oauth2/connect")).status === 302, "the calendar is on");
  expect(await ben.type("/mscalendar connect")).toContain(`(${plugin}/oauth2/connect`);
  const begun = await ben.ask("/oauth2/connect");
  const authorize = new URL(begun.headers.get("Location") ?? "");
  expect(authorize.searchParams.get("redirect_uri")).toBe(`${plugin}/oauth2/complete`);
  await ben.connect();

  // The panel of settings: each press reaches the plugin.
  await until(() => ben.messages().some(({ Props }) => Props.attachments), "the welcome has buttons");
  for (const { Props } of ben.messages())
    for (const url of JSON.stringify(Props).matchAll(/"url":"([^"]+)"/g))
      expect(url[1]).toMatch(/^\/plugins\/mission-collaboration\//);
  expect((await ben.ask("/api/v1/calendar/settings", "PUT", { notifications: true })).status).toBe(200);

  // Microsoft calls the address that the admin gave, with whatever path it has.
  await until(
    () =>
      [...graph.subscriptions.all.values()].some(({ resource }) => resource.includes(ben.person.objectId)),
    "the subscription exists",
  );
  for (const { notificationUrl } of graph.subscriptions.all.values())
    expect(notificationUrl).toBe(`${front.url}/plugins/mission-collaboration/api/v1/graph/changes`);

  // A card: its buttons, and the dialog behind one of them.
  const from = Date.now() + 24 * HOUR;
  const event = graph.calendars.add(ben.person.objectId, from, from + HOUR, {
    ...{ subject: "Kick-off", responseStatus: { response: "notResponded" } },
    createdDateTime: new Date().toISOString(),
  });
  await graph.subscriptions.notify({
    resource: `Users/${ben.person.objectId}/Events/${event.id}`,
    changeType: "created",
    data: { ...event, "@odata.etag": `W/"${event.changeKey}"` },
  });
  await until(() => ben.cards().length === 1, "Ben has an invitation");
  const opened: { url: string; dialog: { state: string } }[] = [];
  sandbox.world.watch(({ data, event: name }) => {
    if (name === "open_dialog") opened.push(JSON.parse(String(data.dialog)));
  });
  const press = async (id: string) =>
    (await ben.ask(`/api/v4/posts/${ben.cards()[0]?.Id}/actions/${id}`, "POST", {}, siteUrl)).status;
  expect(await press("accept")).toBe(200);
  expect(await press("respond")).toBe(200);
  const [dialog] = opened;
  const submission = { answer: "decline", comment: "I am away" };
  const submitted = await ben.ask(
    "/api/v4/actions/dialogs/submit",
    "POST",
    { url: dialog?.url, state: dialog?.dialog.state, channel_id: ben.cards()[0]?.ChannelId, submission },
    siteUrl,
  );
  expect([submitted.status, await submitted.json()]).toEqual([200, {}]);
  expect(graph.calendars.answered.map(({ answer }) => answer)).toEqual(["accepted", "declined"]);

  // The tab's page and what it loads.
  const page = await (await fetch(`${plugin}/tab`)).text();
  for (const [, path = ""] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    expect(path).toStartWith("/mattermost/plugins/");
    expect((await fetch(new URL(path, siteUrl))).status).toBe(200);
  }

  // No link that people read omits the sub-path.
  const origin = new URL(siteUrl).origin;
  for (const { Message } of sandbox.world.posts.values())
    for (const [address] of Message.matchAll(new RegExp(`${origin}[^)\\s]*`, "g")))
      expect(address).toStartWith(siteUrl);
});
