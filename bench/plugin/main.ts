// The plugin of bench/peer in TypeScript.
import { definePlugin, servePlugin } from "../../server/runtime/mattermost/index.ts";

const large = new Uint8Array(Buffer.from("0123456789abcdef".repeat(1 << 16)));
const octets = { "Content-Type": "application/octet-stream" };

servePlugin(
  definePlugin(({ api, log }) => {
    let posts = 0;

    async function measured(call: string, count: number): Promise<string> {
      const times = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const started = performance.now();
        if (call === "kvget" && (await api.kvGet("key")).length === 0) throw new Error("no value");
        if (call === "getconfig" && !(await api.getConfig())?.ServiceSettings.SiteURL)
          throw new Error("no site URL");
        times[i] = performance.now() - started;
      }
      return ((times.sort()[count >> 1] ?? 0) * 1000).toFixed(3);
    }

    return {
      onActivate: () => log.info("active", { language: "TypeScript" }),
      onConfigurationChange: async () => {
        await api.loadPluginConfiguration();
      },
      serveHTTP: async (request, { userId }) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/json") return Response.json({ user: userId, path: pathname, ok: true });
        if (pathname === "/echo") return new Response(await request.arrayBuffer(), { headers: octets });
        if (pathname === "/large") return new Response(large, { headers: octets });
        return new Response("not found", { status: 404 });
      },
      messageHasBeenPosted: (_, post) => {
        if (post.Message.includes("@")) posts++;
      },
      executeCommand: async (_, args) => {
        const [, call, count] = args.Command.split(" ");
        if (call === "posts") return { Text: String(posts) };
        return { Text: call ? await measured(call, Number(count)) : "ok" };
      },
    };
  }),
);
