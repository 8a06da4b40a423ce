/** A plugin that reports what it receives, for tests of the stand-in server. */

import { AppError, definePlugin, servePlugin } from "../../../../server/runtime/mattermost/index.ts";

servePlugin(
  definePlugin(({ api, settings }) => ({
    async onActivate() {
      const { greeting } = await settings((values) => values);
      if (greeting === "refuse") throw new Error("I will not");
      await api.registerCommand({ Trigger: "echo" });
    },
    messageWillBePosted: (_context, post) =>
      post.Message === "secret" ? [null, "no secrets"] : [{ Message: post.Message.toUpperCase() }, ""],
    executeCommand(_context, { Command }) {
      if (Command === "/echo fail") throw new AppError("told to fail", { statusCode: 418 });
      return { ResponseType: "ephemeral", Text: Command };
    },
    async serveHTTP(request, context) {
      const { pathname, search } = new URL(request.url);
      if (pathname === "/exit") process.exit(3);
      if (pathname === "/stream") {
        const chunks = (async function* () {
          for (let i = 0; i < 40; i++) yield new Uint8Array(64 * 1024).fill(i);
        })();
        return new Response(chunks as never, { headers: { "Content-Type": "application/octet-stream" } });
      }
      if (pathname === "/size") return Response.json({ bytes: (await request.bytes()).length });
      return Response.json(
        { pathname, search, method: request.method, headers: Object.fromEntries(request.headers), context },
        { status: pathname === "/teapot" ? 418 : 200, headers: { "Set-Cookie": "a=1" } },
      );
    },
  })),
);
