/** Sends requests that are refused, uses everything that admins have, and stops the plugin. */

import { until } from "../until.ts";
import { type Actor, marks, type RecordedDay } from "./recorded-day.ts";
import { textOf } from "./text-of.ts";

/** Sends every request as people who may not, and while Microsoft fails. */
export async function sendRefused(day: RecordedDay, alex: Actor): Promise<void> {
  const { entra, graph } = day.sandbox;
  for (const path of [
    "/api/v1/admin/links",
    "/api/v1/admin/connections",
    "/api/v1/checks",
    "/api/v1/app-package",
  ])
    for (const who of [alex, null]) await day.ask(who, "GET", path);
  await day.ask(alex, "POST", "/api/v1/cards", { context: { token: marks.refusal }, post_id: "x" });
  await day.ask(alex, "POST", "/api/v1/graph/changes", { value: [{ clientState: marks.refusal }] });
  await day.ask(alex, "POST", "/api/v1/calendar/events", { subject: marks.event, start: "nonsense" });
  graph.setFaults({ status: 500 });
  await day.ask(alex, "GET", "/api/v1/calendar/events");
  graph.healthy();
  entra.setFaults({ unreachable: true });
  await day.ask(alex, "POST", "/api/v1/connection/from-tab", { token: marks.refusal });
  entra.healthy();
  entra.delegated.revoke(alex.person.objectId);
  await day.ask(alex, "GET", "/api/v1/calendar/events");
}

export async function administrate(day: RecordedDay, sam: Actor): Promise<void> {
  const { mattermost, world } = day.sandbox;
  for (const path of [
    ..."links links.csv connections connections.csv connections/stats changes permissions draft".split(" "),
    ..."channels/links setup/guide catalog connections/bot".split(" "),
  ])
    await day.ask(sam, "GET", `/api/v1/admin/${path}`);
  for (const path of ["/api/v1/app-package", "/api/v1/notifications/state", "/api/v1/checks/report"])
    await day.ask(sam, "GET", path);
  await day.ask(sam, "POST", "/api/v1/checks", {});
  await day.ask(sam, "POST", "/api/v1/notifications/test", {});
  const metrics = await mattermost.metrics();
  day.answers.push({
    who: "prometheus",
    path: "/metrics",
    status: metrics.status,
    text: await metrics.text(),
  });
  for (const sink of world.hookSinks) {
    const packet = (await sink.call("generateSupportData", {})) as unknown;
    day.answers.push({ who: "support", path: "/packet", status: 200, text: textOf(packet) });
  }
  // The key is rotated, so the plugin encrypts everything again.
  const settings = world.config.PluginSettings.Plugins[day.sandbox.bundle.id] as Record<string, unknown>;
  const next = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
  day.secrets.set("first encryption key", String(settings.encryption_key));
  await day.save({ encryption_key: next, encryption_key_previous: settings.encryption_key });
}

export async function leave(day: RecordedDay, alex: Actor): Promise<void> {
  await day.ask(alex, "GET", "/api/v1/connection");
  await day.ask(alex, "DELETE", "/api/v1/connection");
  await day.sandbox.world.settled();
  day.sandbox.mattermost.crash("node-1");
  await until(async () => (await fetch(`${day.base}/tab`)).status === 200, "the process is back");
  await day.sandbox.mattermost.stopPlugin();
}
