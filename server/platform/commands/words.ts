import { words } from "../i18n/index.ts";

/** Texts of `/teams` itself. */
export const commandWords = words({
  en: {
    help: "Microsoft 365",
    unknown: "There is no `{command}`.",
    overview: "You can type:",
    failed: "That did not work. Your admin finds the reason under `{request}`.",
    admins_only: "Only system admins may do this.",
  },
  de: {
    help: "Microsoft 365",
    unknown: "`{command}` gibt es nicht.",
    overview: "Sie können eingeben:",
    failed: "Das hat nicht geklappt. Ihre Administration findet den Grund unter `{request}`.",
    admins_only: "Das dürfen nur Systemadministratoren.",
  },
  es: {
    help: "Microsoft 365",
    unknown: "No existe `{command}`.",
    overview: "Puede escribir:",
    failed: "No ha funcionado. Su administrador encontrará el motivo con `{request}`.",
    admins_only: "Solo los administradores del sistema pueden hacerlo.",
  },
  fr: {
    help: "Microsoft 365",
    unknown: "`{command}` n’existe pas.",
    overview: "Vous pouvez saisir :",
    failed: "Cela n’a pas fonctionné. Votre administrateur trouvera la raison sous `{request}`.",
    admins_only: "Seuls les administrateurs système peuvent le faire.",
  },
  ja: {
    help: "Microsoft 365",
    unknown: "`{command}` というコマンドはありません。",
    overview: "次のように入力できます:",
    failed: "うまくいきませんでした。理由は管理者が `{request}` で確認できます。",
    admins_only: "この操作はシステム管理者だけが行えます。",
  },
  ar: {
    help: "Microsoft 365",
    unknown: "الأمر \u200e`{command}` غير موجود.",
    overview: "يمكنك كتابة:",
    failed: "لم تنجح العملية. يمكن للمسؤول معرفة السبب بالبحث عن \u200e`{request}`.",
    admins_only: "هذا متاح لمسؤولي النظام فقط.",
  },
});
