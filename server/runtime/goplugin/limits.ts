/**
 * Every bound of this folder, with its reason. A peer that goes beyond one gets a typed error, never our memory.
 * "Specification" is hashicorp/yamux `spec.md`; "host" is the Go side, hashicorp/go-plugin and hashicorp/yamux.
 */

/** Specification: the window each stream starts with, in both directions. We never grant more than this. */
export const INITIAL_WINDOW_BYTES = 256 * 1024;

/** The host's accept queue holds 256 streams and resets the 257th; half of it leaves room for a slow accept loop. */
export const MAX_UNACKNOWLEDGED_STREAMS = 128;

/** Streams beyond that wait in order for so long, of the 5 s that the host waits; then the newest goes first. */
export const PATIENT_OPENING_MS = 4_000;

/** Two streams per HTTP request under way; 500 requests at once is the largest load we test, 4,000 the largest we allow. */
export const MAX_OPEN_STREAMS = 8_192;

/** Received but not yet consumed, over all streams of a session: 1,024 streams that nobody reads, windows full. */
export const MAX_INBOX_BYTES = 256 * 1024 * 1024;

/** Written by us but not yet sent, on one stream: the largest gob message (see gob/limits) and its neighbours. */
export const MAX_HELD_BYTES = 160 * 1024 * 1024;

/** Frames that wait for the socket. Data stops at OUTPUT_HIGH_WATER_BYTES, so only a flood of pings gets here. */
export const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Data that one turn may queue for the socket before further data waits in its stream. */
export const OUTPUT_HIGH_WATER_BYTES = 1024 * 1024;

/** Bodies above this go to the socket as they are; copying smaller ones is cheaper than another system call. */
export const SCATTER_BYTES = 16 * 1024;

/** One output buffer: some 500 small frames, more than one turn makes. */
export const OUTPUT_BUFFER_BYTES = 64 * 1024;

/** The host answers a ping at once; hashicorp/yamux gives up after the same 10 s (ConnectionWriteTimeout). */
export const PING_TIMEOUT_MS = 10_000;

/** A stream we ended that the peer neither ends nor writes to is reset (hashicorp/yamux: StreamCloseTimeout). */
export const HALF_CLOSED_TIMEOUT_MS = 5 * 60_000;

/** A closing session waits this long for a slow reader; the host kills a plugin 2 s after Control.Quit. */
export const CLOSE_TIMEOUT_MS = 1_000;

/** go-plugin's MuxBroker gives both sides 5 s to meet. */
export const BROKER_TIMEOUT_MS = 5_000;

/** Broker streams that wait for their Accept: far above what one hook opens, far below a leak. */
export const MAX_WAITING_BROKER_STREAMS = 1_024;

/** Calls under way on one stream: 500 concurrent requests is what we test; beyond this a server stops reading. */
export const MAX_PENDING_CALLS = 4_096;

/** Longest path of a unix socket (sockaddr_un, less the closing NUL). */
export const MAX_SOCKET_PATH_BYTES = 107;

/** The host dials right after the first line. If it has not by then it died, and so must we. */
export const CONNECT_TIMEOUT_MS = 30_000;

/** go-plugin cuts lines of stderr at 64 KiB and then loses their level. */
export const MAX_LOG_LINE_BYTES = 60 * 1024;

/** Time for a plugin's own ending after Control.Quit; the host kills the process after 2 s. */
export const QUIT_TIMEOUT_MS = 1_500;

/** Below this a session is idle enough for a full collection: some 30 small hooks a second. */
export const QUIET_BYTES_PER_SECOND = 32 * 1024;

/** Less traffic than this leaves nothing worth collecting. */
export const WORTH_COLLECTING_BYTES = 1024 * 1024;

/** Where compiled code and fragmented pages are worth giving up; see idle.ts. */
export const WORTH_SHRINKING_BYTES = 4 * 1024 * 1024;
export const SHRINK_AFTER_QUIET_SECONDS = 10;

/** A call to the host that says nothing else: longer than any query of the server, short enough for a queue to go on. */
export const CALL_SECONDS = 30;

/** net/rpc answers a call it does not know without asking anybody. Nothing at all within this: see rpc-client.ts. */
export const PROBE_SECONDS = 5;

/** The host writes an answer in one go. One that stops half way for this long, while pings are answered, has no rest. */
export const HALF_ANSWER_SECONDS = 5;

/** The same for arguments, from the first bytes that come after a pause and do not complete them. */
export const HALF_CALL_SECONDS = 2;

/** Calls whose answers nobody waits for any more, and that may still be answered. */
export const MAX_ABANDONED_CALLS = 4_096;

/** An end without Control.Quit is a fault unless Quit follows within this. */
export const QUIT_GRACE_MS = 200;

/** After a fault the process ends within a second; what a plugin may still do before. */
export const FAULT_TIMEOUT_MS = 500;
