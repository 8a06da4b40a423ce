/**
 * Generates server/microsoft/time-zones/windows-zones.gen.ts from Unicode CLDR's supplemental/windowsZones.json.
 */

import cldr from "cldr-core/package.json";
import table from "cldr-core/supplemental/windowsZones.json";

/**
 * Territory 001 has the zone that a Windows name means without a country, so it comes first. The other ids serve the
 * reverse direction.
 */
export function windowsZonesPage(): string {
  const mappings = table.supplemental.windowsZones.mapTimezones
    .map(({ mapZone }) => mapZone)
    .sort((a, b) => Number(b._territory === "001") - Number(a._territory === "001"));
  const zones = new Map<string, Set<string>>();
  for (const { _other: name, _type: ids } of mappings)
    zones.set(name, new Set([...(zones.get(name) ?? []), ...ids.trim().split(/ +/)]));
  const rows = [...zones]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, ids]) => `  ${JSON.stringify(name)}: ${JSON.stringify([...ids].join(" "))},`);
  return `// Generated from cldr-core ${cldr.version} (Unicode-3.0 licence) by "npm run generate". Do not edit.
/** Windows zone → IANA ids, separated by blanks; the first is the one that the name means. */
export const windowsZones: Readonly<Record<string, string>> = {
${rows.join("\n")}
};
`;
}
