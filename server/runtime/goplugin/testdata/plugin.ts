// A plugin for serve.test.ts: answers, throws outside of its calls, writes to the console, quits slowly.
import { writeFileSync } from "node:fs";
import { string } from "../../gob/index.ts";
import { nothing, RpcServer, serve } from "../index.ts";

await serve({
  cookie: { key: "TEST_PLUGIN", value: "yes" },
  protocolVersion: 3,
  dispense: {
    hooks: (_broker, stream) => {
      const server = new RpcServer(stream);
      server.handle("Plugin.Greet", string, string, (name) => `Hello, ${name}`);
      server.handle("Plugin.Throw", nothing, nothing, () => {
        setTimeout(() => {
          throw new Error("thrown in a timer");
        });
        Promise.reject(new Error("rejected and forgotten"));
        return {};
      });
      server.handle("Plugin.Print", string, nothing, (text) => {
        console.log(text, { "@level": 7 });
        return {};
      });
      return server;
    },
  },
  onQuit: async () => {
    const note = process.env.QUIT_NOTE;
    if (note === "never") await new Promise(() => setInterval(() => {}, 1000));
    if (note) writeFileSync(note, "quit");
  },
});
