/**
 * Finds out which addresses a process contacts: strace records its connections and datagrams (Linux).
 */

import { existsSync, readFileSync } from "node:fs";

const strace = "/usr/bin/strace";
if (!existsSync(strace) && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get"))
  Bun.spawnSync(["sh", "-c", "apt-get update -q && apt-get install -y -q strace"]);

export const hasStrace = existsSync(strace);

/**
 * Under strace a start takes longer than the server allows; --seccomp-bpf stops the process only at these calls.
 */
export const traced = (executable: string, file: string): readonly string[] => [
  ...[
    strace,
    "-f",
    "-A",
    "--seccomp-bpf",
    "-e",
    "trace=connect,sendto,sendmsg,sendmmsg",
    "-o",
    file,
    executable,
  ],
];

/** The addresses to which the process sent anything, as `ip:port`; without sockets of the machine itself. */
export function contacted(trace: string): Set<string> {
  const targets = new Set<string>();
  for (const [, port = "", ip = ""] of trace.matchAll(
    /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)/g,
  )) {
    targets.add(`${ip}:${port}`);
  }
  for (const [, port = "", ip = ""] of trace.matchAll(
    /sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"/g,
  )) {
    targets.add(`[${ip}]:${port}`);
  }
  return targets;
}

/** The addresses other than the known ports of this machine. */
export function foreign(file: string, ports: readonly string[]): string[] {
  const seen = [...contacted(readFileSync(file, "utf8"))];
  if (seen.length === 0) throw new Error("the trace is empty");
  return seen.filter((address) => {
    const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
    const loopback = host.startsWith("127.") || host === "::1" || host === "::ffff:127.0.0.1";
    // Port 0 and 443 on loopback: the resolver asks the kernel which of several addresses it would use.
    return !(loopback && (ports.includes(port) || port === "0" || port === "443"));
  });
}
