// This file finds the mentions of a post with simple expressions, and ranks them like the server.

package main

import (
	"regexp"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

// mention ranks as on the server: when a post names a person in several ways, the highest wins.
type mention int

const (
	groupMessage mention = iota + 1
	threadMention
	commentMention
	channelMention
	directMention
	keywordMention
	groupMention
)

var (
	codePattern = regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	namePattern = regexp.MustCompile(`@([A-Za-z0-9._-]*[A-Za-z0-9_])`)
	wordBorder  = regexp.MustCompile(`[^\p{L}\p{N}@._-]+`)
)

func (w *world) mentions(post *model.Post, channel *model.Channel, readers []reader, root *model.Post) map[string]mention {
	found := map[string]mention{}
	if channel.Type == model.ChannelTypeDirect {
		for _, r := range readers {
			if r.user.Id != post.UserId {
				found[r.user.Id] = directMention
			}
		}
		return found
	}
	for userID, kind := range w.namedIn(post, channel, readers) {
		found[userID] = max(found[userID], kind)
	}
	for _, r := range readers {
		id := r.user.Id
		if channel.Type == model.ChannelTypeGroup {
			found[id] = max(found[id], groupMessage)
		}
		if root == nil || w.collapsed(id) {
			continue
		}
		comments := r.user.NotifyProps[model.CommentsNotifyProp]
		switch {
		case root.UserId == id && (comments == model.CommentsNotifyAny || comments == model.CommentsNotifyRoot):
			found[id] = max(found[id], commentMention)
		case comments == model.CommentsNotifyAny && w.wrote(root.Id, id):
			found[id] = max(found[id], threadMention)
		}
	}
	if !fromWebhook(post) {
		delete(found, post.UserId)
	}
	return found
}

func (w *world) wrote(rootID, userID string) bool {
	for _, post := range w.posts {
		if post.RootId == rootID && post.UserId == userID && post.DeleteAt == 0 {
			return true
		}
	}
	return false
}

// namedIn finds names, keywords, groups and whole-channel words. @here reaches those who are online now.
func (w *world) namedIn(post *model.Post, channel *model.Channel, readers []reader) map[string]mention {
	text := codePattern.ReplaceAllString(post.Message, " ")
	names, words, lower := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, match := range namePattern.FindAllStringSubmatch(text, -1) {
		names[strings.ToLower(match[1])] = true
	}
	for _, word := range wordBorder.Split(text, -1) {
		words[word], lower[strings.ToLower(word)] = true, true
	}
	grouped := map[string]bool{}
	for id, group := range w.groups {
		if group.AllowReference && group.Name != nil && names[*group.Name] {
			for _, userID := range w.groupMembers[id] {
				grouped[userID] = true
			}
		}
	}
	whole := int64(len(readers)) < *w.config.TeamSettings.MaxNotificationsPerChannel
	found := map[string]mention{}
	for _, r := range readers {
		id, props := r.user.Id, r.user.NotifyProps
		status := w.statuses[id]
		here := names["here"] && status != nil && status.Status == model.StatusOnline
		if (names["all"] || names["channel"] || here) && whole && hearsWholeChannel(r) {
			found[id] = channelMention
		}
		named := names[r.user.Username] || props[model.FirstNameNotifyProp] == "true" && r.user.FirstName != "" && words[r.user.FirstName]
		for _, key := range strings.Split(props[model.MentionKeysNotifyProp], ",") {
			key = strings.ToLower(strings.TrimSpace(key))
			named = named || key != "" && lower[key]
		}
		if named {
			found[id] = keywordMention
		}
		if grouped[id] && id != post.UserId {
			found[id] = groupMention
		}
	}
	return found
}

func hearsWholeChannel(r reader) bool {
	ignore := r.member.NotifyProps[model.IgnoreChannelMentionsNotifyProp]
	muted := r.member.NotifyProps[model.MarkUnreadNotifyProp] == model.ChannelMarkUnreadMention
	return r.user.NotifyProps[model.ChannelMentionsNotifyProp] == "true" &&
		ignore != model.IgnoreChannelMentionsOn && !(muted && ignore == model.IgnoreChannelMentionsDefault)
}
