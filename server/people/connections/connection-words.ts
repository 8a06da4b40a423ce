import { words } from "../../platform/i18n/index.ts";

/** Texts of the bot and the commands about a person's connection. */
export const connectionWords = words({
  en: {
    welcome:
      "Your Microsoft 365 account {account} is connected. `/msteams status` shows what it is used for, `/msteams disconnect` ends it.",
    lost: "The connection to your Microsoft 365 account {account} has ended, because Microsoft asks you to sign in again. [Connect]({link}) it again; all your settings are still there.",
    connect_button: "Connect",
    disconnect_button: "Disconnect",
    connect_help: "Connect your Microsoft 365 account",
    disconnect_help: "Disconnect your Microsoft 365 account",
    open: "[Connect your Microsoft 365 account]({link})",
    already: "Your Microsoft 365 account {account} is connected. Disconnect it first to connect another one.",
    disconnected: "Your Microsoft 365 account is disconnected. Everything that was kept for it is removed.",
    not_connected: "Your Microsoft 365 account is not connected.",
    status: "Connected with {account} since {date}.",
    status_lost: "The connection has ended. [Connect]({link}) it again.",
    status_missing: "Some features need your agreement: [connect again]({link}).",
  },
  de: {
    welcome:
      "Ihr Microsoft-365-Konto {account} ist verbunden. `/msteams status` zeigt, wofür es benutzt wird, `/msteams disconnect` trennt es.",
    lost: "Die Verbindung zu Ihrem Microsoft-365-Konto {account} ist beendet, weil Microsoft eine neue Anmeldung verlangt. [Verbinden]({link}) Sie es wieder; alle Ihre Einstellungen sind noch da.",
    connect_button: "Verbinden",
    disconnect_button: "Trennen",
    connect_help: "Ihr Microsoft-365-Konto verbinden",
    disconnect_help: "Ihr Microsoft-365-Konto trennen",
    open: "[Ihr Microsoft-365-Konto verbinden]({link})",
    already:
      "Ihr Microsoft-365-Konto {account} ist verbunden. Trennen Sie es zuerst, um ein anderes zu verbinden.",
    disconnected: "Ihr Microsoft-365-Konto ist getrennt. Alles, was dafür gespeichert war, ist entfernt.",
    not_connected: "Ihr Microsoft-365-Konto ist nicht verbunden.",
    status: "Verbunden mit {account} seit {date}.",
    status_lost: "Die Verbindung ist beendet. [Verbinden]({link}) Sie das Konto wieder.",
    status_missing: "Einige Funktionen brauchen Ihre Zustimmung: [erneut verbinden]({link}).",
  },
  es: {
    welcome:
      "Su cuenta de Microsoft 365 {account} está conectada. `/msteams status` muestra para qué se usa y `/msteams disconnect` la desconecta.",
    lost: "La conexión con su cuenta de Microsoft 365 {account} ha terminado porque Microsoft pide que inicie sesión de nuevo. [Conéctela]({link}) otra vez; todos sus ajustes siguen ahí.",
    connect_button: "Conectar",
    disconnect_button: "Desconectar",
    connect_help: "Conectar su cuenta de Microsoft 365",
    disconnect_help: "Desconectar su cuenta de Microsoft 365",
    open: "[Conectar su cuenta de Microsoft 365]({link})",
    already: "Su cuenta de Microsoft 365 {account} está conectada. Desconéctela primero para conectar otra.",
    disconnected: "Su cuenta de Microsoft 365 está desconectada. Se eliminó todo lo que se guardaba de ella.",
    not_connected: "Su cuenta de Microsoft 365 no está conectada.",
    status: "Conectado con {account} desde el {date}.",
    status_lost: "La conexión ha terminado. [Conéctela]({link}) de nuevo.",
    status_missing: "Algunas funciones necesitan su consentimiento: [conectar de nuevo]({link}).",
  },
  fr: {
    welcome:
      "Votre compte Microsoft 365 {account} est connecté. `/msteams status` montre à quoi il sert, `/msteams disconnect` le déconnecte.",
    lost: "La connexion à votre compte Microsoft 365 {account} a pris fin, car Microsoft demande une nouvelle authentification. [Connectez-le]({link}) de nouveau ; tous vos paramètres sont conservés.",
    connect_button: "Connecter",
    disconnect_button: "Déconnecter",
    connect_help: "Connecter votre compte Microsoft 365",
    disconnect_help: "Déconnecter votre compte Microsoft 365",
    open: "[Connecter votre compte Microsoft 365]({link})",
    already:
      "Votre compte Microsoft 365 {account} est connecté. Déconnectez-le d’abord pour en connecter un autre.",
    disconnected:
      "Votre compte Microsoft 365 est déconnecté. Tout ce qui était conservé pour lui est supprimé.",
    not_connected: "Votre compte Microsoft 365 n’est pas connecté.",
    status: "Connecté avec {account} depuis le {date}.",
    status_lost: "La connexion a pris fin. [Connectez-le]({link}) de nouveau.",
    status_missing: "Certaines fonctions ont besoin de votre accord : [connecter de nouveau]({link}).",
  },
  ja: {
    welcome:
      "Microsoft 365 アカウント {account} を接続しました。`/msteams status` で用途を確認でき、`/msteams disconnect` で切断できます。",
    lost: "Microsoft が再サインインを求めているため、Microsoft 365 アカウント {account} への接続が終了しました。もう一度[接続]({link})してください。設定はすべて残っています。",
    connect_button: "接続",
    disconnect_button: "切断",
    connect_help: "Microsoft 365 アカウントを接続します",
    disconnect_help: "Microsoft 365 アカウントを切断します",
    open: "[Microsoft 365 アカウントを接続する]({link})",
    already:
      "Microsoft 365 アカウント {account} は接続されています。別のものを接続するには、先に切断してください。",
    disconnected: "Microsoft 365 アカウントを切断しました。保存されていたものはすべて削除されました。",
    not_connected: "Microsoft 365 アカウントは接続されていません。",
    status: "{date} から {account} に接続しています。",
    status_lost: "接続が終了しました。もう一度[接続]({link})してください。",
    status_missing: "同意が必要な機能があります: [もう一度接続する]({link})。",
  },
  ar: {
    welcome:
      "تم توصيل حسابك {account} في Microsoft 365. يعرض الأمر \u200e`/msteams status` استخداماته، ويفصله الأمر \u200e`/msteams disconnect`.",
    lost: "انتهى الاتصال بحسابك {account} في Microsoft 365 لأن Microsoft تطلب تسجيل الدخول مجددًا. [وصّله]({link}) مرة أخرى؛ كل إعداداتك باقية.",
    connect_button: "توصيل",
    disconnect_button: "فصل",
    connect_help: "توصيل حسابك في Microsoft 365",
    disconnect_help: "فصل حسابك في Microsoft 365",
    open: "[توصيل حسابك في Microsoft 365]({link})",
    already: "حسابك {account} في Microsoft 365 متصل. افصله أولًا لتوصيل حساب آخر.",
    disconnected: "تم فصل حسابك في Microsoft 365 وحُذف كل ما حُفظ له.",
    not_connected: "حسابك في Microsoft 365 غير متصل.",
    status: "متصل بالحساب {account} منذ \u200e{date}.",
    status_lost: "انتهى الاتصال. [وصّله]({link}) مرة أخرى.",
    status_missing: "تحتاج بعض الميزات إلى موافقتك: [وصّل مرة أخرى]({link}).",
  },
});
