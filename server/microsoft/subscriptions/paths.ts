/** Where Graph sends change notifications and lifecycle notifications, below the plugin's own path. */
export const CHANGES_PATH = "/api/v1/graph/changes";
export const LIFECYCLE_PATH = "/api/v1/graph/lifecycle";
