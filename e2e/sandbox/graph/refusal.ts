/** An error in Graph's error envelope. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  readonly inner: Record<string, unknown>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { headers?: Record<string, string>; inner?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = more.headers ?? {};
    this.inner = more.inner ?? {};
  }

  response(requestId: string): Response {
    const innerError = {
      date: new Date().toISOString().slice(0, 19),
      "request-id": requestId,
      "client-request-id": requestId,
      ...this.inner,
    };
    const error = { code: this.code, message: this.message, innerError };
    return Response.json(
      { error },
      { status: this.status, headers: { ...this.headers, "request-id": requestId } },
    );
  }
}

export const badRequest = (message: string, inner?: Record<string, unknown>) =>
  new Refusal(400, "BadRequest", message, inner ? { inner } : {});
export const notFound = (what: string) => new Refusal(404, "NotFound", `${what} was not found.`);
export const forbidden = (message: string) => new Refusal(403, "Forbidden", message);
