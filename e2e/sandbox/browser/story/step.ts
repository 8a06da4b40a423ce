/** A step of the story: the action of a person, and how the page detects that it worked. */

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
  /** Does the step for a visitor who presses its button. */
  does?(): Promise<unknown>;
  /** Whether the logged calls show that the step was done. */
  done(log: readonly WireEntry[]): boolean;
}

export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}
