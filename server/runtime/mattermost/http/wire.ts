import { int, map, slice, string, struct, type Type, uint32, url } from "../../gob/index.ts";
import { Context } from "../wire/model.gen.ts";

/** http.Header: canonical names ("Content-Type"), a list of values each. */
export type GoHeader = Record<string, string[]>;
export const GoHeader: Type<GoHeader> = map(string, slice(string));

/** plugin.HTTPRequestSubset; its Body is never sent here. */
export interface HttpRequest {
  Method: string;
  /** "/path?query", without "/plugins/<id>". */
  URL: string;
  Proto: string;
  ProtoMajor: number;
  ProtoMinor: number;
  Header: GoHeader;
  Host: string;
  RemoteAddr: string;
  RequestURI: string;
}
export const HttpRequest: Type<HttpRequest> = struct<HttpRequest>("HTTPRequestSubset", () => ({
  Method: string,
  URL: url,
  Proto: string,
  ProtoMajor: int,
  ProtoMinor: int,
  Header: GoHeader,
  Host: string,
  RemoteAddr: string,
  RequestURI: string,
}));

/** Z_ServeHTTPArgs and Z_ServeMetricsArgs: two broker streams carry what cannot be sent by value. */
export interface ServeHttpArgs {
  ResponseWriterStream: number;
  Request: HttpRequest;
  Context: Context;
  /** 0: no body. */
  RequestBodyStream: number;
}
export const ServeHttpArgs: Type<ServeHttpArgs> = struct<ServeHttpArgs>("Z_ServeHTTPArgs", () => ({
  ResponseWriterStream: uint32,
  Request: HttpRequest,
  Context,
  RequestBodyStream: uint32,
}));
