/**
 * Every limit of this folder, with its reason. A peer that exceeds one gets a typed error and cannot fill our memory.
 * "Specification" is hashicorp/yamux `spec.md`; "host" is the Go side: hashicorp/go-plugin and hashicorp/yamux.
 */

/** Specification: the window each stream starts with, in both directions. We never grant more than this. */
export const INITIAL_WINDOW_BYTES = 256 * 1024;

/**
 * The host's accept queue holds 256 streams and resets the 257th; half of that leaves room for a slow accept loop.
 */
export const MAX_UNACKNOWLEDGED_STREAMS = 128;

/**
 * Streams beyond that limit wait in order for this long; after that the newest one goes first. The host waits 5 s in
 * total.
 */
export const PATIENT_OPENING_MS = 4_000;

/**
 * Each HTTP request needs two streams. The largest load we test is 500 requests at once, the largest we allow is
 * 4,000.
 */
export const MAX_OPEN_STREAMS = 8_192;

/** Bytes received but not yet consumed, over all streams of a session: 1,024 unread streams with full windows. */
export const MAX_INBOX_BYTES = 256 * 1024 * 1024;

/**
 * Bytes written by us but not yet sent, on one stream: room for the largest gob message (see gob/limits) and a few
 * others.
 */
export const MAX_HELD_BYTES = 160 * 1024 * 1024;

/**
 * Bytes of frames that wait for the socket. Data stops at OUTPUT_HIGH_WATER_BYTES, so only a flood of pings gets
 * here.
 */
export const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Bytes of data that one turn of the event loop may queue for the socket before further data waits in its stream. */
export const OUTPUT_HIGH_WATER_BYTES = 1024 * 1024;

/**
 * Bodies larger than this go to the socket without a copy; for smaller ones a copy is cheaper than another system
 * call.
 */
export const SCATTER_BYTES = 16 * 1024;

/** Size of an output buffer: some 500 small frames, more than one turn produces. */
export const OUTPUT_BUFFER_BYTES = 64 * 1024;

/** The host answers a ping at once; hashicorp/yamux gives up after the same 10 s (ConnectionWriteTimeout). */
export const PING_TIMEOUT_MS = 10_000;

/**
 * A stream that we ended is reset when the peer neither ends it nor writes for this long (hashicorp/yamux:
 * StreamCloseTimeout).
 */
export const HALF_CLOSED_TIMEOUT_MS = 5 * 60_000;

/** A closing session waits this long for a slow reader; the host kills a plugin 2 s after Control.Quit. */
export const CLOSE_TIMEOUT_MS = 1_000;

/** go-plugin's MuxBroker gives both sides 5 s to meet. */
export const BROKER_TIMEOUT_MS = 5_000;

/** Broker streams that wait for their Accept: far above what one hook opens, far below a leak. */
export const MAX_WAITING_BROKER_STREAMS = 1_024;

/** Calls in progress on one stream. We test 500 concurrent requests; beyond this limit a server stops reading. */
export const MAX_PENDING_CALLS = 4_096;

/** Longest path of a unix socket (sockaddr_un without the closing NUL). */
export const MAX_SOCKET_PATH_BYTES = 107;

/**
 * The host dials right after it reads the first line. If it has not dialled by then it is dead, and we must end too.
 */
export const CONNECT_TIMEOUT_MS = 30_000;

/** go-plugin cuts lines of stderr at 64 KiB, and the parts lose their level. */
export const MAX_LOG_LINE_BYTES = 60 * 1024;

/** Time that a plugin has to end by itself after Control.Quit; the host kills the process after 2 s. */
export const QUIT_TIMEOUT_MS = 1_500;

/** A session with less traffic than this is idle enough for a full collection: some 30 small hooks a second. */
export const QUIET_BYTES_PER_SECOND = 32 * 1024;

/** Under a load, young objects are collected this often, and only after so many bytes have arrived; see memory.ts. */
export const BUSY_MS = 100;
export const BUSY_BYTES = 32 * 1024;

/** A process that holds less than this is left alone under a load. The product holds 50 to 60 MB after its start. */
export const SMALL_BYTES = 96 * 1024 * 1024;

/** A full collection that stops all requests for longer than this is not repeated under a load for some time. */
export const LONG_COLLECTION_MS = 60;
export const AFTER_LONG_COLLECTION_MS = 10 * 60_000;

/** Less traffic than this leaves nothing worth collecting. */
export const WORTH_COLLECTING_BYTES = 1024 * 1024;

/** Growth at which it is worth giving up compiled code and fragmented pages; see memory.ts. */
export const WORTH_SHRINKING_BYTES = 4 * 1024 * 1024;
export const SHRINK_AFTER_QUIET_SECONDS = 10;

/**
 * Default time limit of a call to the host: longer than any query of the server, short enough that a queue keeps
 * moving.
 */
export const CALL_SECONDS = 30;

/** Time limit of a probe: net/rpc itself answers a call to an unknown method. See rpc-client.ts. */
export const PROBE_SECONDS = 5;

/**
 * The host writes each answer at once. An answer that stops half way for this long, while pings are answered, never
 * completes.
 */
export const HALF_ANSWER_SECONDS = 5;

/** The same for arguments. Counts from the first bytes that arrive after a pause and still do not complete them. */
export const HALF_CALL_SECONDS = 2;

/** Calls that timed out and may still be answered late. */
export const MAX_ABANDONED_CALLS = 4_096;

/** The end of a stream without Control.Quit is a fault, unless Quit follows within this time. */
export const QUIT_GRACE_MS = 200;

/** After a fault the process ends within a second; this much of it is for the plugin's own clean-up. */
export const FAULT_TIMEOUT_MS = 500;

/**
 * The server answers a call of a response within milliseconds, on a busy machine within tenths of a second, and a Write
 * when its client has read.
 */
export const LAST_CALLS_MS = 700;
