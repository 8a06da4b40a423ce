/** The paths, below the plugin's own, to which Graph sends change notifications and lifecycle notifications. */
export const CHANGES_PATH = "/api/v1/graph/changes";
export const LIFECYCLE_PATH = "/api/v1/graph/lifecycle";
