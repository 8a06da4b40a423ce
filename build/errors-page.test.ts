import { expect, test } from "bun:test";
import { errorResponse, errorsOf, ProductError } from "../server/platform/errors.ts";
import { errors } from "../server/platform/shared-errors.ts";
import { errorsPage, errorTables } from "./errors-page.ts";

const tables = errorTables();

test("every code is in exactly one table", () => {
  const codes = tables.flatMap(([, table]) => Object.keys(table));
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
});

test("a feature's own error is answered and printed like a common one", async () => {
  const tea = { tea_cold: { status: 418, says: "The tea is cold.", cure: "Boil the water again." } };
  const response = errorResponse(errorsOf(tea)("tea_cold", "21 degrees"), "r1");
  expect(response.status).toBe(418);
  expect(await response.json()).toEqual({ code: "tea_cold", message: "The tea is cold.", requestId: "r1" });
  expect(errorsPage([["tea", tea]])).toContain("## tea\n\n### `tea_cold`");
});

for (const [code, row] of tables.flatMap(([, table]) => Object.entries(table))) {
  test(`${code} has a status, a text for the person and a cure for the admin`, () => {
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
    expect(row.says).toMatch(/^[A-Z].{10,}[.]$/);
    expect(row.cure).toMatch(/^[A-Z].{10,}[.]$/);
  });
}

test("an error response contains the code, the public text and the request id, and nothing else", async () => {
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

test("an unknown error becomes `internal`, without its own message", async () => {
  const text = await errorResponse(new Error("password=hunter2"), "r2").text();
  expect(text).not.toContain("hunter2");
  expect(JSON.parse(text).code).toBe("internal");
});
