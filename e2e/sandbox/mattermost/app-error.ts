import { AppError } from "../../../server/runtime/mattermost/index.ts";

/** What a Mattermost API call fails with; `id` is the server's translation key, which plugins compare. */
export function appError(where: string, id: string, statusCode: number, detailedError = ""): AppError {
  return new AppError(id, { id, where, statusCode, detailedError });
}

export const notFound = (where: string, id: string) => appError(where, id, 404, "resource not found");
export const badRequest = (where: string, id: string, detail = "") => appError(where, id, 400, detail);
