/**
 * Mattermost binds a web socket to the session it was opened with. When that session ends, the socket stays open but
 * receives nothing more, without notice: pings are still answered, and any answer satisfies the web app
 * (platform/web_conn.go, platform/client/src/websocket.ts). The web app reopens only a closed socket, with the
 * current cookies, and then fetches the missed events. So a change of the session must close the socket.
 */

/** A page of the web app that may have a web socket. */
export interface SocketPage {
  readonly WebSocket: { readonly prototype: { send: WebSocket["send"] } };
  readonly Event: { new (type: string): Event };
  dispatchEvent(event: Event): boolean;
}

/** Pages whose web socket is to be closed, and that have sent nothing since. */
const waiting = new WeakSet<object>();

/**
 * Closes the web socket of the page at its next message. The event `offline` makes the web app send one at once, a
 * ping; `online` ends that state. A version that listens to neither sends its next ping within 30 seconds.
 */
export function reopenWebSocket(page: SocketPage, subpath: string): void {
  const { prototype } = page.WebSocket;
  if (!waiting.has(prototype)) closeWithNextMessage(prototype, `${subpath}/api/v4/websocket`);
  page.dispatchEvent(new page.Event("offline"));
  page.dispatchEvent(new page.Event("online"));
}

function closeWithNextMessage(prototype: { send: WebSocket["send"] }, path: string): void {
  const send = prototype.send;
  function sendLast(this: WebSocket, ...message: Parameters<WebSocket["send"]>): void {
    send.apply(this, message);
    // Plugins have other sockets.
    if (new URL(this.url).pathname !== path) return;
    prototype.send = send;
    waiting.delete(prototype);
    this.close();
  }
  waiting.add(prototype);
  prototype.send = sendLast;
}
