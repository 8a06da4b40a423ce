/**
 * Records a day of the built executable between the stand-ins: all calls of the plugin API, all answers to requests,
 * and all secrets. Sends the requests of people.
 */

import type { Post } from "../../server/runtime/mattermost/index.ts";
import { builtBundle } from "../built-bundle.ts";
import { savePluginSettings } from "../sandbox/mattermost/plugin-settings.ts";
import { login } from "../sandbox/mattermost/sessions.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import type { Person } from "../sandbox/tenant.ts";
import { httpsFront } from "../sandbox/tls/https-front.ts";
import type { TlsServer } from "../sandbox/tls/server.ts";

/** Texts of people. Each is one word, so that nothing splits it. */
export const marks = {
  chat: "qmarkchatq",
  chatEdited: "qmarkchateditq",
  chatReply: "qmarkchatreplyq",
  chatFile: "qmarkchatfileq",
  fromTeams: "qmarkfromteamsq",
  toTeams: "qmarktoteamsq",
  toTeamsEdited: "qmarktoteamseditq",
  mention: "qmarkmentionq",
  event: "qmarkeventq",
  privateEvent: "qmarkprivateq",
  eventBody: "qmarkbodyq",
  refusal: "qmarkrefusalq",
} as const;
export type Mark = keyof typeof marks;

export interface ApiCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly who: string;
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

export interface Actor {
  readonly name: string;
  readonly person: Person;
  readonly userId: string;
  readonly token: string;
}

export class RecordedDay {
  readonly sandbox: Sandbox;
  readonly calls: ApiCall[] = [];
  readonly answers: Answer[] = [];
  /** Values that must not leave the process: tokens, secrets, cookies, keys. */
  readonly secrets = new Map<string, string>();
  readonly #front: TlsServer;

  static async start(options: { command?: readonly string[] } = {}): Promise<RecordedDay> {
    const sandbox = await Sandbox.start({ bundlePath: builtBundle(), installed: true, ...options });
    return new RecordedDay(sandbox);
  }

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    // Records each call before it runs. It returns no fault, so the call does run.
    sandbox.mattermost.fault = (method, args) => {
      this.calls.push({ method, args: structuredCloneOf(args) });
      return undefined;
    };
    this.#front = httpsFront(sandbox);
  }

  get base(): string {
    return `${this.sandbox.siteUrl}/plugins/${this.sandbox.bundle.id}`;
  }

  /** Address that Microsoft sends notifications to. */
  get notificationUrl(): string {
    return this.#front.url;
  }

  /** Ports that the process may contact. */
  get ports(): string[] {
    const { entra, graph, siteUrl, teams } = this.sandbox;
    return [entra.url, graph.url, siteUrl, teams.url].map((url) => new URL(url).port);
  }

  close(): void {
    this.#front.close();
    this.sandbox.close();
  }

  async save(settings: Record<string, unknown>): Promise<void> {
    const { bundle, world } = this.sandbox;
    savePluginSettings(world, bundle.id, settings);
    await world.settled();
    const key = (world.config.PluginSettings.Plugins[bundle.id] as Record<string, unknown>).encryption_key;
    if (typeof key === "string" && key !== "") this.secrets.set("encryption key", key);
  }

  /** A person who is signed in to Mattermost. */
  actor(name: string, { person, user }: { person: Person; user: { Id: string } }): Actor {
    const found = this.sandbox.world.users.get(user.Id);
    if (!found) throw new Error(`no ${name}`);
    const { session } = login(this.sandbox.world, found, new Request(this.sandbox.siteUrl));
    this.secrets.set(`session of ${name}`, session.Token);
    return { name, person, userId: user.Id, token: session.Token };
  }

  /** Sends a request of a person, or of nobody, and records the answer. */
  async ask(who: Actor | null, method: string, path: string, json?: unknown): Promise<Answer> {
    const response = await fetch(path.startsWith("http") ? path : `${this.base}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(who && { Authorization: `Bearer ${who.token}` }),
        "X-Requested-With": "XMLHttpRequest",
        "Content-Type": "application/json",
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (cookie.split(";")[0] ?? "").split("=");
      if (/^MMAUTHTOKEN/.test(name) && value.length > 10)
        this.secrets.set(`cookie ${this.secrets.size}`, value);
    }
    const headers = [...response.headers]
      .filter(([name]) => name !== "set-cookie")
      .map((one) => one.join(": "));
    const text = `${headers.join("\n")}\n\n${await response.text()}`;
    const answer = { who: who?.name ?? "nobody", path, status: response.status, text };
    this.answers.push(answer);
    return answer;
  }

  /** Posts in direct channels of the person. */
  direct(who: Actor): Post[] {
    const { world } = this.sandbox;
    return [...world.posts.values()].filter(({ ChannelId }) => {
      const channel = world.channels.get(ChannelId);
      return channel?.Type === "D" && channel.Name.includes(who.userId);
    });
  }
}

/** Copies what can be copied: leaves out streams of bodies and functions of hooks. */
function structuredCloneOf(args: readonly unknown[]): readonly unknown[] {
  return args.map((arg) => {
    try {
      return structuredClone(arg);
    } catch {
      return String(arg);
    }
  });
}
