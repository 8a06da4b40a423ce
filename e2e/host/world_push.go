// This file sends the pushes of a post, to the people to whom the server would send them.

package main

import (
	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// The recipients of a push and the followers of a thread (channels/app/notification.go and notification_push.go of
// server 11). Mentions are found with simple expressions; everything else follows the server's order.

// A reader is a member of a channel whom the server may notify: active, and no bot.
type reader struct {
	user   *model.User
	member *model.ChannelMember
}

// pushPost updates thread memberships, then calls NotificationWillBePushed once for each person it would push to.
func (w *world) pushPost(post *model.Post) {
	w.mu.Lock()
	channel := w.channels[post.ChannelId]
	if channel == nil || channel.DeleteAt > 0 {
		w.mu.Unlock()
		return
	}
	readers := w.readers(channel)
	root := w.posts[post.RootId]
	mentions := w.mentions(post, channel, readers, root)
	if root != nil && *w.config.ServiceSettings.ThreadAutoFollow {
		w.follow(post, root, channel, readers, mentions)
	}
	var to []string
	if *w.config.EmailSettings.SendPushNotifications && !post.IsSystemMessage() {
		for _, r := range readers {
			if kind, named := mentions[r.user.Id]; w.isPushed(post, channel, r, kind, named) {
				to = append(to, r.user.Id)
			}
		}
	}
	sender, idLoaded := "", *w.config.EmailSettings.PushNotificationContents == model.IdLoadedNotification
	if author := w.users[post.UserId]; author != nil {
		sender = "@" + author.Username
	}
	w.mu.Unlock()
	for _, userID := range to {
		msg := &model.PushNotification{
			Type: model.PushTypeMessage, Version: model.PushMessageV2, Category: model.CategoryCanReply, PostId: post.Id, RootId: post.RootId,
			ChannelId: channel.Id, TeamId: channel.TeamId, SenderId: post.UserId, IsIdLoaded: idLoaded,
		}
		if !idLoaded {
			msg.SenderName, msg.ChannelName, msg.Message = sender, channel.DisplayName, sender+": "+post.Message
		}
		w.push(msg, userID)
	}
}

// push calls the hook first, like the server for every push, including those of plugins.
func (w *world) push(msg *model.PushNotification, userID string) {
	if hooks := w.hooks(); hooks != nil {
		replacement, rejection := hooks.NotificationWillBePushed(msg, userID)
		if rejection != "" {
			return
		}
		if replacement != nil {
			msg = replacement
		}
	}
	w.say(map[string]any{"event": "push", "userId": userID, "notification": fieldsOf(msg)})
}

func (w *world) SendPushNotification(notification *model.PushNotification, userID string) *model.AppError {
	w.background.Go(func() { w.push(notification, userID) })
	return nil
}

func (w *world) readers(channel *model.Channel) []reader {
	var list []reader
	for userID, member := range w.channelMembers[channel.Id] {
		if user := w.users[userID]; user != nil && user.DeleteAt == 0 && !user.IsBot {
			list = append(list, reader{user, member})
		}
	}
	return list
}

// follow updates the followers at a reply: its author, the root's author and the people mentioned in either. Mentions
// in the root are evaluated at each reply, with the present statuses. A person who unfollowed by hand follows again
// only after a mention.
func (w *world) follow(post, root *model.Post, channel *model.Channel, readers []reader, mentions map[string]mention) {
	taking := map[string]bool{post.UserId: true}
	for userID := range mentions {
		taking[userID] = true
	}
	for _, r := range readers {
		if r.user.Id == root.UserId && !fromWebhook(root) ||
			channel.Type != model.ChannelTypeDirect && r.member.NotifyProps[model.ChannelAutoFollowThreads] == model.ChannelAutoFollowThreadsOn {
			taking[r.user.Id] = true
		}
	}
	if channel.Type != model.ChannelTypeDirect {
		for userID := range w.namedIn(root, channel, readers) {
			taking[userID] = true
		}
	}
	for userID := range taking {
		kind, named := mentions[userID]
		_, known := w.threads[root.Id][userID]
		if !known || named && kind != threadMention && kind != commentMention {
			put(w.threads, root.Id, userID, true)
		}
	}
}

func (w *world) isPushed(post *model.Post, channel *model.Channel, r reader, kind mention, named bool) bool {
	if r.user.Id == post.UserId && !fromWebhook(post) {
		return false
	}
	inThread := post.RootId != "" && w.collapsed(r.user.Id)
	own, level := r.user.NotifyProps, r.member.NotifyProps[model.PushNotifyProp]
	if level == "" {
		level = model.ChannelNotifyDefault
	}
	if inThread && w.threads[post.RootId][r.user.Id] {
		wants := r.member.NotifyProps
		if level == model.ChannelNotifyDefault {
			wants = own
		}
		push := wants[model.PushNotifyProp]
		if push != model.UserNotifyNone && (named || wants[model.PushThreadsNotifyProp] == model.UserNotifyAll || push == model.UserNotifyAll) {
			return w.statusAllows(r.user, post, true)
		}
	}
	everything := own[model.PushNotifyProp] == model.UserNotifyAll || level == model.ChannelNotifyAll
	if !named && (channel.Type == model.ChannelTypeDirect || !everything || inThread) {
		return false
	}
	if r.member.NotifyProps[model.MarkUnreadNotifyProp] == model.ChannelMarkUnreadMention {
		return false
	}
	wanted := level
	if level == model.ChannelNotifyDefault {
		wanted = own[model.PushNotifyProp]
		if channel.Type == model.ChannelTypeGroup && wanted == model.UserNotifyMention {
			wanted = model.UserNotifyAll
		}
	}
	if wanted == model.UserNotifyNone || wanted == model.UserNotifyMention && kind <= groupMessage {
		return false
	}
	return w.statusAllows(r.user, post, false)
}

func (w *world) statusAllows(user *model.User, post *model.Post, threadView bool) bool {
	status := w.statuses[user.Id]
	if status == nil {
		status = &model.Status{Status: model.StatusOffline}
	}
	if status.Status == model.StatusDnd || status.Status == model.StatusOutOfOffice {
		return false
	}
	switch wants := user.NotifyProps[model.PushStatusNotifyProp]; wants {
	case "", model.StatusOnline:
		return threadView || status.ActiveChannel != post.ChannelId || model.GetMillis()-status.LastActivityAt > model.StatusChannelTimeout
	case model.StatusAway:
		return status.Status == model.StatusAway || status.Status == model.StatusOffline
	default:
		return wants == model.StatusOffline && status.Status == model.StatusOffline
	}
}

func (w *world) collapsed(userID string) bool {
	switch setting := *w.config.ServiceSettings.CollapsedThreads; setting {
	case model.CollapsedThreadsDisabled:
		return false
	case model.CollapsedThreadsAlwaysOn:
		return true
	default:
		chosen, ok := w.preferences[userID][[2]string{model.PreferenceCategoryDisplaySettings, model.PreferenceNameCollapsedThreadsEnabled}]
		if !ok {
			return setting == model.CollapsedThreadsDefaultOn
		}
		return chosen == "on"
	}
}

func fromWebhook(post *model.Post) bool { return post.GetProp(model.PostPropsFromWebhook) == "true" }

// tellPosted runs after a post is stored: it calls MessageHasBeenPosted, and sends the pushes, in any order.
func (w *world) tellPosted(post *model.Post) {
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.MessageHasBeenPosted(c, post.Clone()) })
	pushed := post.Clone()
	w.background.Go(func() { w.pushPost(pushed) })
}
