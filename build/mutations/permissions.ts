export const permissionMutations: readonly import("./mutation.ts").Mutation[] = [];
