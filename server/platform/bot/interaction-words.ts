import { words } from "../i18n/index.ts";
import type { PressProblem } from "./cards.ts";
import type { SubmissionProblem } from "./dialogs.ts";

type Key = PressProblem | SubmissionProblem | "still_running";

const en: Record<Key, string> = {
  card_forged: "This button does not work. Nothing was changed.",
  card_expired: "This button has expired. Nothing was changed.",
  card_foreign: "This button is for somebody else. Nothing was changed.",
  card_changed: "This message has changed since. Nothing was changed by the button.",
  card_unknown: "The feature behind this button is switched off. Nothing was changed.",
  dialog_forged: "This form does not work. Please open it again.",
  dialog_expired: "This form has expired. Please open it again.",
  dialog_foreign: "This form was opened by somebody else.",
  dialog_unknown: "The feature behind this form is switched off.",
  still_running: "An earlier request for this is still running. Wait a moment, then look at the result.",
};
const de: Record<Key, string> = {
  card_forged: "Diese Schaltfläche funktioniert nicht. Es wurde nichts geändert.",
  card_expired: "Diese Schaltfläche ist abgelaufen. Es wurde nichts geändert.",
  card_foreign: "Diese Schaltfläche ist für jemand anderen. Es wurde nichts geändert.",
  card_changed: "Diese Nachricht hat sich inzwischen geändert. Die Schaltfläche hat nichts bewirkt.",
  card_unknown: "Die Funktion hinter dieser Schaltfläche ist ausgeschaltet. Es wurde nichts geändert.",
  dialog_forged: "Dieses Formular funktioniert nicht. Bitte öffnen Sie es noch einmal.",
  dialog_expired: "Dieses Formular ist abgelaufen. Bitte öffnen Sie es noch einmal.",
  dialog_foreign: "Dieses Formular hat jemand anderes geöffnet.",
  dialog_unknown: "Die Funktion hinter diesem Formular ist ausgeschaltet.",
  still_running:
    "Eine frühere Anfrage dazu läuft noch. Warten Sie einen Moment und sehen Sie dann nach dem Ergebnis.",
};
const es: Record<Key, string> = {
  card_forged: "Este botón no funciona. No se ha cambiado nada.",
  card_expired: "Este botón ha caducado. No se ha cambiado nada.",
  card_foreign: "Este botón es para otra persona. No se ha cambiado nada.",
  card_changed: "Este mensaje ha cambiado mientras tanto. El botón no ha cambiado nada.",
  card_unknown: "La función de este botón está desactivada. No se ha cambiado nada.",
  dialog_forged: "Este formulario no funciona. Ábralo de nuevo.",
  dialog_expired: "Este formulario ha caducado. Ábralo de nuevo.",
  dialog_foreign: "Otra persona abrió este formulario.",
  dialog_unknown: "La función de este formulario está desactivada.",
  still_running:
    "Una solicitud anterior sobre lo mismo sigue en curso. Espere un momento y compruebe después el resultado.",
};
const fr: Record<Key, string> = {
  card_forged: "Ce bouton ne fonctionne pas. Rien n’a été modifié.",
  card_expired: "Ce bouton a expiré. Rien n’a été modifié.",
  card_foreign: "Ce bouton est destiné à une autre personne. Rien n’a été modifié.",
  card_changed: "Ce message a changé entre-temps. Le bouton n’a rien modifié.",
  card_unknown: "La fonction de ce bouton est désactivée. Rien n’a été modifié.",
  dialog_forged: "Ce formulaire ne fonctionne pas. Veuillez l’ouvrir à nouveau.",
  dialog_expired: "Ce formulaire a expiré. Veuillez l’ouvrir à nouveau.",
  dialog_foreign: "Ce formulaire a été ouvert par une autre personne.",
  dialog_unknown: "La fonction de ce formulaire est désactivée.",
  still_running:
    "Une demande précédente à ce sujet est encore en cours. Attendez un instant, puis vérifiez le résultat.",
};
const ja: Record<Key, string> = {
  card_forged: "このボタンは使用できません。何も変更されていません。",
  card_expired: "このボタンは期限切れです。何も変更されていません。",
  card_foreign: "このボタンは別のユーザー用です。何も変更されていません。",
  card_changed: "このメッセージはその後変更されました。ボタンによる変更はありません。",
  card_unknown: "このボタンの機能は無効になっています。何も変更されていません。",
  dialog_forged: "このフォームは使用できません。もう一度開いてください。",
  dialog_expired: "このフォームは期限切れです。もう一度開いてください。",
  dialog_foreign: "このフォームは別のユーザーが開いたものです。",
  dialog_unknown: "このフォームの機能は無効になっています。",
  still_running: "同じ内容の以前の要求がまだ処理中です。しばらく待ってから結果を確認してください。",
};
const ar: Record<Key, string> = {
  card_forged: "هذا الزر لا يعمل. لم يتغير شيء.",
  card_expired: "انتهت صلاحية هذا الزر. لم يتغير شيء.",
  card_foreign: "هذا الزر مخصص لشخص آخر. لم يتغير شيء.",
  card_changed: "تغيرت هذه الرسالة منذ ذلك الحين. لم يغير الزر شيئًا.",
  card_unknown: "الميزة المرتبطة بهذا الزر متوقفة. لم يتغير شيء.",
  dialog_forged: "هذا النموذج لا يعمل. افتحه مرة أخرى.",
  dialog_expired: "انتهت صلاحية هذا النموذج. افتحه مرة أخرى.",
  dialog_foreign: "فتح هذا النموذج شخص آخر.",
  dialog_unknown: "الميزة المرتبطة بهذا النموذج متوقفة.",
  still_running: "ما زال طلب سابق بهذا الشأن قيد التنفيذ. انتظر لحظة ثم تحقق من النتيجة.",
};

/** Texts for a person whose press or submission was refused. */
export const interactionWords = words({ en, de, es, fr, ja, ar });
