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
  readonly metadata?: {
    readonly files?: readonly FileInfo[];
    readonly reactions?: readonly Reaction[];
  };
}
export interface Reaction {
  readonly user_id: string;
  readonly post_id?: string;
  readonly emoji_name: string;
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

const PING_EVERY_MS = 30_000;
const RETRY_AFTER_MS = 3_000;

/**
 * Keeps the web socket like the web app (platform/client/src/websocket.ts): it reconnects when it was closed or when
 * pings go unanswered, and it follows `online` and `offline`. Any answer to a ping counts, even an error, so it does
 * not notice the end of its session. `onEvent` also gets `reconnected`.
 */
export function listen(onEvent: (event: ServerEvent) => void): () => void {
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let waitingForPong = false;
  let times = 0;
  let seq = 1;
  const again = () => {
    clearTimeout(retry);
    retry = setTimeout(() => {
      retry = undefined;
      connect();
    }, RETRY_AFTER_MS);
  };
  const ping = () => {
    waitingForPong = true;
    socket?.send(JSON.stringify({ action: "ping", seq: seq++ }));
  };
  const connect = () => {
    if (socket) return;
    const mine = new WebSocket(`${location.origin.replace(/^http/, "ws")}${base}/api/v4/websocket`);
    socket = mine;
    mine.onopen = () => {
      if (times++ > 0) onEvent({ event: "reconnected", data: {}, broadcast: { channel_id: "" } });
      ping();
    };
    mine.onmessage = (message) => {
      const event = JSON.parse(message.data);
      if (event.seq_reply) waitingForPong = false;
      if (typeof event.event === "string") onEvent(event);
    };
    mine.onclose = () => {
      socket = null;
      if (retry === undefined) again();
    };
  };
  const pings = setInterval(() => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (waitingForPong) socket.close();
    else ping();
  }, PING_EVERY_MS);
  const online = () => {
    if (socket?.readyState !== WebSocket.OPEN) again();
  };
  const offline = () => {
    if (socket?.readyState === WebSocket.OPEN) ping();
  };
  window.addEventListener("online", online);
  window.addEventListener("offline", offline);
  connect();
  return () => {
    clearInterval(pings);
    clearTimeout(retry);
    window.removeEventListener("online", online);
    window.removeEventListener("offline", offline);
    if (!socket) return;
    socket.onclose = null;
    socket.close();
  };
}
