/** Texts for the one notice to a person whose mailbox cannot be read. */

import { words } from "../../../platform/i18n/index.ts";

export const unreadableWords = words({
  en: {
    no_mailbox:
      "Your Microsoft account has no mailbox that can be read, so the calendar does nothing for you. Your admin can give you one.",
    denied:
      "Your organisation does not let this app read your calendar. Connect again with `/mscalendar connect`, or ask your admin.",
  },
  de: {
    no_mailbox:
      "Ihr Microsoft-Konto hat kein lesbares Postfach, deshalb kann der Kalender nichts für Sie tun. Ihre Administration kann eines einrichten.",
    denied:
      "Ihre Organisation lässt diese App Ihren Kalender nicht lesen. Verbinden Sie sich neu mit `/mscalendar connect` oder fragen Sie Ihre Administration.",
  },
  es: {
    no_mailbox:
      "Su cuenta de Microsoft no tiene un buzón que se pueda leer, así que el calendario no hace nada por usted. Su administrador puede darle uno.",
    denied:
      "Su organización no permite que esta aplicación lea su calendario. Vuelva a conectarse con `/mscalendar connect` o pregunte a su administrador.",
  },
  fr: {
    no_mailbox:
      "Votre compte Microsoft n’a pas de boîte aux lettres lisible : le calendrier ne fait donc rien pour vous. Votre administrateur peut vous en donner une.",
    denied:
      "Votre organisation ne laisse pas cette application lire votre calendrier. Reconnectez votre compte avec `/mscalendar connect` ou demandez à votre administrateur.",
  },
  ja: {
    no_mailbox:
      "お使いの Microsoft アカウントには読み取れるメールボックスがないため、予定表は機能しません。管理者にメールボックスを依頼してください。",
    denied:
      "組織の設定により、このアプリは予定表を読み取れません。`/mscalendar connect` で接続し直すか、管理者に問い合わせてください。",
  },
  ar: {
    no_mailbox:
      "ليست لحسابك في Microsoft علبة بريد قابلة للقراءة، لذا لا يعمل التقويم لديك. يمكن للمسؤول توفير علبة بريد لك.",
    denied:
      "لا تسمح مؤسستك لهذا التطبيق بقراءة تقويمك. أعد توصيل حسابك عبر \u200e`/mscalendar connect` أو اسأل المسؤول.",
  },
});
