/**
 * The parts of the web app's plugin registry and Redux store that the features use (plugins/registry.ts of the web
 * app).
 */

import type * as React from "react";

export interface ServerEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Each function is absent on some supported server, or in pop-outs. */
export interface FeatureRegistry {
  registerRootComponent?(component: unknown): string;
  registerChannelHeaderButtonAction?(
    icon: React.ReactNode,
    action: (channel: { readonly id: string }) => void,
    text: string,
    tooltip: string,
  ): string;
  /** From 11.5 on: beside the channel's name, rendered for each channel. */
  registerChannelHeaderIcon?(component: unknown): string;
  registerChannelHeaderMenuAction?(
    text: unknown,
    action: (channelId: string) => void,
    shouldRender?: (state: HostState) => boolean,
  ): string;
  registerPostDropdownMenuAction?(
    text: string,
    action: (postId: string) => void,
    filter?: (postId: string) => boolean,
  ): string;
  registerRightHandSidebarComponent?(component: unknown, title: React.ReactNode): RightHandSide;
  unregisterComponent?(id: string): void;
  /** The web app keeps one handler per event: use `listen` of live.ts. */
  registerWebSocketEventHandler?(event: string, handler: (event: ServerEvent) => void): void;
  registerReconnectHandler?(handler: () => void): void;
}

export interface RightHandSide {
  readonly id: string;
  readonly showRHSPlugin: unknown;
  readonly hideRHSPlugin: unknown;
  readonly toggleRHSPlugin: unknown;
}

export interface HostUser {
  readonly id?: string;
  readonly username?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly locale?: string;
  readonly is_bot?: boolean;
  readonly timezone?: {
    readonly useAutomaticTimezone?: string | boolean;
    readonly automaticTimezone?: string;
    readonly manualTimezone?: string;
  };
}

export interface HostChannel {
  readonly id: string;
  readonly team_id?: string;
  readonly name?: string;
  readonly display_name?: string;
  /** O, P, D or G. */
  readonly type?: string;
}

export interface HostPost {
  readonly id: string;
  readonly user_id?: string;
  readonly channel_id: string;
  readonly root_id?: string;
  readonly message?: string;
}

export interface HostState {
  readonly entities?: {
    readonly general?: { readonly config?: Readonly<Record<string, string | undefined>> };
    readonly users?: {
      readonly currentUserId?: string;
      readonly profiles?: Readonly<Record<string, HostUser | undefined>>;
    };
    readonly teams?: {
      readonly currentTeamId?: string;
      readonly teams?: Readonly<Record<string, { readonly name?: string } | undefined>>;
    };
    readonly channels?: {
      readonly currentChannelId?: string;
      readonly channels?: Readonly<Record<string, HostChannel | undefined>>;
    };
    readonly posts?: { readonly posts?: Readonly<Record<string, HostPost | undefined>> };
    readonly preferences?: {
      readonly myPreferences?: Readonly<Record<string, { readonly value?: string } | undefined>>;
    };
  };
}

export interface HostStore {
  getState(): HostState;
  dispatch(action: unknown): unknown;
}
