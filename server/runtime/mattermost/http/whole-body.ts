/**
 * Returns the bytes of a response body without a copy, when the response was made from text or bytes.
 *
 * Bun keeps such a body as it is, but does not tell that it has one: reading `body` turns it into a stream, whose
 * pieces are copies. For a response of 1 MB that costs 230 µs on top of 150, and with the cost of the pieces half of
 * the plugin's time (docs/performance.md). So we replace the global Response constructor by one that notes what it
 * was given.
 *
 * Nothing else changes: `instanceof`, `new`, `extends` and `fetch` work as before. A response that was made in
 * another way (fetch, clone) is not noted, and its body is read as a stream.
 */
const noted = new WeakSet<Response>();
const Native = globalThis.Response;
const { bytes } = Native.prototype;

/**
 * Returns the body's bytes, or null when they must be read from `body`. Rejects when the body was used before. The
 * caller owns the bytes and may free them, even when a subclass overrides `bytes()`.
 */
export function wholeBody(response: Response): Promise<Uint8Array<ArrayBuffer>> | null {
  return noted.has(response) ? bytes.call(response) : null;
}

/** A Proxy would make `instanceof Response` and `Response.json` slow. */
function Noting(...given: ConstructorParameters<typeof Response>): Response {
  if (!new.target) throw new TypeError("Use `new Response(...)` instead of `Response(...)`");
  const response =
    new.target === Noting ? new Native(...given) : Reflect.construct(Native, given, new.target);
  const [body] = given;
  if (typeof body === "string" || body instanceof ArrayBuffer || ArrayBuffer.isView(body))
    noted.add(response);
  return response;
}
Object.setPrototypeOf(Noting, Native);
Object.defineProperties(Noting, {
  name: { value: Native.name },
  length: { value: Native.length },
  prototype: { value: Native.prototype, writable: false },
  json: {
    value: (...given: Parameters<typeof Response.json>) => {
      const response = Native.json(...given);
      noted.add(response);
      return response;
    },
  },
});
Native.prototype.constructor = Noting;
globalThis.Response = Noting as unknown as typeof Response;
