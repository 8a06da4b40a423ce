/**
 * Focus time. Graph has no mark for it: Viva Insights and Outlook write an ordinary own event named *Focus time* in the
 * language of its owner, and whoever renames it, or books one by hand, can give it a category of that name.
 */

/** In the languages that we speak. */
const names: ReadonlySet<string> = new Set([
  ...["focus time", "focus", "fokuszeit", "fokus"],
  ...["tiempo de concentración", "concentración", "temps de concentration", "concentration"],
  ...["フォーカス時間", "フォーカス タイム", "集中時間", "وقت التركيز"],
]);

export function isFocusTime(subject: string, categories: readonly string[]): boolean {
  return [subject, ...categories].some((text) => names.has(text.normalize("NFC").trim().toLowerCase()));
}
