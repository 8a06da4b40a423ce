/** REST v4 and the WebSocket, as the web client uses them. */

/** "" or the sub-path of the site URL. */
export const base = document.getElementById("root")?.dataset.base ?? "";

export interface User {
  readonly id: string;
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly roles: string;
  readonly position: string;
  readonly is_bot: boolean;
  readonly locale: string;
  readonly notify_props: Record<string, string>;
}
export interface Team {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
}
export interface Channel {
  readonly id: string;
  readonly team_id: string;
  readonly name: string;
  readonly display_name: string;
  readonly purpose: string;
  readonly type: "O" | "P" | "D" | "G";
  readonly unread: number;
  readonly mentions: number;
  readonly last_post_at: number;
}
export interface Post {
  readonly id: string;
  readonly create_at: number;
  readonly edit_at: number;
  readonly user_id: string;
  readonly channel_id: string;
  readonly root_id: string;
  readonly message: string;
  readonly type: string;
  readonly props: Record<string, unknown>;
  readonly metadata?: { readonly files?: readonly FileInfo[] };
}
export interface FileInfo {
  readonly id: string;
  readonly name: string;
  readonly size: number;
}

export class ApiError extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const csrf = () => /(?:^|; )MMCSRF=([^;]+)/.exec(document.cookie)?.[1] ?? "";

export async function api<T>(
  path: string,
  body?: unknown,
  method = body === undefined ? "GET" : "POST",
): Promise<T> {
  const response = await fetch(`${base}/api/v4${path}`, {
    method,
    headers: {
      "X-Requested-With": "XMLHttpRequest",
      ...(csrf() && { "X-CSRF-Token": csrf() }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new ApiError(String(answer.message ?? response.status), response.status);
  return answer as T;
}

export interface ServerEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly broadcast: { readonly channel_id: string };
}

/** Reconnects for ever; `onEvent` also hears `reconnected`, after which everything may have changed. */
export function listen(onEvent: (event: ServerEvent) => void): () => void {
  let socket: WebSocket | null = null;
  let closed = false;
  let times = 0;
  const connect = () => {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}${base}/api/v4/websocket`);
    socket.onopen = () => {
      if (times++ > 0) onEvent({ event: "reconnected", data: {}, broadcast: { channel_id: "" } });
    };
    socket.onmessage = (message) => {
      const event = JSON.parse(message.data);
      if (typeof event.event === "string") onEvent(event);
    };
    socket.onclose = () => {
      if (!closed) setTimeout(connect, 1_500);
    };
  };
  connect();
  return () => {
    closed = true;
    socket?.close();
  };
}
