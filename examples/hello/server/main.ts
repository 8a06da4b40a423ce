import { AppError, definePlugin, servePlugin } from "../../../server/runtime/mattermost/index.ts";

const plugin = definePlugin(({ api, kv, log, cluster, settings }) => {
  const greetings = kv.json((stored) => Number(stored));
  let greeting = "Hello";

  const greet = async (userId: string): Promise<string> => {
    const user = await api.getUser(userId);
    const count = await greetings.update(`greeted_${userId}`, (before) => (before ?? 0) + 1);
    return `${greeting}, ${user?.Username}! You were greeted ${count} time${count === 1 ? "" : "s"}.`;
  };

  return {
    async onConfigurationChange() {
      greeting = await settings(({ greeting }) => (greeting ? String(greeting) : "Hello"));
    },

    async onActivate() {
      await api.registerCommand({ Trigger: "hello", AutoComplete: true, AutoCompleteDesc: "Says hello" });
      cluster.runOnOneNode("count", { everyMs: 24 * 60 * 60_000, leaseMs: 30_000 }, async () => {
        let people = 0;
        for await (const _ of kv.list("greeted_")) people++;
        log.info("People greeted so far", { people });
      });
    },

    async executeCommand(_context, { UserId, Command }) {
      const [, word] = Command.split(/\s+/);
      if (word) throw new AppError(`/hello takes no arguments, not even "${word}".`, { statusCode: 400 });
      return { ResponseType: "ephemeral", Text: await greet(UserId) };
    },

    async messageHasBeenPosted(_context, { Id, UserId, Message }) {
      if (Message.toLowerCase() !== greeting.toLowerCase()) return;
      await api.addReaction({ PostId: Id, UserId, EmojiName: "wave" });
    },

    /** GET /plugins/com.example.hello/ */
    async serveHTTP(_request, { userId }) {
      if (!userId) return new Response("Sign in first.", { status: 401 });
      return Response.json({ text: await greet(userId) });
    },
  };
});

servePlugin(plugin);
