/**
 * Which proxy a request takes: the plugin's own setting, else the server's environment (HTTPS_PROXY,
 * HTTP_PROXY, NO_PROXY in either case). Resolved here and passed to every fetch, because what Bun reads
 * from the environment by itself has changed between its releases (oven-sh/bun#42692).
 */

export interface ProxySettings {
  /** Address of the proxy, or empty: use the environment. */
  readonly setting: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * Moves the proxy variables out of the process's environment. Left there, Bun 1.4.5 would use them for every
 * request without a proxy of its own, also for those that NO_PROXY or the setting sends directly (tried).
 */
export function takeProxyEnvironment(
  environment: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const taken = Object.fromEntries(VARIABLES.map((name) => [name, environment[name]]));
  for (const name of VARIABLES) delete environment[name];
  return taken;
}

/** The proxy's address, or `null` for a direct connection. */
export function proxyFor(target: URL, { setting, environment }: ProxySettings): string | null {
  const read = (name: string) => environment[name] || environment[name.toLowerCase()] || "";
  const proxy = setting || (target.protocol === "https:" ? read("HTTPS_PROXY") : read("HTTP_PROXY"));
  if (proxy === "" || isExcluded(target, read("NO_PROXY"))) return null;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** `example.com` and `.example.com` cover the domain and what is below it; `host:port` one port; `*` all. */
function isExcluded(target: URL, noProxy: string): boolean {
  const hostname = target.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = target.port || (target.protocol === "https:" ? "443" : "80");
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    const [, name = "", onlyPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    // An IPv6 address has colons of its own: the pattern above would take its last group for a port.
    const bare =
      entry.split(":").length > 2 && !entry.startsWith("[")
        ? entry.toLowerCase()
        : name.replace(/^\*?\./, "");
    if (bare === name.replace(/^\*?\./, "") && onlyPort !== undefined && onlyPort !== port) return false;
    return hostname === bare || hostname.endsWith(`.${bare}`);
  });
}
