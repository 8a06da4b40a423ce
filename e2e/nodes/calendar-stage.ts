/** The built executable with the calendar switched on, and members with change notifications for their calendars. */

import { builtBundle } from "../built-bundle.ts";
import { needs } from "../sandbox/consent.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { httpsFront } from "../sandbox/tls/https-front.ts";
import { until } from "../until.ts";
import { addMember } from "./member.ts";

export const HOUR = 3_600_000;

export async function startCalendar({ nodes = 1, subpath = "" } = {}) {
  const started = await Sandbox.start({ bundlePath: builtBundle(), nodes, subpath, settings: {} });
  const { id } = started.bundle;
  const front = httpsFront(started);
  const appId = started.registration?.app.appId ?? "";
  for (const role of needs.calendar.roles) started.tenant.grantRole(appId, role);
  started.world.config.PluginSettings.Plugins[id] = {
    ...started.world.config.PluginSettings.Plugins[id],
    ...{ calendar_enabled: true, notification_url: front.url },
  };
  started.world.fireOnEveryNode("onConfigurationChange");
  started.graph.subscriptions.retryScale = 0.01;
  const member = (name: string) => {
    const one = addMember(started, name);
    const cards = () => one.messages().filter(({ Props }) => Props.calendar_event_id);
    return { ...one, cards };
  };
  const close = () => {
    front.close();
    started.close();
  };
  return { sandbox: started, front, member, close };
}

export type Started = Awaited<ReturnType<typeof startCalendar>>;

/** A member for whose calendar Graph sends change notifications. */
export async function listening({ member, sandbox: { graph } }: Started, name: string) {
  const one = member(name);
  await one.connect();
  const changed = await one.ask("/api/v1/calendar/settings", "PUT", { notifications: true });
  if (changed.status !== 200) throw new Error(`settings: ${changed.status}`);
  await until(
    () =>
      [...graph.subscriptions.all.values()].some(({ resource }) => resource.includes(one.person.objectId)),
    "the subscription exists",
  );
  return one;
}

type Member = ReturnType<Started["member"]>;

/** For the message of a failed wait: the person's cards with their buttons, and Graph's deliveries with the answers. */
export function cardsAndDeliveries({ sandbox: { graph } }: Started, { cards }: Member): string {
  const shown = cards().map(({ CreateAt, Message, Props }) => {
    const [{ actions = [] } = {}] = (Props.attachments ?? []) as { actions?: { name: string }[] }[];
    return `${CreateAt} ${Message}: ${actions.map(({ name }) => name).join(", ") || "no buttons"}`;
  });
  const delivered = graph.subscriptions.deliveries.slice(-20).map(({ body, statuses, took }) => {
    const { value } = JSON.parse(body) as { value: { changeType: string; resource: string }[] };
    const changes = value.map(({ changeType, resource }) => `${changeType} ${resource.slice(0, 20)}`);
    return `${changes.slice(0, 3).join("; ")}: ${statuses.join(", ")} after ${took.map(Math.round).join(", ")} ms`;
  });
  return ["", ...shown, "deliveries:", ...delivered].join("\n  ");
}

export const local = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString().slice(0, 16);
