/**
 * Which responses hold their whole body, and its bytes.
 *
 * Bun keeps a body given as text or bytes as it is, and can hand it over without a copy, but does not say that it
 * has one: asking for `body` makes a stream of it, whose pieces are copies. For a response of 1 MB that is 230 µs on
 * top of 150, and with what the pieces cost afterwards half of the plugin's time (docs/performance.md). So the
 * constructor notes what it was given.
 *
 * Nothing else about it changes: `Response` stays the same to `instanceof`, `new`, `extends` and `fetch`. A response
 * that was made in another way (fetch, clone) is not noted, and its body is read as a stream.
 */
const noted = new WeakSet<Response>();
const Native = globalThis.Response;
const { bytes } = Native.prototype;

/**
 * The body's bytes, or null when they have to be read from `body`. Rejects when the body was used before. Nobody else
 * holds them, whatever a subclass makes of `bytes()`: the caller may free them.
 */
export function wholeBody(response: Response): Promise<Uint8Array<ArrayBuffer>> | null {
  return noted.has(response) ? bytes.call(response) : null;
}

/** Not a Proxy: `instanceof Response` and `Response.json` would become slow. */
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
