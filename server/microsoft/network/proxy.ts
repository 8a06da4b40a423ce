/**
 * Chooses the proxy of a request: the plugin's own setting, else the server's environment (HTTPS_PROXY, HTTP_PROXY,
 * NO_PROXY in either case), by the rules of golang.org/x/net/http/httpproxy, which the Mattermost server itself
 * follows. We choose it here and pass it to every fetch, because what Bun reads from the environment has changed
 * between its releases (oven-sh/bun#42692).
 */

import type { BlockList } from "node:net";
import { problemWords } from "../../platform/i18n/problems.ts";
import { type ProxyFault, readProxyAddress } from "../../platform/settings/index.ts";

export interface ProxySettings {
  /** Address of the proxy; "" means: use the environment. */
  readonly setting: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The environment names a proxy that cannot be used. `message` never contains the address. */
export class ProxyUnusable extends Error {
  /** Name of the variable. */
  readonly variable: string;
  readonly code: ProxyFault;
  constructor(variable: string, code: ProxyFault) {
    super(`${variable} ${problemWords(code)}`);
    this.name = "ProxyUnusable";
    this.variable = variable;
    this.code = code;
  }
}

const VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * Removes the proxy variables from the process's environment. Otherwise Bun 1.4.5 would use them for every request
 * without an explicit proxy, including those that NO_PROXY or the setting sends directly (tried).
 */
export function takeProxyEnvironment(
  environment: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const taken = Object.fromEntries(VARIABLES.map((name) => [name, environment[name]]));
  for (const name of VARIABLES) delete environment[name];
  return taken;
}

/** Returns the proxy's address, or `null` for a direct connection. Throws `ProxyUnusable`. */
export function proxyFor(target: URL, { setting, environment }: ProxySettings): string | null {
  const [name, value] = firstSet(environment, target.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  const proxy = setting || value;
  if (proxy === "" || isDirect(target, firstSet(environment, "NO_PROXY")[1])) return null;
  const read = readProxyAddress(proxy);
  // Go connects directly for some of these. An admin who configures a proxy wants no traffic to bypass it.
  if ("code" in read) throw new ProxyUnusable(setting === "" ? name : "outgoing_proxy", read.code);
  return read.address;
}

function firstSet(
  environment: ProxySettings["environment"],
  name: string,
): readonly [name: string, value: string] {
  const lower = name.toLowerCase();
  return environment[name] ? [name, environment[name]] : [lower, environment[lower] ?? ""];
}

/** The inverse of `httpproxy.config.useProxy`: this machine itself is never reached through a proxy. */
function isDirect(target: URL, noProxy: string): boolean {
  const host = plainAddress(target.hostname.replace(/^\[|\]$/g, "").toLowerCase());
  const port = target.port || (target.protocol === "https:" ? "443" : "80");
  if (host === "localhost" || within("127.0.0.0", 8, host) || within("::1", 128, host)) return true;
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase());
  return entries.includes("*") || entries.some((entry) => matches(entry, host, port));
}

/**
 * Matches one entry of NO_PROXY: `10.0.0.0/8`, `10.1.2.3`, `[fd00::1]:443`, `example.com` with its subdomains, or
 * `.example.com` and `*.example.com`, which mean only the subdomains. All but the first may end in a port.
 */
function matches(entry: string, host: string, port: string): boolean {
  const [network = "", bits = ""] = entry.split("/");
  const family = familyOf(network);
  if (family !== null && /^\d{1,3}$/.test(bits) && Number(bits) <= BITS[family]) {
    return within(network, Number(bits), host);
  }
  const { name, onlyPort } = splitPort(entry);
  if (name === "" || (onlyPort !== "" && onlyPort !== port)) return false;
  const address = plainAddress(name);
  const nameFamily = familyOf(address);
  if (nameFamily !== null) return within(address, BITS[nameFamily], host);
  if (familyOf(host) !== null) return false;
  const domain = ascii(name.startsWith("*.") ? name.slice(1) : name);
  if (domain.startsWith(".")) return host.endsWith(domain);
  return host === domain || host.endsWith(`.${domain}`);
}

/** Go's net.SplitHostPort: an IPv6 address can have a port only when it is in brackets. */
function splitPort(entry: string): { name: string; onlyPort: string } {
  const bracketed = /^\[([^\]]*)\]:(\d*)$/.exec(entry);
  if (bracketed) return { name: bracketed[1] ?? "", onlyPort: bracketed[2] ?? "" };
  const plain = /^([^:[\]]*):([^:[\]]*)$/.exec(entry);
  return plain ? { name: plain[1] ?? "", onlyPort: plain[2] ?? "" } : { name: entry, onlyPort: "" };
}

/** As a URL spells it: non-ASCII names in Punycode. */
function ascii(domain: string): string {
  const dot = domain.startsWith(".") ? "." : "";
  const name = domain.slice(dot.length);
  return URL.canParse(`http://${name}`) ? dot + new URL(`http://${name}`).hostname : domain;
}

type Family = "ipv4" | "ipv6";
const BITS: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

// Loaded with the first proxy; a start of the plugin does not need it.
const net = () => process.getBuiltinModule("node:net");

/** Go does not support zones here (`fe80::1%eth0`): an entry with one matches nothing. */
function familyOf(host: string): Family | null {
  if (host.includes("%")) return null;
  const version = net().isIP(host);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : null;
}

/** `::ffff:10.0.0.1` is the IPv4 address, as in Go; names and other addresses stay as they are. */
function plainAddress(host: string): string {
  if (familyOf(host) !== "ipv6") return host;
  const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(new URL(`http://[${host}]`).hostname);
  if (!mapped) return host;
  const groups = [mapped[1] ?? "", mapped[2] ?? ""].map((group) => Number.parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join(".");
}

function within(network: string, bits: number, host: string): boolean {
  const family = familyOf(host);
  if (family === null || family !== familyOf(network)) return false;
  const list: BlockList = new (net().BlockList)();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}
