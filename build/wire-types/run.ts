/** `npm run generate` for the wire types; `-- --check` names stale files, `-- --diff v0.4.3` lists the changes since. */

const program = import.meta.dir;

if (!Bun.which("go")) {
  console.log("SKIP wire types: Go is not installed, so they can be neither made nor compared");
  process.exit(0);
}
// The official module and its own: in the module cache already, or from the proxy.
const modules = Bun.spawnSync(["go", "list", "-deps", "."], { cwd: program, stderr: "pipe" });
if (!modules.success) {
  console.log(
    `SKIP wire types: the Go modules cannot be had (${modules.stderr.toString().trim().split("\n").at(-1)})`,
  );
  process.exit(0);
}
// Bun's way of writing options has two dashes, Go's has one and takes both.
const child = Bun.spawn(["go", "run", ".", ...process.argv.slice(2)], {
  cwd: program,
  stdio: ["ignore", "inherit", "inherit"],
});
process.exit(await child.exited);
