/**
 * Linked channels in the web app: an entry in the channel menu that opens the dialog, and an icon beside the name of
 * a linked channel.
 */

import * as React from "react";
import type { Language } from "../../../server/platform/i18n/language.ts";
import type { FeatureHost, Shown } from "../host/feature.ts";
import { Lazy } from "../host/lazy.tsx";
import { listen, ownEvent, RECONNECTED } from "../host/live.ts";
import { memberOf } from "../host/member.ts";
import type { HostChannel, HostState } from "../host/registry.ts";
import { subject, useSubject } from "../host/subject.ts";
import { createChannelsApi, type LinkState } from "./api.ts";
import { createLinks, type Links } from "./links.ts";
import type { ChannelsRoom } from "./room.ts";

const texts: Readonly<Record<Language, readonly [link: string, linked: string, paused: string]>> = {
  en: [
    "Link to a Teams channel",
    "Linked to {channel} in Microsoft Teams",
    "Linked to {channel} in Microsoft Teams, paused",
  ],
  de: [
    "Mit einem Teams-Kanal verknüpfen",
    "Verknüpft mit {channel} in Microsoft Teams",
    "Verknüpft mit {channel} in Microsoft Teams, angehalten",
  ],
  es: [
    "Vincular con un canal de Teams",
    "Vinculado con {channel} en Microsoft Teams",
    "Vinculado con {channel} en Microsoft Teams, en pausa",
  ],
  fr: [
    "Lier à un canal Teams",
    "Lié à {channel} dans Microsoft Teams",
    "Lié à {channel} dans Microsoft Teams, en pause",
  ],
  ja: [
    "Teams のチャネルとリンク",
    "Microsoft Teams の {channel} とリンク中",
    "Microsoft Teams の {channel} とリンク中 (一時停止)",
  ],
  ar: [
    "\u2067الربط بقناة في Teams\u2069",
    "\u2067مرتبطة بالقناة {channel} في Microsoft Teams\u2069",
    "\u2067مرتبطة بالقناة {channel} في Microsoft Teams، متوقفة مؤقتًا\u2069",
  ],
};

export function channelsFeature(host: FeatureHost): Shown {
  const { registry, store } = host;
  const member = () => memberOf(store.getState());
  const { language, locale } = member();
  const dialog = subject<string | null>(null);
  const api = createChannelsApi();
  const links = createLinks(api, host.now);
  const room: ChannelsRoom = { ...host, api, links, member };

  const load = (channelId: string) => async () => {
    const [{ LinkDialog }, { wordsFor }] = await Promise.all([
      import("./link-dialog.tsx"),
      import("./words.ts"),
    ]);
    const say = wordsFor(language, locale);
    return () => <LinkDialog room={room} say={say} channelId={channelId} onClose={() => dialog.set(null)} />;
  };
  /**
   * Waits a random time: not all browsers should ask at once, and the answering node may learn of the change later.
   */
  const changed = (channelId: unknown) => {
    if (typeof channelId === "string")
      setTimeout(() => void links.changed(channelId), 300 + Math.random() * 1_500);
  };
  const ids = [
    registry.registerRootComponent?.(() => {
      const channelId = useSubject(dialog);
      return channelId && <Lazy language={language} load={load(channelId)} isDialog />;
    }),
    registry.registerChannelHeaderMenuAction?.(
      // Without an icon beside the name, the channel's menu states whether and to what it is linked.
      registry.registerChannelHeaderIcon ? (
        texts[language][0]
      ) : (
        <MenuText links={links} language={language} channelId={() => openChannel(store.getState())} />
      ),
      dialog.set,
      mayBeLinked,
    ),
    registry.registerChannelHeaderIcon?.(({ channel }: { readonly channel?: HostChannel }) =>
      channel && isLinkable(channel) ? (
        <Mark channel={channel} links={links} language={language} onOpen={dialog.set} />
      ) : null,
    ),
  ];
  const ends = [
    listen(registry, ownEvent("channels_link"), ({ data }) => changed(data.channel_id)),
    listen(registry, RECONNECTED, links.forget),
  ];
  return {
    off() {
      dialog.set(null);
      for (const id of ids) if (id !== undefined) registry.unregisterComponent?.(id);
      for (const end of ends) end();
    },
  };
}

const isLinkable = ({ type }: HostChannel): boolean => type === "O" || type === "P";

const openChannel = ({ entities }: HostState): string => entities?.channels?.currentChannelId ?? "";

interface MenuTextProps {
  readonly links: Links;
  readonly language: Language;
  readonly channelId: () => string;
}

/** Rendered each time the menu opens. */
function MenuText({ channelId, language, links }: MenuTextProps): React.ReactElement {
  const [id] = React.useState(channelId);
  const link = useSubject(links.of(id));
  React.useEffect(() => links.look(id), [id, links]);
  return <span>{link?.linked ? labelOf(link, language) : texts[language][0]}</span>;
}

function labelOf({ channel = "", paused: isPaused }: LinkState, language: Language): string {
  const [, linked, paused] = texts[language];
  return (isPaused ? paused : linked).replace("{channel}", channel);
}

/** Whether the open channel can be linked. */
function mayBeLinked(state: HostState): boolean {
  const channel = state.entities?.channels?.channels?.[openChannel(state)];
  return channel !== undefined && isLinkable(channel);
}

interface MarkProps {
  readonly channel: HostChannel;
  readonly links: Links;
  readonly language: Language;
  readonly onOpen: (channelId: string) => void;
}

function Mark({ channel, language, links, onOpen }: MarkProps): React.ReactElement | null {
  const { id } = channel;
  const link = useSubject(links.of(id));
  React.useEffect(() => links.look(id), [id, links]);
  if (!link?.linked) return null;
  const label = labelOf(link, language);
  return (
    <button
      type="button"
      className="channel-header__icon"
      aria-label={label}
      title={label}
      data-part="channel-link"
      style={{ border: 0, background: "none", opacity: link.paused ? 0.6 : 1 }}
      onClick={() => onOpen(id)}
    >
      <svg
        width="16"
        height="16"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        aria-hidden="true"
      >
        <path d="M10 14a4 4 0 0 0 5.7 0l3.5-3.5a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.5 3.5a4 4 0 0 0 5.7 5.7l1.5-1.5" />
        {link.paused && <path d="M3 3l18 18" />}
      </svg>
    </button>
  );
}
