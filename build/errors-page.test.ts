import { expect, test } from "bun:test";
import { errorResponse, errors, ProductError } from "../server/platform/errors.ts";

for (const [code, row] of Object.entries(errors)) {
  test(`${code} has a status, words for the person and a cure for the admin`, () => {
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
    expect(row.says).toMatch(/^[A-Z].{10,}[.]$/);
    expect(row.cure).toMatch(/^[A-Z].{10,}[.]$/);
  });
}

test("what leaves the server is the code, the public words and the request id, and nothing else", async () => {
  const error = new ProductError("sign_in_refused", "issuer https://sts.evil.example", {
    cause: new Error("eyJhbGciOi"),
  });
  const response = errorResponse(error, "r1");
  expect(response.status).toBe(401);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({
    code: "sign_in_refused",
    message: errors.sign_in_refused.says,
    requestId: "r1",
  });
});

test("an unknown error becomes `internal`, without its words", async () => {
  const text = await errorResponse(new Error("password=hunter2"), "r2").text();
  expect(text).not.toContain("hunter2");
  expect(JSON.parse(text).code).toBe("internal");
});
