import { describe, expect, test } from "bun:test";
import { ProxyUnusable, proxyFor, takeProxyEnvironment } from "./proxy.ts";
import golden from "./testdata/httpproxy.json" with { type: "json" };

const proxy = "http://proxy.corp:3128";

describe("chooses the proxy of a request", () => {
  const cases: {
    name: string;
    url: string;
    setting?: string;
    env?: Record<string, string>;
    takes: string | null;
  }[] = [
    { name: "none configured", url: "https://graph.microsoft.com", takes: null },
    { name: "the setting", url: "https://graph.microsoft.com", setting: proxy, takes: proxy },
    {
      name: "the environment",
      url: "https://graph.microsoft.com",
      env: { HTTPS_PROXY: proxy },
      takes: proxy,
    },
    {
      name: "lower-case environment",
      url: "https://graph.microsoft.com",
      env: { https_proxy: proxy },
      takes: proxy,
    },
    {
      name: "the setting before the environment",
      url: "https://a.b",
      setting: proxy,
      env: { HTTPS_PROXY: "http://other:1" },
      takes: proxy,
    },
    { name: "http targets ignore HTTPS_PROXY", url: "http://a.b", env: { HTTPS_PROXY: proxy }, takes: null },
    {
      name: "an address without scheme",
      url: "https://a.b",
      env: { HTTPS_PROXY: "proxy.corp:3128" },
      takes: proxy,
    },
    { name: "NO_PROXY *", url: "https://a.b", setting: proxy, env: { NO_PROXY: "*" }, takes: null },
    {
      name: "NO_PROXY the host itself",
      url: "https://login.corp",
      setting: proxy,
      env: { NO_PROXY: "x, login.corp" },
      takes: null,
    },
    {
      name: "NO_PROXY a parent domain",
      url: "https://login.corp",
      setting: proxy,
      env: { NO_PROXY: "corp" },
      takes: null,
    },
    {
      name: "NO_PROXY with leading dot",
      url: "https://login.corp",
      setting: proxy,
      env: { NO_PROXY: ".corp" },
      takes: null,
    },
    {
      name: "NO_PROXY with star and dot",
      url: "https://login.corp",
      setting: proxy,
      env: { NO_PROXY: "*.corp" },
      takes: null,
    },
    {
      name: "NO_PROXY does not match the end of a label",
      url: "https://evilcorp",
      setting: proxy,
      env: { NO_PROXY: "corp" },
      takes: proxy,
    },
    {
      name: "NO_PROXY with this port",
      url: "https://a.corp:8443",
      setting: proxy,
      env: { NO_PROXY: "corp:8443" },
      takes: null,
    },
    {
      name: "NO_PROXY with another port",
      url: "https://a.corp",
      setting: proxy,
      env: { NO_PROXY: "corp:8443" },
      takes: proxy,
    },
    {
      name: "NO_PROXY with the default port",
      url: "https://a.corp",
      setting: proxy,
      env: { NO_PROXY: "a.corp:443" },
      takes: null,
    },
    {
      name: "NO_PROXY an IPv6 address",
      url: "https://[fd00::1]",
      setting: proxy,
      env: { NO_PROXY: "fd00::1" },
      takes: null,
    },
    {
      name: "NO_PROXY an IPv6 address in brackets",
      url: "https://[fd00::1]:444",
      setting: proxy,
      env: { NO_PROXY: "[fd00::1]:444" },
      takes: null,
    },
    {
      name: "NO_PROXY another IPv6 address",
      url: "https://[fd00::2]",
      setting: proxy,
      env: { NO_PROXY: "fd00::1" },
      takes: proxy,
    },
  ];
  for (const c of cases) {
    test(c.name, () => {
      expect(proxyFor(new URL(c.url), { setting: c.setting ?? "", environment: c.env ?? {} })).toBe(c.takes);
    });
  }
});

describe("reads NO_PROXY exactly as Go's httpproxy does", () => {
  for (const [list, direct] of Object.entries(golden.direct)) {
    test(JSON.stringify(list), () => {
      const environment = { HTTPS_PROXY: golden.proxy, HTTP_PROXY: golden.proxy, NO_PROXY: list };
      const ours = golden.urls.filter((url) => proxyFor(new URL(url), { setting: "", environment }) === null);
      expect(ours).toEqual(direct);
    });
  }

  // RFC 4007 zones: net.ParseIP and net.ParseCIDR refuse them, so such an entry matches nothing. net.isIP accepts
  // them.
  for (const list of [
    "fe80::1%eth0",
    "[fe80::1%eth0]:443",
    "fe80::1%25eth0",
    "fe80::%eth0/64",
    "%",
    "fe80::1%eth0,corp",
  ]) {
    test(`an entry with an IPv6 zone matches nothing and breaks nothing: ${list}`, () => {
      const settings = { setting: proxy, environment: { NO_PROXY: list } };
      expect(proxyFor(new URL("https://graph.microsoft.com"), settings)).toBe(proxy);
      expect(proxyFor(new URL("https://[fe80::1]"), settings)).toBe(proxy);
      expect(proxyFor(new URL("https://login.corp"), settings)).toBe(list.endsWith(",corp") ? null : proxy);
    });
  }

  test("the setting obeys NO_PROXY, too", () => {
    const settings = { setting: proxy, environment: { no_proxy: "10.0.0.0/8" } };
    expect(proxyFor(new URL("https://10.20.30.40"), settings)).toBeNull();
    expect(proxyFor(new URL("https://127.0.0.1:8443"), settings)).toBeNull();
    expect(proxyFor(new URL("https://11.0.0.1"), settings)).toBe(proxy);
  });
});

describe("an unusable proxy is reported, and nothing bypasses it", () => {
  const cases: [value: string, says: string][] = [
    ["socks5://proxy.corp:1080", "SOCKS"],
    ["socks://proxy.corp", "SOCKS"],
    ['"http://proxy.corp:3128"', "quotes"],
    ["'http://proxy.corp:3128'", "quotes"],
    ["“http://proxy.corp:3128”", "quotes"],
    ["http://proxy.corp/wpad.pac", "PAC"],
    ["ftp://proxy.corp", "http or https"],
    ["http://user:hunter2@pro xy:3128", "http or https"],
  ];
  for (const [value, says] of cases) {
    test(value, () => {
      const ask = () =>
        proxyFor(new URL("https://graph.microsoft.com"), {
          setting: "",
          environment: { https_proxy: value },
        });
      expect(ask).toThrow(ProxyUnusable);
      expect(ask).toThrow(says);
      expect(ask).toThrow(/^https_proxy /);
      expect(ask).not.toThrow("hunter2");
    });
  }

  test("a direct connection is not affected", () => {
    const environment = { HTTPS_PROXY: "socks5://proxy", NO_PROXY: "corp" };
    expect(proxyFor(new URL("https://login.corp"), { setting: "", environment })).toBeNull();
    expect(proxyFor(new URL("https://localhost"), { setting: "", environment })).toBeNull();
  });
});

test("the proxy variables are removed from the environment, others stay", () => {
  const environment: Record<string, string | undefined> = {
    https_proxy: proxy,
    NO_PROXY: "corp",
    PATH: "/bin",
  };
  expect(takeProxyEnvironment(environment)).toMatchObject({ https_proxy: proxy, NO_PROXY: "corp" });
  expect(environment).toEqual({ PATH: "/bin" });
});
