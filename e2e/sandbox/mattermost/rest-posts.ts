/** Posts and files over REST. */

import type { Post } from "../../../server/runtime/mattermost/index.ts";
import { appError, notFound } from "./app-error.ts";
import { postToJson } from "./files.ts";
import { publish } from "./publish.ts";
import type { App, RestContext, RestPorts } from "./rest-context.ts";
import { fromJson } from "./rest-json.ts";

export function postRoutes(app: App, { world, node }: RestPorts, context: RestContext): void {
  const { body, readable } = context;
  const postJson = (post: Post) => postToJson(world, post);
  app.post("/posts", async (c) => {
    const user = c.get("user");
    const wanted = fromJson(await body(c)) as Partial<Post>;
    const channelId = String(wanted.ChannelId ?? "");
    if (!world.mayInChannel(user.Id, channelId, "create_post"))
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    const post = await publish(
      world,
      {
        ChannelId: channelId,
        Message: wanted.Message ?? "",
        RootId: wanted.RootId ?? "",
        FileIds: wanted.FileIds ?? [],
        UserId: user.Id,
      },
      { node: node(), sessionId: c.get("sessionId") },
    );
    return c.json(postJson(post), 201);
  });
  app.get("/posts/:post", (c) => {
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.DeleteAt > 0) throw notFound("GetPost", "app.post.get.app_error");
    readable(c.get("user"), post.ChannelId);
    return c.json(postJson(post));
  });
  app.get("/posts/:post/thread", (c) => {
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.DeleteAt > 0) throw notFound("GetPost", "app.post.get.app_error");
    readable(c.get("user"), post.ChannelId);
    const rootId = post.RootId || post.Id;
    const posts = world
      .postsIn(post.ChannelId)
      .filter(({ Id, RootId }) => Id === rootId || RootId === rootId);
    return c.json({
      order: posts.map(({ Id }) => Id).reverse(),
      posts: Object.fromEntries(posts.map((one) => [one.Id, postJson(one)])),
    });
  });
  app.put("/posts/:post/patch", async (c) => {
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.UserId !== c.get("user").Id)
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    const edited = {
      ...post,
      Message: String((await body(c)).message ?? ""),
      EditAt: world.now(),
      UpdateAt: world.now(),
    };
    world.updatePost(edited);
    world.fireOn(node(), "messageHasBeenUpdated", edited, post);
    return c.json(postJson(edited));
  });
  app.delete("/posts/:post", (c) => {
    const post = world.posts.get(c.req.param("post"));
    if (!post || post.UserId !== c.get("user").Id)
      throw appError("Permissions", "api.context.permissions.app_error", 403);
    const deleted = world.deletePost(post);
    world.fireOn(node(), "messageHasBeenDeleted", deleted);
    return c.json({ status: "OK" });
  });

  /** `getFile` of api4: inline for pictures without `?download=1`, else as a download. */
  app.get("/files/:file", (c) => {
    const file = world.files.get(c.req.param("file"));
    if (!file) throw notFound("GetFileInfo", "app.file_info.get.app_error");
    readable(c.get("user"), file.info.ChannelId);
    const inline = file.info.MimeType.startsWith("image/") && c.req.query("download") !== "1";
    const name = encodeURIComponent(file.info.Name);
    return new Response(file.data.slice(), {
      headers: {
        "Content-Type": file.info.MimeType,
        "Content-Length": String(file.data.length),
        "Content-Disposition": `${inline ? "inline" : "attachment"};filename="${name}"; filename*=UTF-8''${name}`,
        "Cache-Control": "private, no-cache",
      },
    });
  });
}
