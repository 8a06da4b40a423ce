/** Limits of one stream. A value beyond them is a ProtocolError, raised before memory is spent on it. */
export interface Limits {
  /** Bytes of one message, and of one value that spans several. */
  readonly maxMessageBytes: number;
  /** Structs, slices and maps inside each other. */
  readonly maxDepth: number;
  /** Interface values inside each other. The only limit without an error: deeper values are read as null. */
  readonly maxInterfaces: number;
  /** Elements of all slices, arrays and maps of one value; for an element that is a struct, the number of its fields. */
  readonly maxElements: number;
  /** Types one stream may define. */
  readonly maxTypes: number;
  /** Fields of one struct type. */
  readonly maxFields: number;
  /** Bytes of the name of a concrete type in an interface value. */
  readonly maxNameBytes: number;
}

export const limits: Limits = {
  // GetFile returns a whole file as one []byte, and FileSettings.MaxFileSize is 100 MB by default. Go's own is 1 GiB.
  maxMessageBytes: 128 * 1024 * 1024,
  // Two for each interface value, which mostly holds a map or list, and as many for types that contain themselves.
  maxDepth: 1000,
  // People can nest the props of a post as deep as Go's JSON decoder goes, 10,000 levels: more than our stack has.
  // An error would end the stream of all hooks for everybody because of one post.
  maxInterfaces: 250,
  // An omitted struct costs one byte on the wire and all its fields here. 100,000 users are four million.
  maxElements: 8 * 1024 * 1024,
  // GetConfig defines 70, all types of the plugin API together about 500.
  maxTypes: 4096,
  // The largest struct of the API, ServiceSettings, has about 150.
  maxFields: 4096,
  // The limit of encoding/gob.
  maxNameBytes: 1024,
};
