/** Texts about subscriptions, for the Checks page and the page of changes. */

import { tablesFrom } from "../../platform/i18n/tables.ts";
import de from "./words/de.json" with { type: "text" };
import en from "./words/en.json" with { type: "text" };
import es from "./words/es.json" with { type: "text" };
import fr from "./words/fr.json" with { type: "text" };
import ja from "./words/ja.json" with { type: "text" };

export const changesTables = tablesFrom({ en, de, es, fr, ja });
