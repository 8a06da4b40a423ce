import { words } from "../../../platform/i18n/index.ts";

/** Texts of the commands and of the message to system admins about the bot account. */
export const botWords = words({
  en: {
    connect_help: "Connect the Teams account that writes for people who have not connected theirs",
    disconnect_help: "Disconnect that Teams account",
    open: "Sign in with the Teams account that is to be the bot, in a private window if you are signed in as yourself: [connect the bot account]({link})",
    already: "The bot account {account} is connected. Disconnect it first with `/msteams disconnect-bot`.",
    disconnected: "The bot account is disconnected.",
    not_connected: "No bot account is connected.",
    not_needed: "No feature that is switched on needs a bot account.",
    lost: "The bot account {account} of the linked channels has to sign in to Microsoft again: [connect it]({link}). Until then, messages of people without an account of their own stay here.",
  },
  de: {
    connect_help: "Das Teams-Konto verbinden, das für Personen ohne verbundenes Konto schreibt",
    disconnect_help: "Dieses Teams-Konto trennen",
    open: "Melden Sie sich mit dem Teams-Konto an, das der Bot werden soll, in einem privaten Fenster, falls Sie mit Ihrem eigenen Konto angemeldet sind: [Bot-Konto verbinden]({link})",
    already: "Das Bot-Konto {account} ist verbunden. Trennen Sie es zuerst mit `/msteams disconnect-bot`.",
    disconnected: "Das Bot-Konto ist getrennt.",
    not_connected: "Es ist kein Bot-Konto verbunden.",
    not_needed: "Keine eingeschaltete Funktion braucht ein Bot-Konto.",
    lost: "Das Bot-Konto {account} der verknüpften Kanäle muss sich bei Microsoft neu anmelden: [verbinden]({link}). Bis dahin bleiben Nachrichten von Personen ohne eigenes Konto hier.",
  },
  es: {
    connect_help: "Conectar la cuenta de Teams que escribe por quienes no han conectado la suya",
    disconnect_help: "Desconectar esa cuenta de Teams",
    open: "Inicie sesión con la cuenta de Teams que será el bot, en una ventana privada si ya tiene su propia sesión: [conectar la cuenta del bot]({link})",
    already:
      "La cuenta del bot {account} está conectada. Desconéctela primero con `/msteams disconnect-bot`.",
    disconnected: "La cuenta del bot está desconectada.",
    not_connected: "No hay ninguna cuenta de bot conectada.",
    not_needed: "Ninguna función activada necesita una cuenta de bot.",
    lost: "La cuenta del bot {account} de los canales vinculados tiene que iniciar sesión de nuevo en Microsoft: [conectarla]({link}). Hasta entonces, los mensajes de quienes no tienen cuenta propia se quedan aquí.",
  },
  fr: {
    connect_help: "Connecter le compte Teams qui écrit pour ceux qui n’ont pas connecté le leur",
    disconnect_help: "Déconnecter ce compte Teams",
    open: "Connectez-vous avec le compte Teams qui doit être le bot, dans une fenêtre privée si votre propre session est ouverte : [connecter le compte du bot]({link})",
    already:
      "Le compte du bot {account} est connecté. Déconnectez-le d’abord avec `/msteams disconnect-bot`.",
    disconnected: "Le compte du bot est déconnecté.",
    not_connected: "Aucun compte de bot n’est connecté.",
    not_needed: "Aucune fonction activée n’a besoin d’un compte de bot.",
    lost: "Le compte du bot {account} des canaux liés doit s’authentifier de nouveau chez Microsoft : [le connecter]({link}). D’ici là, les messages des personnes sans compte propre restent ici.",
  },
  ja: {
    connect_help: "自分のアカウントを持たない人の代わりに書き込む Teams アカウントを接続します",
    disconnect_help: "その Teams アカウントを切断します",
    open: "ボットにする Teams アカウントでサインインしてください (自分のアカウントでサインイン中の場合はプライベートウィンドウで): [ボットアカウントを接続する]({link})",
    already:
      "ボットアカウント {account} は接続されています。先に `/msteams disconnect-bot` で切断してください。",
    disconnected: "ボットアカウントを切断しました。",
    not_connected: "ボットアカウントは接続されていません。",
    not_needed: "有効な機能の中にボットアカウントを必要とするものはありません。",
    lost: "リンクしたチャンネルのボットアカウント {account} は Microsoft に再サインインが必要です: [接続する]({link})。それまで、自分のアカウントを持たない人のメッセージはここにとどまります。",
  },
  ar: {
    connect_help: "توصيل حساب Teams الذي يكتب نيابة عمّن لم يوصّلوا حساباتهم",
    disconnect_help: "فصل حساب Teams هذا",
    open: "سجّل الدخول بحساب Teams الذي سيكون الروبوت، في نافذة خاصة إذا كنت قد سجّلت الدخول بحسابك: [توصيل حساب الروبوت]({link})",
    already: "حساب الروبوت {account} متصل. افصله أولًا بالأمر \u200e`/msteams disconnect-bot`.",
    disconnected: "تم فصل حساب الروبوت.",
    not_connected: "لا يوجد حساب روبوت متصل.",
    not_needed: "لا تحتاج أي ميزة مفعّلة إلى حساب روبوت.",
    lost: "يجب أن يسجّل حساب الروبوت {account} للقنوات المرتبطة الدخول لدى Microsoft مجددًا: [وصّله]({link}). حتى ذلك الحين تبقى هنا رسائل من ليس لديهم حساب خاص بهم.",
  },
});
