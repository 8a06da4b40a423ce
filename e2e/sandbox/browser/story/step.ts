/** A step of the story: what somebody does, and how the page sees that it worked. */

import type { WireEntry } from "./control.ts";

export type Screen = "console" | "mattermost";

export interface Step {
  readonly title: string;
  readonly says: string;
  readonly button: string;
  readonly screen: Screen;
  /** Page of the plugin's console. */
  readonly page?: "connect" | "teams_app" | "accounts" | "features";
  /** Where Sam's Mattermost goes; his channel Operations otherwise. */
  readonly place?: string;
  readonly teams: "apps" | "app" | "activity" | "chat" | "channels" | "calendar";
  /** What happens when the visitor lets the sandbox do it. */
  does?(): Promise<unknown>;
  /** Whether the calls over the wires show that it happened. */
  done(log: readonly WireEntry[]): boolean;
}

export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}
