package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// CreatePost stores the post and tells the plugin, as the server does: MessageWillBePosted first.
func (w *world) CreatePost(post *model.Post) (*model.Post, *model.AppError) {
	if _, err := w.GetChannel(post.ChannelId); err != nil {
		return nil, err
	}
	created := post.Clone()
	if created.Id == "" {
		created.Id = model.NewId()
	}
	if created.CreateAt == 0 {
		created.CreateAt = model.GetMillis()
	}
	created.UpdateAt = created.CreateAt
	if hooks := w.hooks(); hooks != nil {
		replaced, reason := hooks.MessageWillBePosted(&plugin.Context{RequestId: model.NewId()}, created.Clone())
		if reason != "" {
			return nil, model.NewAppError("CreatePost", "Post rejected by plugin. "+reason, nil, "", 400)
		}
		if replaced != nil {
			created = replaced
		}
	}
	w.mu.Lock()
	w.keepPost(created)
	w.mu.Unlock()
	w.tellPosted(created)
	return created.Clone(), nil
}

func (w *world) GetPost(postID string) (*model.Post, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	post, ok := w.posts[postID]
	if !ok || post.DeleteAt != 0 {
		return nil, missing("post", postID)
	}
	return post.Clone(), nil
}

func (w *world) UpdatePost(post *model.Post) (*model.Post, *model.AppError) {
	old, err := w.GetPost(post.Id)
	if err != nil {
		return nil, err
	}
	updated := post.Clone()
	updated.UpdateAt = model.GetMillis()
	updated.EditAt = updated.UpdateAt
	w.mu.Lock()
	w.posts[post.Id] = updated
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.MessageHasBeenUpdated(c, updated.Clone(), old) })
	return updated.Clone(), nil
}

func (w *world) DeletePost(postID string) *model.AppError {
	post, err := w.GetPost(postID)
	if err != nil {
		return err
	}
	post.DeleteAt = model.GetMillis()
	post.UpdateAt = post.DeleteAt
	w.mu.Lock()
	w.posts[postID] = post
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.MessageHasBeenDeleted(c, post.Clone()) })
	return nil
}

// keepPost needs the lock of the world.
func (w *world) keepPost(post *model.Post) {
	w.posts[post.Id] = post
	w.postOrder = append(w.postOrder, post.Id)
	w.channelPosts[post.ChannelId] = append(w.channelPosts[post.ChannelId], post.Id)
}

// postsAfter returns the posts from a place in the order of their making, as they are now.
func (w *world) postsAfter(place int) []*model.Post {
	w.mu.RLock()
	defer w.mu.RUnlock()
	posts := []*model.Post{}
	for _, id := range w.postOrder[min(place, len(w.postOrder)):] {
		posts = append(posts, w.posts[id].Clone())
	}
	return posts
}

// mostChanges is the server's limit of GetPostsSince, which says nothing about the posts that are missing.
const mostChanges = 1000

// list returns posts of a channel, newest first.
func (w *world) list(channelID string, is func(p *model.Post) bool) *model.PostList {
	w.mu.RLock()
	defer w.mu.RUnlock()
	list := model.NewPostList()
	ids := w.channelPosts[channelID]
	for i := len(ids) - 1; i >= 0; i-- {
		if post := w.posts[ids[i]]; is(post) {
			list.AddPost(post.Clone())
			list.AddOrder(post.Id)
		}
	}
	return list
}

func (w *world) GetPostThread(postID string) (*model.PostList, *model.AppError) {
	post, err := w.GetPost(postID)
	if err != nil {
		return nil, err
	}
	root := post.Id
	if post.RootId != "" {
		root = post.RootId
	}
	return w.list(post.ChannelId, func(p *model.Post) bool {
		return p.DeleteAt == 0 && (p.Id == root || p.RootId == root)
	}), nil
}

func (w *world) GetPostsForChannel(channelID string, number, perPage int) (*model.PostList, *model.AppError) {
	list := w.list(channelID, func(p *model.Post) bool { return p.DeleteAt == 0 })
	list.Order = page(list.Order, number, perPage)
	return list, nil
}

// GetPostsSince includes deleted posts, and the roots of replies, which are not in the order.
func (w *world) GetPostsSince(channelID string, time int64) (*model.PostList, *model.AppError) {
	taken := 0
	list := w.list(channelID, func(p *model.Post) bool {
		if p.UpdateAt <= time || taken == mostChanges {
			return false
		}
		taken++
		return true
	})
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, id := range list.Order {
		if root, ok := w.posts[list.Posts[id].RootId]; ok {
			list.AddPost(root.Clone())
		}
	}
	return list, nil
}

func (w *world) SendEphemeralPost(userID string, post *model.Post) *model.Post {
	sent := post.Clone()
	sent.Id = model.NewId()
	sent.Type = model.PostTypeEphemeral
	w.say(map[string]any{"event": "ephemeral", "userId": userID, "post": fieldsOf(sent)})
	return sent
}

func (w *world) AddReaction(reaction *model.Reaction) (*model.Reaction, *model.AppError) {
	if _, err := w.GetPost(reaction.PostId); err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.reactions[reaction.PostId] = append(w.reactions[reaction.PostId], shallow(reaction))
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.ReactionHasBeenAdded(c, reaction) })
	return reaction, nil
}

func (w *world) GetReactions(postID string) ([]*model.Reaction, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return append([]*model.Reaction{}, w.reactions[postID]...), nil
}

func (w *world) UploadFile(data []byte, channelID, filename string) (*model.FileInfo, *model.AppError) {
	info := &model.FileInfo{Id: model.NewId(), ChannelId: channelID, Name: filename, Size: int64(len(data)), CreateAt: model.GetMillis()}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files[info.Id] = data
	w.fileInfos[info.Id] = info
	return shallow(info), nil
}

// CopyFileInfos makes other entries of the same stored files (App.CopyFileInfos).
func (w *world) CopyFileInfos(userID string, fileIDs []string) ([]string, *model.AppError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	copies := []string{}
	for _, id := range fileIDs {
		info, ok := w.fileInfos[id]
		if !ok {
			return nil, missing("file", id)
		}
		made := shallow(info)
		made.Id, made.CreatorId, made.PostId, made.ChannelId = model.NewId(), userID, "", ""
		w.fileInfos[made.Id] = made
		w.files[made.Id] = w.files[id]
		copies = append(copies, made.Id)
	}
	return copies, nil
}

func (w *world) GetFile(fileID string) ([]byte, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	data, ok := w.files[fileID]
	if !ok {
		return nil, missing("file", fileID)
	}
	return data, nil
}

func (w *world) GetFileInfo(fileID string) (*model.FileInfo, *model.AppError) {
	return find(w, w.fileInfos, "file", fileID)
}

func (w *world) CreateUploadSession(us *model.UploadSession) (*model.UploadSession, error) {
	created := shallow(us)
	created.Id = model.NewId()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.uploads[created.Id] = created
	return shallow(created), nil
}

func (w *world) GetUploadSession(uploadID string) (*model.UploadSession, error) {
	us, err := find(w, w.uploads, "upload", uploadID)
	if err != nil {
		return nil, err
	}
	return us, nil
}

// UploadData stores the bytes, and answers with their size and hash.
func (w *world) UploadData(us *model.UploadSession, rd io.Reader) (*model.FileInfo, error) {
	var data bytes.Buffer
	size, sum, err := digest(io.TeeReader(rd, &data))
	if err != nil {
		return nil, err
	}
	info := &model.FileInfo{Id: us.Id, ChannelId: us.ChannelId, Name: us.Filename, Size: size, Content: sum}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files[info.Id] = data.Bytes()
	w.fileInfos[info.Id] = info
	return shallow(info), nil
}

// InstallPlugin answers with the size and hash of the bundle.
func (w *world) InstallPlugin(file io.Reader, _ bool) (*model.Manifest, *model.AppError) {
	size, sum, err := digest(file)
	if err != nil {
		return nil, invalid("plugin")
	}
	return &model.Manifest{Id: "installed", Props: map[string]any{"size": float64(size), "sha256": sum}}, nil
}

func (w *world) ReceiveSharedChannelAttachmentSyncMsg(_, channelID string, fi *model.FileInfo, data io.Reader) (*model.FileInfo, error) {
	size, sum, err := digest(data)
	if err != nil {
		return nil, err
	}
	return &model.FileInfo{Id: fi.Id, ChannelId: channelID, Size: size, Content: sum}, nil
}

func digest(r io.Reader) (int64, string, error) {
	hash := sha256.New()
	size, err := io.Copy(hash, r)
	return size, hex.EncodeToString(hash.Sum(nil)), err
}
