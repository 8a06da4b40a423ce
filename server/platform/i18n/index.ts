/** Languages of the product, and words in them for what the server says: commands, bot messages, activities. */

export { type Language, languageOf, languages, primaryLanguage } from "./language.ts";
export { type Say, type Table, type Values, type Words, words } from "./words.ts";
