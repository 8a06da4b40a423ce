/**
 * Tests the nginx recipe as printed in docs/operations.md. Needs `npm run build`; most of it needs nginx.
 */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../build/architecture.ts";
import { Stage } from "../upgrade/stage.ts";

// The plugin's process and nginx start on a busy machine.
setDefaultTimeout(300_000);

const PLUGIN = "/plugins/mission-collaboration";
const scripts = join(root, "dist/mission-collaboration/public/tab");
const document = await Bun.file(join(root, "docs/operations.md")).text();
const blocks = (language: string) =>
  [...document.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text = ""]) => text,
  );
const recipe = blocks("nginx");
const [restartPage = ""] = blocks("html");

test("the document has the two recipes and the page", () => {
  expect(recipe).toHaveLength(2);
  expect(restartPage).toContain('http-equiv="refresh"');
});

test("the script's location matches the built script, and nothing else that the bundle serves", () => {
  const pattern = new RegExp(/location ~ (\S+) /.exec(recipe[0] ?? "")?.[1] ?? "never");
  const matched = readdirSync(scripts).filter((name) => pattern.test(`${PLUGIN}/public/tab/${name}`));
  expect(matched).toEqual([expect.stringMatching(/^tab\.[0-9a-f]+\.js$/)]);
  expect(pattern.test(`${PLUGIN}/public/tab/tab.js`)).toBe(false);
  expect(pattern.test(`/elsewhere${PLUGIN}/public/tab/${matched[0]}`)).toBe(false);
});

const nginx = Bun.which("nginx") ?? Bun.which("/usr/sbin/nginx");
if (nginx) describe("nginx with the recipe", () => withNginx(nginx));
else console.log("The recipe was not run: nginx is missing (Debian: apt-get install nginx-light).");

function withNginx(program: string): void {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  // A socket in a folder of its own: a port that was free a moment ago may be taken by the time nginx opens it.
  const socket = join(folder, "nginx.sock");
  let stage: Stage;
  let proxy: Bun.Subprocess;

  beforeAll(async () => {
    stage = await Stage.set();
    const pages = join(folder, "pages");
    mkdirSync(pages);
    // If root starts nginx, its worker runs as another user.
    chmodSync(folder, 0o755);
    await Bun.write(join(pages, "mattermost-restarts.html"), restartPage);
    await Bun.write(
      join(folder, "nginx.conf"),
      configuration(recipe.join("\n").replace("/etc/nginx/pages", pages), socket, stage),
    );
    proxy = Bun.spawn(
      [program, "-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    while (
      !(await get("/").then(
        () => true,
        () => false,
      ))
    ) {
      if (proxy.exitCode !== null) throw new Error(await Bun.file(join(folder, "error.log")).text());
      await Bun.sleep(20);
    }
  });
  afterAll(async () => {
    proxy.kill();
    await proxy.exited;
    stage.sandbox.close();
    rmSync(folder, { recursive: true });
  });

  const get = (path: string) =>
    fetch(`http://chat.example.com${path}`, {
      ...{ unix: socket, decompress: false },
      headers: { "Accept-Encoding": "gzip" },
    });

  test("the script is compressed and may be cached for ever", async () => {
    const name = readdirSync(scripts).find((each) => each.endsWith(".js")) ?? "";
    const original = new Uint8Array(await Bun.file(join(scripts, name)).arrayBuffer());
    const response = await get(`${PLUGIN}/public/tab/${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    const packed = new Uint8Array(await response.arrayBuffer());
    expect(packed.length).toBeLessThan(original.length / 2);
    expect(Buffer.compare(Bun.gunzipSync(packed), original)).toBe(0);
  });

  test("the tab's page comes with the plugin's own headers: not cached, and allowed in a frame", async () => {
    const response = await get(`${PLUGIN}/tab`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toContain("frame-ancestors");
    expect(response.headers.get("x-frame-options")).toBeNull();
    expect(response.headers.get("cache-control") ?? "").not.toContain("immutable");
  });

  test("other answers are the same as without the recipe", async () => {
    const response = await get(`${PLUGIN}/public/tab/assets.json`);
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(response.headers.get("cache-control") ?? "").not.toContain("immutable");
  });

  test("while the server restarts, the tab is a page that reloads, and other addresses show the proxy's error", async () => {
    stage.sandbox.close();
    const tab = await get(`${PLUGIN}/tab`);
    expect(tab.status).toBe(502);
    expect(tab.headers.get("cache-control")).toBe("no-store");
    expect(tab.headers.get("x-frame-options")).toBeNull();
    expect(await tab.text()).toBe(restartPage);
    expect(await (await get("/")).text()).toContain("nginx");
    expect((await get("/mattermost-restarts.html")).status).not.toBe(200);
  });
}

/** Only what the recipe needs around it: an `http` block, the upstream, and one location for everything else. */
const configuration = (locations: string, socket: string, { sandbox }: Stage) => `
  daemon off;
  worker_processes 1;
  pid nginx.pid;
  events {}
  http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    upstream mattermost { server 127.0.0.1:${sandbox.mattermost.port}; }
    server {
      listen unix:${socket};
      ${locations}
      location / { proxy_pass http://mattermost; }
    }
  }`;
