/**
 * Texts about permissions: why an admin should grant each, and what members lose without it. Keys end in
 * `{kind}.{name}`.
 */

import de from "./permissions/de.json" with { type: "text" };
import en from "./permissions/en.json" with { type: "text" };
import es from "./permissions/es.json" with { type: "text" };
import fr from "./permissions/fr.json" with { type: "text" };
import ja from "./permissions/ja.json" with { type: "text" };
import { tablesFrom } from "./tables.ts";

export const permissionTables = tablesFrom({ en, de, es, fr, ja });
