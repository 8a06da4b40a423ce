/**
 * Recognises focus time. Graph has no property for it: Viva Insights and Outlook create an ordinary event named *Focus
 * time* in the language of its owner. An event with another name can have a category of that name.
 */

/** In the languages of the plugin. */
const names: ReadonlySet<string> = new Set([
  ...["focus time", "focus", "fokuszeit", "fokus"],
  ...["tiempo de concentración", "concentración", "temps de concentration", "concentration"],
  ...["フォーカス時間", "フォーカス タイム", "集中時間", "وقت التركيز"],
]);

export function isFocusTime(subject: string, categories: readonly string[]): boolean {
  return [subject, ...categories].some((text) => names.has(text.normalize("NFC").trim().toLowerCase()));
}
