// Starts the sandbox on a machine whose environment names a proxy that does not exist. The plugin must reach services
// on this machine without it. Needs the bundle (`npm run build`).
import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

// Processes start and end on a busy machine.
setDefaultTimeout(300_000);

const root = join(import.meta.dir, "../..");
const missingProxy = "http://127.0.0.1:9";
let child: Bun.Subprocess<"pipe", "pipe", "pipe"> | null = null;
afterEach(async () => {
  child?.stdin.end();
  await child?.exited;
  child = null;
});

for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "https_proxy"]) {
  test(`${name} names a proxy: the sandbox is ready`, async () => {
    child = Bun.spawn(
      [process.execPath, "e2e/sandbox/main.ts", "--no-build", "--installed", "--until-stdin-ends"],
      {
        cwd: root,
        env: { ...process.env, PORT: "0", [name]: missingProxy },
        stdin: "pipe",
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    let said = "";
    for await (const chunk of child.stdout) {
      said += new TextDecoder().decode(chunk);
      if (said.includes("Sandbox ready")) break;
    }
    expect(said).toContain("Sandbox ready");
  });
}
