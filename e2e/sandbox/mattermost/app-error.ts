import { AppError } from "../../../server/runtime/mattermost/index.ts";

/**
 * The error of a failed Mattermost API call; `id` is the server's translation key, which plugins compare.
 */
export function appError(where: string, id: string, statusCode: number, detailedError = ""): AppError {
  return new AppError(id, { id, where, statusCode, detailedError });
}

export const notFound = (where: string, id: string) => appError(where, id, 404, "resource not found");
export const badRequest = (where: string, id: string, detail = "") => appError(where, id, 400, detail);
