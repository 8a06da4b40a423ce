import { words } from "../platform/i18n/index.ts";

/** Texts of `/teams unlink`. */
export const unlinkWords = words({
  en: {
    help: "Disconnects your Microsoft account from your Mattermost account",
    none: "No Microsoft account is connected to your Mattermost account.",
    done: "Your Microsoft account is disconnected. Mattermost inside Microsoft 365 is signed out, and you get no more notifications there. Opening the tab again connects the account whose email address is yours.",
  },
  de: {
    help: "Trennt Ihr Microsoft-Konto von Ihrem Mattermost-Konto",
    none: "Mit Ihrem Mattermost-Konto ist kein Microsoft-Konto verbunden.",
    done: "Ihr Microsoft-Konto ist getrennt. Mattermost in Microsoft 365 ist abgemeldet, und Sie erhalten dort keine Benachrichtigungen mehr. Wenn Sie die Registerkarte wieder öffnen, wird das Konto mit Ihrer E-Mail-Adresse verbunden.",
  },
  es: {
    help: "Desconecta su cuenta de Microsoft de su cuenta de Mattermost",
    none: "Ninguna cuenta de Microsoft está conectada a su cuenta de Mattermost.",
    done: "Su cuenta de Microsoft está desconectada. La sesión de Mattermost dentro de Microsoft 365 se ha cerrado y allí ya no recibe notificaciones. Al abrir de nuevo la pestaña se conecta la cuenta que tiene su dirección de correo.",
  },
  fr: {
    help: "Dissocie votre compte Microsoft de votre compte Mattermost",
    none: "Aucun compte Microsoft n’est lié à votre compte Mattermost.",
    done: "Votre compte Microsoft est dissocié. Mattermost dans Microsoft 365 est déconnecté, et vous n’y recevez plus de notifications. Rouvrir l’onglet lie le compte qui porte votre adresse e-mail.",
  },
  ja: {
    help: "Microsoft アカウントと Mattermost アカウントの接続を解除します",
    none: "Mattermost アカウントに接続されている Microsoft アカウントはありません。",
    done: "Microsoft アカウントの接続を解除しました。Microsoft 365 内の Mattermost はサインアウトされ、通知も届かなくなります。タブをもう一度開くと、あなたのメールアドレスを持つアカウントが接続されます。",
  },
  ar: {
    help: "يفصل حسابك في Microsoft عن حسابك في Mattermost",
    none: "لا يوجد حساب Microsoft متصل بحسابك في Mattermost.",
    done: "تم فصل حسابك في Microsoft. تم تسجيل الخروج من Mattermost داخل Microsoft 365 ولن تصلك إشعارات هناك بعد الآن. عند فتح علامة التبويب مرة أخرى يتم توصيل الحساب الذي يحمل عنوان بريدك الإلكتروني.",
  },
});
