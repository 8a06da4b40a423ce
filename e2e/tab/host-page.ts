/**
 * A page with the host's side of teams-js (docs/facts/microsoft.md 1.5), on another site than Mattermost. Specs
 * control it through `window.host`; `window.host.seen` has the tab's messages.
 */

export interface HostSettings {
  readonly tabUrl: string;
  readonly context?: Record<string, unknown>;
  /** `never` does not answer; `twice` repeats every answer with other content. */
  readonly answers?: "normal" | "never" | "twice";
  /** The answers of getAuthToken, in order: a token, {error}, or "never"; the last one repeats. */
  readonly tokenAnswers?: readonly (string | { readonly error: string })[];
  readonly supports?: Record<string, unknown>;
  /** `settings`: the dialog in which a tab is added or changed. */
  readonly frameContext?: "content" | "settings";
  /** The settings of an existing tab, as `pages.getConfig` answers. */
  readonly tabSettings?: Record<string, unknown>;
}

export function hostPage(settings: HostSettings): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host stand-in</title>
<style>html,body{margin:0;height:100%}iframe{border:0;width:100%;height:100%;display:block}</style></head>
<body><iframe id="tab" title="Tab" allow="camera; microphone; display-capture; clipboard-read; clipboard-write; fullscreen"></iframe>
<script>
const settings = ${JSON.stringify(settings).replaceAll("<", "\\u003c")};
const frame = document.getElementById("tab");
const origin = new URL(settings.tabUrl).origin;
const runtime = JSON.stringify({ apiVersion: 4, isLegacyTeams: false,
  hostVersionsInfo: { adaptiveCardSchemaVersion: { majorVersion: 1, minorVersion: 5 } },
  supports: settings.supports ?? { app: { notifySuccessResponse: {}, lifecycle: {} },
    pages: { currentApp: {}, backStack: {}, config: {} } } });
const post = (message) => frame.contentWindow.postMessage(message, origin);
const host = window.host = {
  seen: [], handlers: new Set(), tokens: [], popup: null,
  context: Object.assign({ entityId: "mattermost", locale: "en-us", theme: "default", hostName: "Teams",
    hostClientType: "web", userObjectId: "00000000-0000-4000-8000-0000000000aa",
    tid: "00000000-0000-4000-8000-000000000001" }, settings.context),
  tokenAnswers: settings.tokenAnswers ?? ["token-1"],
  emit: (func, args) => post({ func, args }),
  count: (func) => host.seen.filter((message) => message.func === func).length,
  open: () => { frame.src = settings.tabUrl; },
};
window.addEventListener("message", async (event) => {
  if (event.source !== frame.contentWindow || event.origin !== origin) return;
  const message = event.data;
  if (!message || typeof message.func !== "string") return;
  host.seen.push({ func: message.func, args: message.args, at: performance.now() });
  if (settings.answers === "never") return;
  const reply = (...args) => {
    post({ id: message.id, uuidAsString: message.uuidAsString, args });
    if (settings.answers === "twice") post({ id: message.id, uuidAsString: message.uuidAsString, args: args.map(() => "again") });
  };
  switch (message.func) {
    case "initialize": return reply(settings.frameContext ?? "content", host.context.hostClientType, runtime, "2.0.1");
    case "getContext": return reply(host.context);
    case "authentication.getAuthToken": {
      host.tokens.push({ silent: message.args[2], at: performance.now() });
      const answer = host.tokenAnswers.length > 1 ? host.tokenAnswers.shift() : host.tokenAnswers[0];
      if (answer === "never") return;
      return typeof answer === "string" ? reply(true, answer) : reply(false, answer.error);
    }
    case "settings.getSettings": return reply(settings.tabSettings ?? {});
    case "settings.setSettings": return reply(true);
    case "registerHandler": host.handlers.add(message.args[0]); return;
    case "appInitialization.success": return reply(undefined);
    case "authentication.authenticate": return reply(false, "CancelledByUser");
    case "pages.currentApp.navigateTo": return reply(null, undefined);
    case "executeDeepLink": return reply(true);
  }
});
host.open();
</script></body></html>`;
}
