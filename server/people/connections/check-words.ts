/** Texts about connected accounts on the Checks page. */

import { tablesFrom } from "../../platform/i18n/tables.ts";
import de from "./check-words/de.json" with { type: "text" };
import en from "./check-words/en.json" with { type: "text" };
import es from "./check-words/es.json" with { type: "text" };
import fr from "./check-words/fr.json" with { type: "text" };
import ja from "./check-words/ja.json" with { type: "text" };

export const connectionTables = tablesFrom({ en, de, es, fr, ja });
