/** The web sockets of clients: each belongs to the session with which it was opened. */

import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import type { Post } from "../../../server/runtime/mattermost/index.ts";
import { postToJson } from "./files.ts";
import { connectionId, sessionOf } from "./sessions.ts";
import type { ClientEvent, World } from "./world.ts";

export interface Client {
  readonly userId: string;
  readonly connectionId: string;
  /**
   * Token of the session that opened it; empty for ever once that session has ended (platform/web_conn.go).
   */
  token: string;
  sequence: number;
}

export class WebSockets {
  readonly #world: World;
  readonly #clients = new Set<ServerWebSocket<Client>>();

  constructor(world: World) {
    this.#world = world;
  }

  readonly handler: WebSocketHandler<Client> = {
    open: (socket) => {
      this.#clients.add(socket);
      this.#send(
        socket,
        "hello",
        { connection_id: socket.data.connectionId, server_version: this.#world.serverVersion },
        {},
      );
    },
    message: (socket, message) => this.#fromClient(socket, String(message)),
    close: (socket) => void this.#clients.delete(socket),
  };

  upgrade(request: Request, server: Server<Client>): Response | undefined {
    const session = sessionOf(this.#world, request);
    if (!session) return new Response("unauthorized", { status: 401 });
    const data: Client = {
      userId: session.UserId,
      connectionId: connectionId(),
      token: session.Token,
      sequence: 0,
    };
    return server.upgrade(request, { data }) ? undefined : new Response("upgrade expected", { status: 400 });
  }

  /** How many clients have a socket of the session with this token. */
  of(token: string): number {
    return [...this.#clients].filter(({ data }) => data.token === token).length;
  }

  #fromClient(socket: ServerWebSocket<Client>, text: string): void {
    const message = JSON.parse(text) as { action?: string; seq?: number };
    if (!this.#authenticated(socket)) {
      const error = { id: "api.web_socket_router.not_authenticated.app_error", status_code: 401 };
      socket.send(JSON.stringify({ status: "FAIL", seq_reply: message.seq, error }));
      return;
    }
    if (message.action === "ping") socket.send(JSON.stringify({ status: "OK", seq_reply: message.seq }));
    if (message.action === "user_update_active_status") this.#world.setStatus(socket.data.userId, "online");
  }

  /** A socket whose session has ended stays open and gets nothing more, whatever cookies the browser has now. */
  #authenticated(socket: ServerWebSocket<Client>): boolean {
    if (socket.data.token !== "" && !this.#world.sessionByToken(socket.data.token)) socket.data.token = "";
    return socket.data.token !== "";
  }

  /** Sends an event to every client that may see it. */
  tell(event: ClientEvent): void {
    const world = this.#world;
    for (const socket of this.#clients) {
      if (!this.#authenticated(socket)) continue;
      const { userId, connectionId } = socket.data;
      if (event.to.userId && event.to.userId !== userId) continue;
      if (event.to.connectionId && event.to.connectionId !== connectionId) continue;
      if (event.to.channelId && !world.channelMember(event.to.channelId, userId)) continue;
      if (event.to.teamId && !world.teamMember(event.to.teamId, userId)) continue;
      const data = { ...event.data };
      // A post is JSON text inside the event, as from the real server.
      if (typeof data.post === "object" && data.post !== null)
        data.post = JSON.stringify(postToJson(world, data.post as Post));
      this.#send(socket, event.event, data, event.to);
    }
  }

  #send(socket: ServerWebSocket<Client>, event: string, data: object, to: ClientEvent["to"]): void {
    const broadcast = { user_id: to.userId ?? "", channel_id: to.channelId ?? "", team_id: to.teamId ?? "" };
    socket.send(JSON.stringify({ event, data, broadcast, seq: socket.data.sequence++ }));
  }
}
