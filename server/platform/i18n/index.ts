/** The product's languages, and translated texts for what the server writes: commands, bot messages, activities. */

export { type Language, languageOf, languages, primaryLanguage } from "./language.ts";
export { type Say, type Table, type Values, type Words, words } from "./words.ts";
