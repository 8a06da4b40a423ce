/**
 * Wire types for the arguments and results of the API methods in api-streams.ts (client_rpc.go of the official
 * module).
 */

import { any, bool, bytes, int, pointer, string, struct, type Type, uint32 } from "../../gob/index.ts";
import { GoHeader, HttpRequest } from "../http/wire.ts";
import { AppError as AppErrorType, FileInfo, Manifest, UploadSession } from "./model.gen.ts";

export const NoArgs: Type<Record<never, never>> = struct<Record<never, never>>(
  "Z_LoadPluginConfigurationArgsArgs",
  () => ({}),
);
export const ConfigurationReturns: Type<{ A: Uint8Array }> = struct<{ A: Uint8Array }>(
  "Z_LoadPluginConfigurationArgsReturns",
  () => ({ A: bytes }),
);

export interface InstallPluginArgs {
  PluginStreamID: number;
  B: boolean;
}
export const InstallPluginArgs: Type<InstallPluginArgs> = struct<InstallPluginArgs>(
  "Z_InstallPluginArgs",
  () => ({
    PluginStreamID: uint32,
    B: bool,
  }),
);
export interface InstallPluginReturns {
  A: Manifest | null;
  B: AppErrorType | null;
}
export const InstallPluginReturns: Type<InstallPluginReturns> = struct<InstallPluginReturns>(
  "Z_InstallPluginReturns",
  () => ({ A: pointer(Manifest), B: pointer(AppErrorType) }),
);

export interface UploadDataArgs {
  A: UploadSession | null;
  PluginStreamID: number;
}
export const UploadDataArgs: Type<UploadDataArgs> = struct<UploadDataArgs>("Z_UploadDataArgs", () => ({
  A: pointer(UploadSession),
  PluginStreamID: uint32,
}));

export interface AttachmentArgs {
  A: string;
  B: string;
  C: FileInfo | null;
  DataStreamID: number;
}
export const AttachmentArgs: Type<AttachmentArgs> = struct<AttachmentArgs>(
  "Z_ReceiveSharedChannelAttachmentSyncMsgArgs",
  () => ({ A: string, B: string, C: pointer(FileInfo), DataStreamID: uint32 }),
);

export interface FileReturns {
  A: FileInfo | null;
  B: unknown;
}
export const FileReturns: Type<FileReturns> = struct<FileReturns>("Z_UploadDataReturns", () => ({
  A: pointer(FileInfo),
  B: any,
}));

export interface PluginHttpArgs {
  ResponseBodyStream: number;
  Request: HttpRequest;
  RequestBodyStream: number;
}
export const PluginHttpArgs: Type<PluginHttpArgs> = struct<PluginHttpArgs>("Z_PluginHTTPStreamArgs", () => ({
  ResponseBodyStream: uint32,
  Request: HttpRequest,
  RequestBodyStream: uint32,
}));
export interface PluginHttpReturns {
  StatusCode: number;
  Header: GoHeader;
}
export const PluginHttpReturns: Type<PluginHttpReturns> = struct<PluginHttpReturns>(
  "Z_PluginHTTPStreamReturns",
  () => ({
    StatusCode: int,
    Header: GoHeader,
  }),
);

export interface BufferedHttpArgs {
  Request: HttpRequest;
  RequestBody: Uint8Array;
}
export const BufferedHttpArgs: Type<BufferedHttpArgs> = struct<BufferedHttpArgs>("Z_PluginHTTPArgs", () => ({
  Request: HttpRequest,
  RequestBody: bytes,
}));
export interface BufferedHttpReturns {
  Response: PluginHttpReturns | null;
  ResponseBody: Uint8Array;
}
export const BufferedHttpReturns: Type<BufferedHttpReturns> = struct<BufferedHttpReturns>(
  "Z_PluginHTTPReturns",
  () => ({
    Response: pointer(PluginHttpReturns),
    ResponseBody: bytes,
  }),
);
