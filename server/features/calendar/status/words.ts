/** Texts about statuses. */

import { type Language, languageOf, words } from "../../../platform/i18n/index.ts";
import type { CustomStatus } from "../rules/custom-status.ts";

export const statusWords = words({
  en: {
    in_meeting: "In a meeting",
    focusing: "Focusing",
    ask_dnd: "Set your status to *Do Not Disturb* until {time}?",
    ask_away: "Set your status to *Away* until {time}?",
    yes: "Yes",
    no: "No",
    done_dnd: "Your status is *Do Not Disturb* until {time}.",
    done_away: "Your status is *Away* until {time}.",
    refused: "Your status stays as it is until {time}.",
    over: "This meeting is over. Nothing was changed.",
    meeting: "Meeting",
    no_subject: "(No subject)",
  },
  de: {
    in_meeting: "In einer Besprechung",
    focusing: "Fokuszeit",
    ask_dnd: "Status bis {time} auf *Nicht stören* setzen?",
    ask_away: "Status bis {time} auf *Abwesend* setzen?",
    yes: "Ja",
    no: "Nein",
    done_dnd: "Ihr Status ist bis {time} *Nicht stören*.",
    done_away: "Ihr Status ist bis {time} *Abwesend*.",
    refused: "Ihr Status bleibt bis {time}, wie er ist.",
    over: "Diese Besprechung ist vorbei. Es wurde nichts geändert.",
    meeting: "Besprechung",
    no_subject: "(Kein Betreff)",
  },
  es: {
    in_meeting: "En una reunión",
    focusing: "Concentración",
    ask_dnd: "¿Cambiar su estado a *No molestar* hasta las {time}?",
    ask_away: "¿Cambiar su estado a *Ausente* hasta las {time}?",
    yes: "Sí",
    no: "No",
    done_dnd: "Su estado es *No molestar* hasta las {time}.",
    done_away: "Su estado es *Ausente* hasta las {time}.",
    refused: "Su estado no cambia hasta las {time}.",
    over: "Esta reunión ha terminado. No se ha cambiado nada.",
    meeting: "Reunión",
    no_subject: "(Sin asunto)",
  },
  fr: {
    in_meeting: "En réunion",
    focusing: "Concentration",
    ask_dnd: "Passer votre statut à *Ne pas déranger* jusqu’à {time} ?",
    ask_away: "Passer votre statut à *Absent* jusqu’à {time} ?",
    yes: "Oui",
    no: "Non",
    done_dnd: "Votre statut est *Ne pas déranger* jusqu’à {time}.",
    done_away: "Votre statut est *Absent* jusqu’à {time}.",
    refused: "Votre statut reste inchangé jusqu’à {time}.",
    over: "Cette réunion est terminée. Rien n’a été modifié.",
    meeting: "Réunion",
    no_subject: "(Sans objet)",
  },
  ja: {
    in_meeting: "会議中",
    focusing: "集中しています",
    ask_dnd: "{time} までステータスを「取り込み中」にしますか？",
    ask_away: "{time} までステータスを「離席中」にしますか？",
    yes: "はい",
    no: "いいえ",
    done_dnd: "ステータスは {time} まで「取り込み中」です。",
    done_away: "ステータスは {time} まで「離席中」です。",
    refused: "ステータスは {time} まで変わりません。",
    over: "この会議は終了しました。何も変更されていません。",
    meeting: "会議",
    no_subject: "(件名なし)",
  },
  ar: {
    in_meeting: "في اجتماع",
    focusing: "وقت التركيز",
    ask_dnd: "هل تريد ضبط حالتك على *عدم الإزعاج* حتى {time}؟",
    ask_away: "هل تريد ضبط حالتك على *بالخارج* حتى {time}؟",
    yes: "نعم",
    no: "لا",
    done_dnd: "حالتك *عدم الإزعاج* حتى {time}.",
    done_away: "حالتك *بالخارج* حتى {time}.",
    refused: "تبقى حالتك كما هي حتى {time}.",
    over: "انتهى هذا الاجتماع. لم يتغير شيء.",
    meeting: "اجتماع",
    no_subject: "(بلا موضوع)",
  },
});

export function inMeetingFor(locale: string): CustomStatus {
  return { emoji: "calendar", text: statusWords.in(languageOf(locale))("in_meeting") };
}

/** The custom status of a span that is focus time and no meeting. */
export function focusingFor(locale: string): CustomStatus {
  return { emoji: "dart", text: statusWords.in(languageOf(locale))("focusing") };
}

export const noSubject = (language?: Language) => statusWords.in(language)("no_subject");
