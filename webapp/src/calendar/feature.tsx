/**
 * The calendar in the web app: a button that opens the sidebar, entries in two menus that open the form, and a
 * section of the settings.
 */

import * as React from "react";
import type { Language } from "../../../server/platform/i18n/language.ts";
import type { FeatureHost, Shown } from "../host/feature.ts";
import { Lazy } from "../host/lazy.tsx";
import { listen, onReturn, ownEvent, RECONNECTED } from "../host/live.ts";
import { memberOf } from "../host/member.ts";
import { subject, useSubject } from "../host/subject.ts";
import { createCalendarApi } from "./api.ts";
import type { CalendarRoom, FormStart } from "./room.ts";

/** Texts that are needed before the calendar's own are loaded. */
const texts: Readonly<Record<Language, readonly [calendar: string, create: string, section: string]>> = {
  en: ["Calendar", "Create calendar event", "Outlook calendar"],
  de: ["Kalender", "Termin erstellen", "Outlook-Kalender"],
  es: ["Calendario", "Crear evento de calendario", "Calendario de Outlook"],
  fr: ["Calendrier", "Créer un événement", "Calendrier Outlook"],
  ja: ["予定表", "予定を作成", "Outlook の予定表"],
  ar: ["التقويم", "إنشاء حدث في التقويم", "\u2067تقويم Outlook\u2069"],
};

export function calendarFeature(host: FeatureHost): Shown {
  const { registry, store } = host;
  const member = () => memberOf(store.getState());
  const { language, locale } = member();
  const [title, create, sectionTitle] = texts[language];
  const form = subject<FormStart | null>(null);
  let room: Promise<CalendarRoom> | null = null;
  const ends: (() => void)[] = [];

  const openRoom = (): Promise<CalendarRoom> => {
    room ??= import("./calendar.ts").then(({ createCalendar }) => {
      const api = createCalendarApi();
      const calendar = createCalendar({ api, now: host.now, zone: member().zone });
      ends.push(
        listen(registry, ownEvent("calendar_changed"), () => void calendar.refresh()),
        listen(registry, ownEvent("connected"), () => calendar.connectionChanged()),
        listen(registry, ownEvent("disconnected"), () => calendar.connectionChanged()),
        listen(registry, RECONNECTED, () => void calendar.refresh()),
        onReturn(() => calendar.refreshOld()),
      );
      return { ...host, api, calendar, member, form };
    });
    return room;
  };
  const parts = async () => {
    const [opened, { wordsFor }] = await Promise.all([openRoom(), import("./words.ts")]);
    return [opened, wordsFor(language, locale)] as const;
  };

  const loadSidebar = async () => {
    const [{ Sidebar }, [opened, say]] = await Promise.all([import("./sidebar/sidebar.tsx"), parts()]);
    return () => <Sidebar room={opened} say={say} />;
  };
  const loadForm = (start: FormStart) => async () => {
    const [{ EventForm }, { prepare }, [opened, say]] = await Promise.all([
      import("./event-form/event-form.tsx"),
      import("./event-form/form-start.ts"),
      parts(),
    ]);
    const prepared = prepare(opened, start);
    return () => <EventForm room={opened} say={say} {...prepared} onClose={() => form.set(null)} />;
  };
  const loadSettings = async () => {
    const [{ SettingsPanel }, [opened, say]] = await Promise.all([import("./settings-panel.tsx"), parts()]);
    return () => <SettingsPanel room={opened} say={say} />;
  };

  const ids: (string | undefined)[] = [];
  const side = registry.registerRightHandSidebarComponent?.(
    () => <Lazy language={language} load={loadSidebar} />,
    title,
  );
  if (side) {
    const toggle = () => store.dispatch(side.toggleRHSPlugin);
    ids.push(side.id, registry.registerChannelHeaderButtonAction?.(<CalendarIcon />, toggle, title, title));
  }
  ids.push(
    registry.registerRootComponent?.(() => {
      const start = useSubject(form);
      return start && <Lazy language={language} load={loadForm(start)} isDialog />;
    }),
    registry.registerChannelHeaderMenuAction?.(create, (channelId) => form.set({ channelId })),
    registry.registerPostDropdownMenuAction?.(create, (postId) => form.set({ postId })),
  );
  return {
    section: { title: sectionTitle, component: () => <Lazy language={language} load={loadSettings} /> },
    off() {
      form.set(null);
      if (side) store.dispatch(side.hideRHSPlugin);
      for (const id of ids) if (id !== undefined) registry.unregisterComponent?.(id);
      for (const end of ends) end();
    },
  };
}

/** 24 px, like the icons beside it. */
function CalendarIcon(): React.ReactElement {
  return (
    <svg width="18" height="18" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
      <path d="M19 4h-1V2h-2v2H8V2H6v2H5a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V6a2 2 0 0 0-2-2Zm0 16H5V10h14v10Zm0-12H5V6h14v2ZM7 12h5v5H7v-5Z" />
    </svg>
  );
}
