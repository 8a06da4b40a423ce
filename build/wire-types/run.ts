/**
 * `npm run generate` for the wire types; `-- --check` lists stale files, `-- --diff v0.4.3` lists the changes since.
 */

const program = import.meta.dir;

if (!Bun.which("go")) {
  console.log("SKIP wire types: Go is not installed, so they can be neither made nor compared");
  process.exit(0);
}
// Go modules of the official module and of its dependencies: from the module cache, or from the proxy.
const modules = Bun.spawnSync(["go", "list", "-deps", "."], { cwd: program, stderr: "pipe" });
if (!modules.success) {
  console.log(
    `SKIP wire types: the Go modules cannot be had (${modules.stderr.toString().trim().split("\n").at(-1)})`,
  );
  process.exit(0);
}
// Bun writes options with two dashes, Go with one, and Go accepts both.
const child = Bun.spawn(["go", "run", ".", ...process.argv.slice(2)], {
  cwd: program,
  stdio: ["ignore", "inherit", "inherit"],
});
process.exit(await child.exited);
