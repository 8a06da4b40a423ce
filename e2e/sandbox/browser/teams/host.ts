/**
 * The host's side of teams-js 2.58.0 over postMessage (docs/facts/microsoft.md 1.5), with its oddities on demand.
 */

export interface HostContext {
  readonly entityId: string;
  readonly subEntityId?: string;
  readonly [field: string]: unknown;
}

/** How the host misbehaves; each oddity was seen in the field. */
export interface Oddities {
  /** Never answers `initialize`, like an unknown or broken host. */
  silent: boolean;
  /** Answers each call twice. */
  twice: boolean;
  /** Never answers `getAuthToken`. */
  tokenHangs: boolean;
  /** Milliseconds before `getAuthToken` answers. */
  tokenDelay: number;
}

export interface HostPorts {
  readonly frame: HTMLIFrameElement;
  readonly appOrigin: string;
  readonly oddities: () => Oddities;
  context(): HostContext;
  token(ask: { claims: string[] | undefined; silent: boolean | undefined }): Promise<string>;
  /** The app reported its state: loaded, success, failure. */
  state(what: string, detail?: string): void;
  openLink(url: string): void;
  shareLink(subPageId: string, label: string): void;
  navigate(subPageId: string | undefined): void;
  seen(func: string, args: unknown[]): void;
}

interface Message {
  readonly id?: number;
  readonly uuidAsString?: string;
  readonly func: string;
  readonly args?: unknown[];
}

const runtime = JSON.stringify({
  apiVersion: 4,
  isLegacyTeams: false,
  hostVersionsInfo: { adaptiveCardSchemaVersion: { majorVersion: 1, minorVersion: 5 } },
  supports: { app: { notifySuccessResponse: {} }, pages: { currentApp: {}, backStack: {} } },
});

export class TeamsHost {
  /** Event handlers the app registered: themeChange, load, beforeUnload… */
  readonly handlers = new Set<string>();
  readonly #ports: HostPorts;
  #popup: Window | null = null;
  #popupAnswer: ((...args: unknown[]) => void) | null = null;
  readonly #listener = (event: MessageEvent) => void this.#receive(event);

  constructor(ports: HostPorts) {
    this.#ports = ports;
    window.addEventListener("message", this.#listener);
  }

  close(): void {
    window.removeEventListener("message", this.#listener);
    this.#popup?.close();
  }

  /** An event must not carry an id, or the app takes it for an answer. */
  emit(func: string, args: unknown[]): void {
    this.#post(this.#ports.frame.contentWindow, { func, args });
  }

  async #receive(event: MessageEvent): Promise<void> {
    const { frame, appOrigin } = this.#ports;
    const fromPopup = this.#popup !== null && event.source === this.#popup;
    if (event.origin !== appOrigin || (event.source !== frame.contentWindow && !fromPopup)) return;
    const message = event.data as Message | null;
    if (typeof message?.func !== "string") return;
    const args = message.args ?? [];
    this.#ports.seen(message.func, args);
    const odd = this.#ports.oddities();
    if (odd.silent) return;
    const reply = (...answer: unknown[]) => {
      const data = { id: message.id, uuidAsString: message.uuidAsString, args: answer };
      for (let times = odd.twice ? 2 : 1; times > 0; times--) this.#post(event.source as Window, data);
    };
    switch (message.func) {
      case "initialize":
        return reply(fromPopup ? "authentication" : "content", "web", runtime, "2.0.1");
      case "getContext":
        return reply(this.#ports.context());
      case "authentication.getAuthToken":
        return this.#token(args, reply);
      case "authentication.authenticate":
        return this.#authenticate(args, reply);
      case "authentication.authenticate.success":
      case "authentication.authenticate.failure":
        this.#popupAnswer?.(message.func.endsWith("success"), args[0]);
        return;
      case "registerHandler":
        this.handlers.add(String(args[0]));
        return;
      case "appInitialization.appLoaded":
        return this.#ports.state("loaded");
      case "appInitialization.success":
        this.#ports.state("success");
        return reply(undefined);
      case "appInitialization.failure":
      case "appInitialization.expectedFailure":
        return this.#ports.state("failure", [args[0], args[1]].filter(Boolean).join(": "));
      case "pages.currentApp.navigateTo":
        this.#ports.navigate((args[0] as { subPageId?: string } | undefined)?.subPageId);
        return reply(null, undefined);
      case "executeDeepLink":
        this.#ports.openLink(String(args[0]));
        return reply(true);
      case "pages.navigateToApp":
        return reply(true);
      case "shareDeepLink":
        return this.#ports.shareLink(String(args[0]), String(args[1]));
    }
  }

  async #token(args: unknown[], reply: (...answer: unknown[]) => void): Promise<void> {
    const odd = this.#ports.oddities();
    if (odd.tokenHangs) return;
    if (odd.tokenDelay > 0) await new Promise((resolve) => setTimeout(resolve, odd.tokenDelay));
    const [, claims, silent] = args as [unknown, string[] | undefined, boolean | undefined];
    try {
      reply(true, await this.#ports.token({ claims, silent }));
    } catch (error) {
      reply(false, error instanceof Error ? error.message : String(error));
    }
  }

  /** The host opens the pop-up, not the library. */
  #authenticate(args: unknown[], reply: (...answer: unknown[]) => void): void {
    const [url, width, height] = args as [string, number | undefined, number | undefined];
    const size = `width=${width ?? 600},height=${height ?? 535}`;
    this.#popup = window.open(url, "sandbox-authenticate", size);
    if (!this.#popup) {
      reply(false, "FailedToOpenWindow");
      return;
    }
    const watch = setInterval(() => {
      if (this.#popup?.closed) finish(false, "CancelledByUser");
    }, 300);
    const finish = (...answer: unknown[]) => {
      clearInterval(watch);
      this.#popupAnswer = null;
      const popup = this.#popup;
      this.#popup = null;
      setTimeout(() => popup?.close(), 200);
      reply(...answer);
    };
    this.#popupAnswer = finish;
  }

  #post(target: Window | null, data: object): void {
    if (!target) return;
    target.postMessage(data, this.#ports.appOrigin);
  }
}
