import { words } from "../platform/i18n/index.ts";

/** Texts of `/teams status` and `/teams diagnose`. */
export const statusWords = words({
  en: {
    status_help: "How your account is connected to Microsoft 365",
    diagnose_help: "Run all checks (system admins)",
    not_set_up: "Microsoft 365 is not set up on this server yet. Your admin has to finish that first.",
    not_connected:
      "Your account is not connected to a Microsoft account. Open the Mattermost tab in Teams, Outlook or the Microsoft 365 app once: that connects it.",
    connected: "Your account has been connected to your Microsoft account since {date}.",
    activity_on: "Activity in Microsoft Teams is **on** for you: `/teams notifications` shows the details.",
    activity_off: "Activity in Microsoft Teams is **off** for you: `/teams notifications on` switches it on.",
    activity_unavailable: "Activity in Microsoft Teams is switched off on this server.",
    unlink_hint: "`/teams unlink` removes the connection.",
    admins_only: "Only system admins may do this.",
  },
  de: {
    status_help: "Wie Ihr Konto mit Microsoft 365 verbunden ist",
    diagnose_help: "Alle Prüfungen ausführen (Systemadministratoren)",
    not_set_up:
      "Microsoft 365 ist auf diesem Server noch nicht eingerichtet. Das muss zuerst Ihre Administration abschließen.",
    not_connected:
      "Ihr Konto ist mit keinem Microsoft-Konto verbunden. Öffnen Sie einmal die Registerkarte Mattermost in Teams, Outlook oder der Microsoft-365-App: Das verbindet es.",
    connected: "Ihr Konto ist seit {date} mit Ihrem Microsoft-Konto verbunden.",
    activity_on:
      "Aktivitäten in Microsoft Teams sind für Sie **eingeschaltet**: `/teams notifications` zeigt die Einzelheiten.",
    activity_off:
      "Aktivitäten in Microsoft Teams sind für Sie **ausgeschaltet**: `/teams notifications on` schaltet sie ein.",
    activity_unavailable: "Aktivitäten in Microsoft Teams sind auf diesem Server ausgeschaltet.",
    unlink_hint: "`/teams unlink` löst die Verbindung.",
    admins_only: "Das dürfen nur Systemadministratoren.",
  },
  es: {
    status_help: "Cómo está conectada su cuenta a Microsoft 365",
    diagnose_help: "Ejecutar todas las comprobaciones (administradores del sistema)",
    not_set_up:
      "Microsoft 365 aún no está configurado en este servidor. Su administrador tiene que terminar antes la configuración.",
    not_connected:
      "Su cuenta no está conectada a una cuenta de Microsoft. Abra una vez la pestaña Mattermost en Teams, Outlook o la aplicación Microsoft 365: eso la conecta.",
    connected: "Su cuenta está conectada a su cuenta de Microsoft desde el {date}.",
    activity_on:
      "La actividad en Microsoft Teams está **activada** para usted: `/teams notifications` muestra los detalles.",
    activity_off:
      "La actividad en Microsoft Teams está **desactivada** para usted: `/teams notifications on` la activa.",
    activity_unavailable: "La actividad en Microsoft Teams está desactivada en este servidor.",
    unlink_hint: "`/teams unlink` deshace la conexión.",
    admins_only: "Solo los administradores del sistema pueden hacerlo.",
  },
  fr: {
    status_help: "Comment votre compte est lié à Microsoft 365",
    diagnose_help: "Lancer toutes les vérifications (administrateurs système)",
    not_set_up:
      "Microsoft 365 n’est pas encore configuré sur ce serveur. Votre administrateur doit d’abord terminer.",
    not_connected:
      "Votre compte n’est lié à aucun compte Microsoft. Ouvrez une fois l’onglet Mattermost dans Teams, Outlook ou l’application Microsoft 365 : votre compte sera alors lié.",
    connected: "Votre compte est lié à votre compte Microsoft depuis le {date}.",
    activity_on:
      "L’activité dans Microsoft Teams est **activée** pour vous : `/teams notifications` affiche les détails.",
    activity_off:
      "L’activité dans Microsoft Teams est **désactivée** pour vous : `/teams notifications on` l’active.",
    activity_unavailable: "L’activité dans Microsoft Teams est désactivée sur ce serveur.",
    unlink_hint: "`/teams unlink` supprime la liaison.",
    admins_only: "Seuls les administrateurs système peuvent le faire.",
  },
  ja: {
    status_help: "アカウントと Microsoft 365 の接続状況",
    diagnose_help: "すべてのチェックを実行します (システム管理者)",
    not_set_up:
      "このサーバーでは Microsoft 365 がまだ設定されていません。先に管理者が設定を終える必要があります。",
    not_connected:
      "お使いのアカウントは Microsoft アカウントに接続されていません。Teams、Outlook または Microsoft 365 アプリで Mattermost タブを一度開くと接続されます。",
    connected: "お使いのアカウントは {date} から Microsoft アカウントに接続されています。",
    activity_on:
      "Microsoft Teams のアクティビティは**オン**です。詳細は `/teams notifications` で確認できます。",
    activity_off:
      "Microsoft Teams のアクティビティは**オフ**です。`/teams notifications on` でオンになります。",
    activity_unavailable: "このサーバーでは Microsoft Teams のアクティビティがオフになっています。",
    unlink_hint: "`/teams unlink` で接続を解除できます。",
    admins_only: "この操作はシステム管理者だけが行えます。",
  },
  ar: {
    status_help: "حالة اتصال حسابك بـ Microsoft 365",
    diagnose_help: "تشغيل كل الفحوصات (لمسؤولي النظام)",
    not_set_up: "لم يكتمل إعداد Microsoft 365 على هذا الخادم بعد. على المسؤول إكماله أولًا.",
    not_connected:
      "حسابك غير متصل بحساب في Microsoft. افتح علامة تبويب Mattermost في Teams أو Outlook أو تطبيق Microsoft 365 مرة واحدة وسيتم توصيله.",
    connected: "حسابك متصل بحسابك في Microsoft منذ \u200e{date}.",
    activity_on: "النشاط في Microsoft Teams **مفعّل** لديك: يعرض الأمر \u200e`/teams notifications` التفاصيل.",
    activity_off: "النشاط في Microsoft Teams **متوقف** لديك: يفعّله الأمر \u200e`/teams notifications on`.",
    activity_unavailable: "النشاط في Microsoft Teams متوقف على هذا الخادم.",
    unlink_hint: "يُنهي الأمر \u200e`/teams unlink` هذا الاتصال.",
    admins_only: "هذا متاح لمسؤولي النظام فقط.",
  },
});
