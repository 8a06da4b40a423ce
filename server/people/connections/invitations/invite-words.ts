import { words } from "../../../platform/i18n/index.ts";

/** Texts with which the bot invites somebody to connect. */
export const inviteWords = words({
  en: {
    invitation:
      "Hello {name}, your administrator invites you to connect your Microsoft 365 account with Mattermost: [connect it]({link}). You can do it later with `/msteams connect`, and end it at any time with `/msteams disconnect`.",
    accepted: "Your Microsoft 365 account {account} is connected.",
  },
  de: {
    invitation:
      "Hallo {name}, Ihre Administration lädt Sie ein, Ihr Microsoft-365-Konto mit Mattermost zu verbinden: [verbinden]({link}). Später geht es mit `/msteams connect`, und `/msteams disconnect` trennt es jederzeit.",
    accepted: "Ihr Microsoft-365-Konto {account} ist verbunden.",
  },
  es: {
    invitation:
      "Hola, {name}. Su administrador le invita a conectar su cuenta de Microsoft 365 con Mattermost: [conectarla]({link}). También puede hacerlo más tarde con `/msteams connect` y desconectarla en cualquier momento con `/msteams disconnect`.",
    accepted: "Su cuenta de Microsoft 365 {account} está conectada.",
  },
  fr: {
    invitation:
      "Bonjour {name}, votre administrateur vous invite à connecter votre compte Microsoft 365 à Mattermost : [le connecter]({link}). Vous pouvez le faire plus tard avec `/msteams connect` et le déconnecter à tout moment avec `/msteams disconnect`.",
    accepted: "Votre compte Microsoft 365 {account} est connecté.",
  },
  ja: {
    invitation:
      "{name} さん、管理者から Microsoft 365 アカウントを Mattermost に接続するよう案内がありました: [接続する]({link})。後から `/msteams connect` で接続でき、`/msteams disconnect` でいつでも切断できます。",
    accepted: "Microsoft 365 アカウント {account} を接続しました。",
  },
  ar: {
    invitation:
      "مرحبًا {name}، يدعوك المسؤول إلى توصيل حسابك في Microsoft 365 بـ Mattermost: [وصّله]({link}). يمكنك ذلك لاحقًا بالأمر \u200e`/msteams connect`، وفصله في أي وقت بالأمر \u200e`/msteams disconnect`.",
    accepted: "تم توصيل حسابك {account} في Microsoft 365.",
  },
});
