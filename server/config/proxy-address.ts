/** The address of a proxy, out of the setting or out of a variable of the environment. */

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/**
 * `http://proxy:3128`, `https://…`, or `proxy:3128` as Go's `httpproxy` takes it, with a name and a password
 * where the proxy wants them. Everything else is named, never passed on: Bun answers it with a bare TypeError.
 * `says` repeats nothing of the address, which may hold a password.
 */
export function readProxyAddress(text: string): { readonly address: string } | { readonly says: string } {
  if (/["'`\u2018-\u201f]/.test(text)) return { says: "has quotes around the address: leave them out" };
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme?.startsWith("socks")) {
    return { says: "names a SOCKS proxy, which is not supported: name an HTTP proxy" };
  }
  if (scheme?.startsWith("pac") || /\.pac$/i.test(text.replace(/[?#].*$/, ""))) {
    return { says: "names a PAC file, which is not supported: name the proxy itself" };
  }
  const address = scheme === undefined ? `http://${text}` : text;
  const hasPort = /:\d{1,5}\/*$/.test(text);
  if (!URL.canParse(address) || /\s/.test(text) || (scheme === undefined && !hasPort))
    return { says: EXPECTED };
  const { protocol, hostname, search, hash } = new URL(address);
  const good = (protocol === "http:" || protocol === "https:") && hostname !== "" && search + hash === "";
  return good ? { address } : { says: EXPECTED };
}

const EXPECTED = "must be an http or https address such as http://proxy.example.com:3128";
