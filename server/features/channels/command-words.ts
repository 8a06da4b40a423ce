import { words } from "../../platform/i18n/index.ts";

/** The autocomplete texts of the commands, which a start needs. */
export const channelCommandWords = words({
  en: {
    team: "Team in Microsoft Teams",
    channel: "Channel in Microsoft Teams",
    link: "Link this channel with a Teams channel.",
    unlink: "End the link of this channel with Teams.",
    show: "Show the Teams channel of this channel.",
    show_links: "Show all linked channels.",
  },
  de: {
    team: "Team in Microsoft Teams",
    channel: "Kanal in Microsoft Teams",
    link: "Diesen Kanal mit einem Teams-Kanal verknüpfen.",
    unlink: "Die Verknüpfung dieses Kanals mit Teams beenden.",
    show: "Den Teams-Kanal dieses Kanals zeigen.",
    show_links: "Alle verknüpften Kanäle zeigen.",
  },
  es: {
    team: "Equipo en Microsoft Teams",
    channel: "Canal en Microsoft Teams",
    link: "Vincular este canal con un canal de Teams.",
    unlink: "Terminar el vínculo de este canal con Teams.",
    show: "Mostrar el canal de Teams de este canal.",
    show_links: "Mostrar todos los canales vinculados.",
  },
  fr: {
    team: "Équipe dans Microsoft Teams",
    channel: "Canal dans Microsoft Teams",
    link: "Lier ce canal à un canal Teams.",
    unlink: "Mettre fin au lien de ce canal avec Teams.",
    show: "Afficher le canal Teams de ce canal.",
    show_links: "Afficher tous les canaux liés.",
  },
  ja: {
    team: "Microsoft Teams のチーム",
    channel: "Microsoft Teams のチャネル",
    link: "このチャンネルを Teams チャネルとリンクします。",
    unlink: "このチャンネルと Teams のリンクを解除します。",
    show: "このチャンネルの Teams チャネルを表示します。",
    show_links: "リンクされたすべてのチャンネルを表示します。",
  },
  ar: {
    team: "فريق في Microsoft Teams",
    channel: "قناة في Microsoft Teams",
    link: "ربط هذه القناة بقناة في Teams.",
    unlink: "إنهاء ربط هذه القناة بـ Teams.",
    show: "عرض قناة Teams المرتبطة بهذه القناة.",
    show_links: "عرض كل القنوات المرتبطة.",
  },
});
