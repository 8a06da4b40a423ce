/** Connects the parts of the calendar. Loaded when the feature is on, or with the first request, press or command. */

import type { Services } from "../../people/services.ts";
import { tellSystemAdmins } from "../../platform/bot/admin-messages.ts";
import type { Press, PressReply } from "../../platform/bot/cards.ts";
import { calendarSettings } from "../../platform/settings/sections/calendar.ts";
import { pause } from "../../runtime/mattermost/index.ts";
import { adminLog } from "./admin/admin-log.ts";
import { DAY_CARD, DISCONNECT_CARD, PANEL_CARD, WELCOME_CARD } from "./card-names.ts";
import { createCommands, type RunCommand } from "./command/run.ts";
import { type CalendarCore, createCore } from "./core.ts";
import { codeOf } from "./day/one-person.ts";
import { createDayPart, type DayPart } from "./day/part.ts";
import { unreadableWords } from "./day/unreadable-words.ts";
import { openPages } from "./open-pages.ts";
import { AppConsent } from "./outlook/app-consent.ts";
import { isNoMailbox } from "./outlook/events.ts";
import { createPanel, type Panel } from "./preferences/panel.ts";

export interface EngineOptions {
  readonly product: { readonly name: string; readonly version: string };
}

export interface Engine {
  readonly core: CalendarCore;
  readonly part: DayPart;
  readonly panel: Panel;
  readonly run: RunCommand;
  /** Handlers by the name of the card. */
  readonly presses: Readonly<Record<string, (press: Press) => Promise<PressReply>>>;
  start(): void;
  stop(): Promise<void>;
  /** Stops because an admin switched the calendar off: changes made for members are undone. */
  switchOff(): Promise<void>;
  /** Called when somebody connected. */
  connected(userId: string): void;
  /** Drops what was refused for a mailbox, and reads it again. */
  tryAgain(userId: string): void;
  /** Removes everything about a person. */
  remove(userId: string): Promise<void>;
}

export function createEngine(services: Services, { product }: EngineOptions): Engine {
  const { bot, clock: now, config, connections, isSystemAdmin, links } = services;
  const clock = { now, sleep: pause, random: Math.random };
  const log = adminLog({ bot, clock, config, log: services.log.child({ feature: "calendar" }) });
  const core = createCore({ ...services, clock, log });
  const part = createDayPart(core);
  const panel = createPanel(core);
  const pages = openPages({ api: services.api, log, sleep: pause });
  const known = core.changed;
  core.changed = (userId) => {
    pages.eventsChanged(userId);
    known(userId);
  };
  const consent = new AppConsent({
    ...{ kv: services.kv, now, appToken: () => services.tokens.token(5) },
    tellAdmins: (message) => tellSystemAdmins(services.api, services.pluginId, message),
  });
  core.wasRead = () => {
    consent
      .look()
      .catch((error: unknown) =>
        log.warn("The admin's consent could not be looked at", { code: codeOf(error) }),
      );
  };
  // Subscriptions follow the settings: a person who wants nothing has none.
  core.members.onChange((userId, member, isHere) => {
    services.subscriptions.wishesChanged();
    // Only on the node where it was changed.
    if (isHere && member) pages.settingsChanged(userId);
  });

  async function welcome(userId: string): Promise<void> {
    core.view.forgetRefusals(userId);
    const known = await core.members.get(userId);
    if (!known) await core.members.update(userId, (member) => member);
    let hasMailbox = true;
    await part.mailboxes.refresh(userId).catch((error: unknown) => {
      hasMailbox = !isNoMailbox(error);
      log.info("The settings of a mailbox could not be read", { user_id: userId, code: codeOf(error) });
    });
    if (!hasMailbox) {
      // Without a mailbox, no settings are asked for or stored. The connection stays, because other systems use it.
      if (!known) await core.members.remove(userId);
      const language = (await core.audience(userId))?.language ?? "en";
      await bot.direct(userId, { text: unreadableWords.in(language)("no_mailbox") });
      return;
    }
    if (!known) await panel.welcome(userId);
    part.driver.changed(userId);
  }

  const run = createCommands({
    ...{ core, part, panel, connections, product },
    mayAdminister: async (userId) =>
      config.current.section(calendarSettings).calendar_admin_user_ids.includes(userId) ||
      isSystemAdmin(userId),
    async free(userId, by) {
      const ended = await connections.disconnect(userId, { userId: by, requestId: "" });
      return (await links.unlink(userId)) || ended;
    },
  });

  return {
    ...{ core, part, panel, run },
    presses: {
      [DAY_CARD]: part.press,
      [PANEL_CARD]: panel.press,
      [WELCOME_CARD]: panel.welcomePress,
      [DISCONNECT_CARD]: panel.disconnectPress,
    },
    start: () => part.start(),
    async stop() {
      log.stop();
      await part.stop();
    },
    switchOff: () => part.switchOff(),
    connected(userId) {
      void welcome(userId).catch((error: unknown) =>
        log.warn("A new member could not be welcomed", { user_id: userId, code: codeOf(error) }),
      );
    },
    tryAgain(userId) {
      core.view.forgetRefusals(userId);
      part.driver.changed(userId);
    },
    remove: (userId) => part.remove(userId),
  };
}
