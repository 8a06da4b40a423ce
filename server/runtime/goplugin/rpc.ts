import { string, struct, type Type, uint } from "../gob/index.ts";

/**
 * net/rpc over gob: each direction of a stream is one gob stream, made of pairs of values.
 *
 *   client ─▶  Request{ServiceMethod, Seq}          args
 *   server ─▶  Response{ServiceMethod, Seq, Error}  reply
 *
 * Seq starts at 0 and pairs an answer with its call; answers come in any order. When Error is not empty the call
 * failed, and an empty struct takes the place of the reply. Source: Go package net/rpc, server.go and client.go.
 */
export interface Request {
  ServiceMethod: string;
  Seq: number;
}

export interface Response {
  ServiceMethod: string;
  Seq: number;
  Error: string;
}

export const requestType: Type<Request> = struct<Request>("Request", () => ({
  ServiceMethod: string,
  Seq: uint,
}));

export const responseType: Type<Response> = struct<Response>("Response", () => ({
  ServiceMethod: string,
  Seq: uint,
  Error: string,
}));

/** Go's struct{}: an argument or reply without content. */
export const nothing: Type<Record<never, never>> = struct<Record<never, never>>("", () => ({}));
