/**
 * Checks whether the admin's consent still exists. When it is withdrawn, calendars are read with their owners' own
 * tokens, and system admins get one message.
 *
 *   calendar/consent   "granted" while the app's token has the permission, "reported" after it lost it
 *
 * With RBAC for Applications, the token never lists the permission, so this code cannot notice its loss.
 */

import { rolesOf } from "../../../microsoft/entra/token-roles.ts";
import { type Language, words } from "../../../platform/i18n/index.ts";
import type { KeyValueStore } from "../../../runtime/mattermost/index.ts";

export interface AppConsentPorts {
  readonly kv: Pick<KeyValueStore, "get" | "compareAndSet">;
  readonly now: () => number;
  readonly appToken: () => Promise<string>;
  readonly tellAdmins: (message: (language: Language) => string) => Promise<void>;
}

export const CONSENT_KEY = "calendar/consent";
const LOOK_EVERY_MS = 10 * 60_000;

export class AppConsent {
  readonly #ports: AppConsentPorts;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: AppConsentPorts) {
    this.#ports = ports;
  }

  /** Called after calendars were read; checks every ten minutes at most. Throws errors of the store and the server. */
  async look(): Promise<void> {
    const { appToken, kv, now, tellAdmins } = this.#ports;
    if (now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now();
    const token = await appToken().catch(() => null);
    // Another check reports that there is no token.
    if (token === null) return;
    const isGranted = rolesOf(token).some((role) => /^Calendars\.Read(Write)?$/.test(role));
    const stored = await kv.get(CONSENT_KEY);
    const state = stored && new TextDecoder().decode(stored);
    const next = isGranted ? "granted" : state === "granted" ? "reported" : state;
    if (next === null || next === state) return;
    const isMine = await kv.compareAndSet(CONSENT_KEY, stored, new TextEncoder().encode(next));
    if (isMine && next === "reported") await tellAdmins((language) => consentWords.in(language)("lost"));
  }
}

const consentWords = words({
  en: {
    lost: "The application permission `Calendars.Read` is gone. Calendars are now read with each member's own token, more slowly; members who have not agreed to it get nothing. Grant admin consent again in Entra, or leave it so.",
  },
  de: {
    lost: "Die Anwendungsberechtigung `Calendars.Read` fehlt nun. Kalender werden jetzt langsamer mit dem Token jedes Mitglieds gelesen; wer nicht zugestimmt hat, bekommt nichts. Erteilen Sie die Administratorzustimmung in Entra neu, oder lassen Sie es so.",
  },
  es: {
    lost: "El permiso de aplicación `Calendars.Read` ya no está concedido. Ahora los calendarios se leen más despacio, con el token de cada miembro; quien no lo haya aceptado no recibe nada. Conceda de nuevo el consentimiento de administrador en Entra, o déjelo así.",
  },
  fr: {
    lost: "L’autorisation d’application `Calendars.Read` a disparu. Les calendriers sont maintenant lus plus lentement, avec le jeton de chaque membre ; les membres qui n’ont pas donné leur accord ne reçoivent rien. Accordez de nouveau le consentement de l’administrateur dans Entra, ou laissez les choses ainsi.",
  },
  ja: {
    lost: "アプリケーションのアクセス許可 `Calendars.Read` がなくなりました。今後は各メンバーのトークンで予定表を読み取るため遅くなり、同意していないメンバーには何も届きません。Entra で管理者の同意をもう一度与えるか、このままにしてください。",
  },
  ar: {
    lost: "لم يعد إذن التطبيق `Calendars.Read` موجودًا. تُقرأ التقاويم الآن بالرمز المميز لكل عضو وبسرعة أقل، ومن لم يوافق على ذلك من الأعضاء لا يحصل على شيء. امنح موافقة المسؤول مجددًا في Entra أو اترك الأمر كما هو.",
  },
});
