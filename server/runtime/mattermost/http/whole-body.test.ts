import { describe, expect, test } from "bun:test";
import { wholeBody } from "./whole-body.ts";

const text = async (response: Response) => {
  const bytes = await wholeBody(response);
  return bytes === null ? null : new TextDecoder().decode(bytes);
};
const streamOf = (part: string) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });

describe("bodies that are available as a whole", () => {
  const whole: Record<string, [() => Response, string]> = {
    text: [() => new Response("déjà"), "déjà"],
    "empty text": [() => new Response(""), ""],
    bytes: [() => new Response(new TextEncoder().encode("bytes")), "bytes"],
    "a view of more bytes": [() => new Response(new TextEncoder().encode("abcdef").subarray(1, 3)), "bc"],
    "an ArrayBuffer": [() => new Response(new TextEncoder().encode("buffer").buffer), "buffer"],
    JSON: [() => Response.json({ a: 1 }, { status: 201 }), '{"a":1}'],
    "a subclass": [() => new (class extends Response {})("sub"), "sub"],
  };
  for (const [name, [make, content]] of Object.entries(whole)) {
    test(name, async () => expect(await text(make())).toBe(content));
  }

  test("keep the content they had when the response was made", async () => {
    const bytes = new TextEncoder().encode("before");
    const response = new Response(bytes);
    bytes.fill(0);
    expect(await text(response)).toBe("before");
  });

  test("may be freed without affecting their sources and clones", async () => {
    const ascii = "e".repeat(300_000);
    for (const body of [ascii, "é".repeat(200_000), new TextEncoder().encode(ascii)]) {
      const response = new Response(body);
      const clone = response.clone();
      const before = typeof body === "string" ? body : ascii;
      (await wholeBody(response))?.buffer.transfer(0);
      expect((await clone.text()) === before).toBe(true);
      expect(typeof body === "string" ? body === before : new TextDecoder().decode(body) === before).toBe(
        true,
      );
    }
  });

  test("are read by the native method, even when a subclass overrides it", async () => {
    const shared = new TextEncoder().encode("shared");
    class Cached extends Response {
      override readonly bytes = () => Promise.resolve(shared);
    }
    const bytes = await wholeBody(new Cached("own"));
    expect(new TextDecoder().decode(bytes ?? undefined)).toBe("own");
    expect(bytes?.buffer).not.toBe(shared.buffer);
  });

  test("that were used before are an error, not an empty body", async () => {
    const response = new Response("once");
    await response.text();
    expect(wholeBody(response)).rejects.toThrow();
  });
});

describe("bodies that are read as streams", () => {
  const others: Record<string, () => Response> = {
    "no body": () => new Response(null),
    "nothing given": () => new Response(),
    "a redirect": () => Response.redirect("http://localhost/"),
    "a stream": () => new Response(streamOf("part")),
    "the body of another": () => new Response(new Response("text").body),
    "a Blob, which may be a file": () => new Response(new Blob(["blob"])),
    "a clone": () => new Response("text").clone() as Response,
  };
  for (const [name, make] of Object.entries(others)) test(name, () => expect(wholeBody(make())).toBeNull());
});

describe("the replaced Response class looks unchanged", () => {
  test("to instanceof, however it was made", async () => {
    const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("served") });
    const fetched = await fetch(server.url);
    await server.stop();
    for (const response of [new Response(), Response.json(1), Response.error(), fetched, fetched.clone()])
      expect(response).toBeInstanceOf(Response);
    expect(await fetched.text()).toBe("served");
    expect({} instanceof Response).toBe(false);
  });

  test("to code that checks the constructor", () => {
    expect(new Response().constructor).toBe(Response);
    expect(Response.name).toBe("Response");
    expect(Response.length).toBe(0);
    expect(Object.keys(Response)).toEqual([]);
    expect(() => Reflect.apply(Response as unknown as () => void, undefined, [])).toThrow(TypeError);
    expect(() => new Response("", { status: 99 })).toThrow(RangeError);
  });

  test("to subclasses", () => {
    class Page extends Response {
      readonly title = "page";
    }
    const page = new Page("<p>", { headers: { "Content-Type": "text/html" } });
    expect(page).toBeInstanceOf(Page);
    expect(page.title).toBe("page");
    expect(page.headers.get("Content-Type")).toBe("text/html");
    expect(Object.getPrototypeOf(page)).toBe(Page.prototype);
  });
});
