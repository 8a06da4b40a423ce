/** The calendar as a feature. Light: its implementation is loaded when the feature is on, or when it is used. */

import type { Services } from "../../people/services.ts";
import { ProductError } from "../../platform/errors.ts";
import type { Feature } from "../../platform/feature.ts";
import { Routes, readUpload } from "../../platform/http/index.ts";
import { onDemand } from "../../platform/on-demand.ts";
import type { Permission } from "../../platform/permissions.ts";
import { calendarSettings } from "../../platform/settings/sections/calendar.ts";
import { calendarChecks } from "./admin/checks.ts";
import { dayCards } from "./card-names.ts";
import { calendarCommands } from "./command/names.ts";
import { calendarEvents } from "./events/calendar-events.ts";
import { eventsKeys } from "./events/events-keys.ts";
import { eventSeams } from "./events/events-seams.ts";
import { dayKeys } from "./stored-keys.ts";

const isNeeded: Permission["isNeeded"] = (section) => section(calendarSettings).calendar_enabled;
/** Without the application permission, each person's own token reads their mailbox. */
const permission = (kind: Permission["kind"], name: string): Permission => ({
  ...{ kind, name, isNeeded, optional: kind === "application" },
});

export const calendarPermissions: readonly Permission[] = [
  permission("delegated", "Calendars.ReadWrite"),
  permission("delegated", "MailboxSettings.Read"),
  permission("application", "Calendars.Read"),
  permission("application", "MailboxSettings.Read"),
];

/** Room for about 20,000 people. */
const MAX_IMPORT_BYTES = 64 * 1024 * 1024;

export function calendarFeature(
  services: Services,
  product: { readonly name: string; readonly version: string },
): Feature {
  const { cards, config, connections, log } = services;
  const isOn = () => config.current.section(calendarSettings).calendar_enabled;
  const mustBeOn = () => {
    if (!isOn()) throw new ProductError("not_found");
  };
  const { load: engine } = onDemand(async () => {
    const made = (await import("./engine.ts")).createEngine(services, { product });
    made.core.answer = async ({ userId }, eventId, answer) =>
      (await events.room()).buttons.answerFrom(userId, eventId, answer);
    return made;
  });
  const wishesChanged = () => services.subscriptions.wishesChanged();
  const events = calendarEvents(services, eventSeams({ connections, engine, wishesChanged }), {
    isOn,
    appToken: () => services.tokens.token(5),
  });
  services.subscriptions.listen(events.listener);
  let running = false;
  let started = false;

  /** Runs in the background: the server does not wait for it. */
  function follow(): void {
    const wanted = started && isOn();
    if (wanted === running) return;
    running = wanted;
    if (wanted) events.start();
    else void events.stop();
    engine()
      .then((one) => (wanted ? one.start() : one.switchOff()))
      .catch((error: unknown) => log.error("The calendar could not be started or stopped", { error }));
  }

  for (const name of dayCards)
    cards.handle(name, async (press) => (isOn() ? ((await engine()).presses[name]?.(press) ?? {}) : {}));
  connections.onConnect((userId) => {
    if (isOn()) void engine().then((one) => one.connected(userId));
  });
  connections.onDisconnect(async (userId) => (await engine()).remove(userId));

  const routes = new Routes()
    .get("/api/v1/calendar/settings", "member", async (_, userId) => {
      mustBeOn();
      const [{ core }, { readSettings }] = await Promise.all([engine(), import("./preferences/routes.ts")]);
      return Response.json(await readSettings(core, userId));
    })
    .put("/api/v1/calendar/settings", "member", async ({ env, req }, userId) => {
      mustBeOn();
      const [{ core }, { writeSettings }] = await Promise.all([engine(), import("./preferences/routes.ts")]);
      return writeSettings(core, userId, req.raw, env.RequestId);
    })
    .post("/api/v1/admin/calendar/import", "admin", async ({ env, req }, by) => {
      // Works while the calendar is off: an admin imports everything first and then switches it on.
      const text = await readUpload(req.raw, MAX_IMPORT_BYTES);
      const [{ core, part }, { migrate }, { importRecord }, room] = await Promise.all([
        engine(),
        import("./migration/run.ts"),
        import("./migration/record.ts"),
        events.room(),
      ]);
      const dry = req.query("dry") !== "false";
      const ports = { core, store: part.store, connections, links: async () => room.links };
      const report = await migrate(ports, text, { dry, requestId: env.RequestId });
      importRecord(services, { report, by, requestId: env.RequestId });
      return Response.json(report);
    })
    .get("/api/v1/admin/calendar", "admin", async () => {
      if (!isOn()) return Response.json({ isOn: false });
      const { readState } = await import("./admin/admin-state.ts");
      return Response.json(await readState(await stateOf()));
    })
    .include(events.routes);
  const stateOf = async () => {
    const [{ core }, { links }] = await Promise.all([engine(), events.room()]);
    return { core, linkedEvents: () => links.count() };
  };

  return {
    name: "calendar",
    async memberStatus(userId, language) {
      if (!isOn() || !(await connections.isConnected(userId))) return [];
      const [{ memberStatus }, { core }] = await Promise.all([import("./member-status.ts"), engine()]);
      return memberStatus(core, userId, language);
    },
    async system() {
      const [{ calendarSystem }, { readState }] = await Promise.all([
        import("./admin/system.ts"),
        import("./admin/admin-state.ts"),
      ]);
      return calendarSystem({
        ...services,
        ...{ isOn, now: services.clock },
        state: async () => readState(await stateOf()),
        forgetRefusals: async (userId) => (await engine()).tryAgain(userId),
      });
    },
    permissions: calendarPermissions,
    routes,
    storedKeys: [...dayKeys, ...eventsKeys],
    commands: [
      ...calendarCommands({
        isOn,
        isNamedAdmin: (userId) =>
          config.current.section(calendarSettings).calendar_admin_user_ids.includes(userId),
        run: async (name, words, caller) => (await engine()).run(name, words, caller),
      }),
      ...events.commands,
    ],
    checks: calendarChecks(async () => {
      if (!isOn()) return null;
      const [{ core }, { lookAtMailboxes }] = await Promise.all([
        engine(),
        import("./admin/mailbox-check.ts"),
      ]);
      return lookAtMailboxes(core);
    }),
    async diagnostics() {
      if (!isOn()) return { on: false };
      const { calendarDiagnostics } = await import("./admin/admin-state.ts");
      return calendarDiagnostics(await stateOf());
    },
    start() {
      started = true;
      follow();
    },
    settingsChanged() {
      follow();
      if (running) void engine().then(({ part }) => part.driver.settingsChanged());
    },
    async stop() {
      started = false;
      if (running) await Promise.all([events.stop(), engine().then((one) => one.stop())]);
      running = false;
    },
  };
}
