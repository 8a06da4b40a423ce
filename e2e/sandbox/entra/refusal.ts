/** Errors of the token endpoint, worded like Entra's. */

export type Grant = { readonly status: number; readonly body: Record<string, unknown> };

export function refuse(code: string, error: string, text: string, more: Record<string, unknown> = {}): Grant {
  const trace = crypto.randomUUID();
  return {
    status: 400,
    body: {
      error,
      error_description: `${code}: ${text}\r\nTrace ID: ${trace}`,
      error_codes: [Number(code.replace("AADSTS", ""))],
      timestamp: new Date().toISOString().replace("T", " ").slice(0, 19),
      trace_id: trace,
      correlation_id: crypto.randomUUID(),
      ...more,
    },
  };
}
