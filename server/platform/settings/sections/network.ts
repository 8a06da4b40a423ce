/** Settings of the network between this server and Microsoft, in both directions. */

import { pastedValue } from "../pasted.ts";
import { readProxyAddress } from "../proxy-address.ts";
import { choice, httpsUrl, optional, pem, type Rule, string, trimmed, Wrong } from "../rule.ts";
import { plain, restricting, section } from "../section.ts";

/** A CSP host-source with https, at most one wildcard label at the front, and no path. */
const HOST_SOURCE = /^https:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/i;

const hostSources = trimmed("ancestors", (value) =>
  value.split(/[\s,]+/).every((source) => source === "" || HOST_SOURCE.test(source)),
);

const proxyAddress: Rule<string> = optional({
  initial: "",
  field: "text",
  read(value) {
    const read = readProxyAddress(pastedValue(string(value)));
    if ("code" in read) throw new Wrong(read.code);
    return read.address;
  },
});

export const networkSettings = section("connect", {
  /** Secret because it may contain a password. */
  outgoing_proxy: plain(proxyAddress, { secret: true, placeholder: "http://proxy.example.com:3128" }),
  custom_ca_certificates: plain(pem(1024 * 1024, "ca_long"), { placeholder: "-----BEGIN CERTIFICATE-----" }),
  /** Replaces the site URL when Microsoft reaches this server at another address. */
  notification_url: plain(httpsUrl, { placeholder: "https://hooks.example.com" }),
  change_delivery: plain(choice("webhook", "polling")),
  /** CSP host sources besides those of the cloud, such as a page of the organisation that embeds the tab. */
  extra_frame_ancestors: restricting(hostSources, "", { placeholder: "https://portal.example.com" }),
});
