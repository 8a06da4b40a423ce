/**
 * A part of a page that is loaded when it is first shown. React's own `lazy` would need an error boundary of the
 * host.
 */

import * as React from "react";
import type { Language } from "../../../server/platform/i18n/language.ts";

/** Used before the feature's own texts are loaded. */
const texts: Readonly<Record<Language, readonly [loading: string, failed: string, again: string]>> = {
  en: ["Loading…", "This part could not be loaded. The plugin may have been updated.", "Reload the page"],
  de: [
    "Wird geladen…",
    "Dieser Teil ließ sich nicht laden. Vielleicht wurde das Plugin aktualisiert.",
    "Seite neu laden",
  ],
  es: [
    "Cargando…",
    "No se pudo cargar esta parte. Es posible que el plugin se haya actualizado.",
    "Recargar la página",
  ],
  fr: [
    "Chargement…",
    "Cette partie n’a pas pu être chargée. Le plugin a peut-être été mis à jour.",
    "Recharger la page",
  ],
  ja: [
    "読み込み中…",
    "この部分を読み込めませんでした。プラグインが更新された可能性があります。",
    "ページを再読み込み",
  ],
  ar: ["جارٍ التحميل…", "تعذّر تحميل هذا الجزء. ربما تم تحديث المكوّن الإضافي.", "إعادة تحميل الصفحة"],
};

export interface LazyProps {
  readonly language: Language;
  /** Called each time the part is shown; the loaded code stays with the page. */
  readonly load: () => Promise<() => React.ReactNode>;
  /** The loaded part is a dialog, so nothing is shown while it loads. */
  readonly isDialog?: boolean;
}

const unseen = { position: "absolute", clipPath: "inset(50%)" } as const;
const box = {
  position: "fixed",
  zIndex: 2000,
  insetInlineEnd: 24,
  bottom: 24,
  maxWidth: 400,
  borderRadius: 8,
  color: "var(--center-channel-color, #3f4350)",
  background: "var(--center-channel-bg, #fff)",
  boxShadow: "0 8px 24px rgba(0, 0, 0, 0.24)",
} as const;

export function Lazy({ isDialog = false, language, load }: LazyProps): React.ReactElement {
  const [part, setPart] = React.useState<(() => React.ReactNode) | "loading" | "failed">("loading");
  const latest = React.useRef(load);
  React.useEffect(() => {
    let here = true;
    const set = (next: typeof part) => {
      // React would call a function that is passed as a state.
      if (here) setPart(() => next);
    };
    latest.current().then(set, () => set("failed"));
    return () => {
      here = false;
    };
  }, []);
  const [loading, failed, again] = texts[language];
  if (part === "loading")
    return (
      <p role="status" style={isDialog ? unseen : { padding: 20 }}>
        {loading}
      </p>
    );
  if (part === "failed")
    return (
      <div role="alert" style={{ padding: 20, ...(isDialog ? box : {}) }}>
        <p>{failed}</p>
        <button type="button" className="btn btn-primary" onClick={() => location.reload()}>
          {again}
        </button>
      </div>
    );
  return <>{part()}</>;
}
