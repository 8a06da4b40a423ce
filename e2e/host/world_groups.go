// This file looks up groups and their members.

package main

import (
	"github.com/mattermost/mattermost/server/public/model"
)

func (w *world) GetGroup(groupID string) (*model.Group, *model.AppError) {
	return find(w, w.groups, "group", groupID)
}

func (w *world) GetGroupByName(name string) (*model.Group, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, group := range w.groups {
		if group.Name != nil && *group.Name == name {
			return shallow(group), nil
		}
	}
	return nil, missing("group", name)
}

func (w *world) GetGroupsForUser(userID string) ([]*model.Group, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	groups := []*model.Group{}
	for id, members := range w.groupMembers {
		for _, member := range members {
			if member == userID && w.groups[id] != nil {
				groups = append(groups, shallow(w.groups[id]))
			}
		}
	}
	return groups, nil
}

func (w *world) GetGroupMemberUsers(groupID string, number, perPage int) ([]*model.User, *model.AppError) {
	w.mu.RLock()
	ids := page(w.groupMembers[groupID], number, perPage)
	w.mu.RUnlock()
	return w.GetUsersByIds(ids)
}

func (w *world) GetGroups(number, perPage int, _ model.GroupSearchOpts, _ *model.ViewUsersRestrictions) ([]*model.Group, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return page(sorted(w.groups, func(a, b *model.Group) bool { return a.Id < b.Id }), number, perPage), nil
}
