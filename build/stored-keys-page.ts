/** Generates docs/stored-keys.md from the declarations of the features. */

import type { Feature } from "../server/platform/feature.ts";
import { type KeyFamily, platformKeys } from "../server/platform/store/key-families.ts";
import { declaredFeatures } from "./product-features.ts";

export function storedKeysPage(features: readonly Feature[] = declaredFeatures()): string {
  const rows = (families: readonly KeyFamily[]) =>
    families.map(({ prefix, holds, until }) => `| \`${prefix}…\` | ${holds} | ${until} |`).join("\n");
  const sections = features
    .filter(({ storedKeys }) => storedKeys)
    .map(({ name, storedKeys = [] }) => `## ${name}\n\n${HEAD}\n${rows(storedKeys)}\n`);
  return `# Stored keys

<!-- Generated from what the features declare by "npm run generate". Do not edit. -->

What the plugin keeps in Mattermost's key-value store (\`PluginKeyValueStore\`), by the beginning of the key. A key
outside this list is refused by the product itself.

## platform

${HEAD}
${rows(platformKeys)}

${sections.join("\n")}`;
}

const HEAD = "| Keys | Content | Until |\n|---|---|---|";
