/** Limits of one stream. A value that exceeds one is a ProtocolError, thrown before memory is spent on it. */
export interface Limits {
  /** Bytes of one message, and of one value that spans several. */
  readonly maxMessageBytes: number;
  /** Nesting depth of structs, slices and maps. */
  readonly maxDepth: number;
  /** Nesting depth of interface values. The only limit without an error: deeper values are read as null. */
  readonly maxInterfaces: number;
  /**
   * Elements of all slices, arrays and maps of one value. An element that is a struct counts as its number of fields.
   */
  readonly maxElements: number;
  /** Types that one stream may define. */
  readonly maxTypes: number;
  /** Fields of one struct type. */
  readonly maxFields: number;
  /** Length of the name of a concrete type in an interface value, in bytes. */
  readonly maxNameBytes: number;
}

export const limits: Limits = {
  // GetFile returns a whole file as one []byte, and FileSettings.MaxFileSize is 100 MB by default. Go's limit is 1
  // GiB.
  maxMessageBytes: 128 * 1024 * 1024,
  // Each interface value takes two levels, as it mostly holds a map or list; types that contain themselves take as
  // many again.
  maxDepth: 1000,
  // Users can nest the props of a post 10,000 levels deep, the limit of Go's JSON decoder: more than our stack has.
  // An error here would end the stream of all hooks because of one post.
  maxInterfaces: 250,
  // An omitted struct costs one byte on the wire and all its fields here. 100,000 users take four million.
  maxElements: 8 * 1024 * 1024,
  // GetConfig defines 70 types, the whole plugin API about 500.
  maxTypes: 4096,
  // The largest struct of the API, ServiceSettings, has about 150.
  maxFields: 4096,
  // The same limit as encoding/gob.
  maxNameBytes: 1024,
};
