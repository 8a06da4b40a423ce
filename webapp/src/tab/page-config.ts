/** The public values that the server puts on the page, as JSON text in a data block. */

export interface PageConfig {
  /** `https://chat.example.com/sub` */
  readonly siteUrl: string;
  /** `""` or `"/sub"`. */
  readonly subpath: string;
  /** Path of the plugin on that site: `/sub/plugins/mission-collaboration`. */
  readonly pluginPath: string;
  /** CSP sources that may frame the page; it accepts host messages from exactly these. */
  readonly hosts: readonly string[];
  /** base64url(SHA-256(tenant id)): enough to recognise another organisation, without revealing ours. */
  readonly tenantHash: string;
  readonly configured: boolean;
}

export function readPageConfig(page: Document): PageConfig {
  const block = page.getElementById("tab-config");
  if (!block?.textContent) throw new Error("the page has no configuration");
  return JSON.parse(block.textContent) as PageConfig;
}
