package main

import (
	"sort"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

func (w *world) CreateTeam(team *model.Team) (*model.Team, *model.AppError) {
	created := shallow(team)
	if created.Id == "" {
		created.Id = model.NewId()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.teams[created.Id] = created
	return shallow(created), nil
}

func (w *world) GetTeam(teamID string) (*model.Team, *model.AppError) {
	return find(w, w.teams, "team", teamID)
}

func (w *world) GetTeams() ([]*model.Team, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return sorted(w.teams, func(a, b *model.Team) bool { return a.Name < b.Name }), nil
}

func (w *world) GetTeamByName(name string) (*model.Team, *model.AppError) {
	teams, _ := w.GetTeams()
	for _, team := range teams {
		if team.Name == name {
			return shallow(team), nil
		}
	}
	return nil, missing("team", name)
}

func (w *world) GetTeamsForUser(userID string) ([]*model.Team, *model.AppError) {
	teams, _ := w.GetTeams()
	own := []*model.Team{}
	for _, team := range teams {
		if _, err := w.GetTeamMember(team.Id, userID); err == nil {
			own = append(own, team)
		}
	}
	return own, nil
}

func (w *world) GetTeamMember(teamID, userID string) (*model.TeamMember, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	member, ok := w.teamMembers[teamID][userID]
	if !ok || member.DeleteAt != 0 {
		return nil, missing("team member", userID)
	}
	return shallow(member), nil
}

func (w *world) GetTeamMembers(teamID string, number, perPage int) ([]*model.TeamMember, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return page(sorted(w.teamMembers[teamID], func(a, b *model.TeamMember) bool { return a.UserId < b.UserId }), number, perPage), nil
}

func (w *world) CreateTeamMember(teamID, userID string) (*model.TeamMember, *model.AppError) {
	member := &model.TeamMember{TeamId: teamID, UserId: userID, Roles: model.TeamUserRoleId, SchemeUser: true}
	w.mu.Lock()
	put(w.teamMembers, teamID, userID, member)
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.UserHasJoinedTeam(c, member, nil) })
	return shallow(member), nil
}

func (w *world) CreateChannel(channel *model.Channel) (*model.Channel, *model.AppError) {
	created := shallow(channel)
	if created.Id == "" {
		created.Id = model.NewId()
	}
	created.CreateAt = model.GetMillis()
	w.mu.Lock()
	w.channels[created.Id] = created
	w.channelNames[[2]string{created.TeamId, created.Name}] = created.Id
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.ChannelHasBeenCreated(c, created) })
	return shallow(created), nil
}

func (w *world) GetChannel(channelID string) (*model.Channel, *model.AppError) {
	return find(w, w.channels, "channel", channelID)
}

func (w *world) UpdateChannel(channel *model.Channel) (*model.Channel, *model.AppError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.channels[channel.Id] = shallow(channel)
	w.channelNames[[2]string{channel.TeamId, channel.Name}] = channel.Id
	return shallow(channel), nil
}

func (w *world) GetChannelByName(teamID, name string, includeDeleted bool) (*model.Channel, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	channel, ok := w.channels[w.channelNames[[2]string{teamID, name}]]
	if !ok || channel.DeleteAt != 0 && !includeDeleted {
		return nil, missing("channel", "by name")
	}
	return shallow(channel), nil
}

func (w *world) GetChannelByNameForTeamName(teamName, name string, includeDeleted bool) (*model.Channel, *model.AppError) {
	team, err := w.GetTeamByName(teamName)
	if err != nil {
		return nil, err
	}
	return w.GetChannelByName(team.Id, name, includeDeleted)
}

func (w *world) GetChannelsForTeamForUser(teamID, userID string, includeDeleted bool) ([]*model.Channel, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	channels := []*model.Channel{}
	for _, channel := range sorted(w.channels, func(a, b *model.Channel) bool { return a.Name < b.Name }) {
		own := w.channelMembers[channel.Id][userID] != nil
		if own && (channel.TeamId == teamID || channel.TeamId == "") && (includeDeleted || channel.DeleteAt == 0) {
			channels = append(channels, shallow(channel))
		}
	}
	return channels, nil
}

func (w *world) GetPublicChannelsForTeam(teamID string, number, perPage int) ([]*model.Channel, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	channels := []*model.Channel{}
	for _, channel := range sorted(w.channels, func(a, b *model.Channel) bool { return a.Name < b.Name }) {
		if channel.TeamId == teamID && channel.Type == model.ChannelTypeOpen {
			channels = append(channels, shallow(channel))
		}
	}
	return page(channels, number, perPage), nil
}

func (w *world) GetDirectChannel(userID1, userID2 string) (*model.Channel, *model.AppError) {
	name := model.GetDMNameFromIds(userID1, userID2)
	if channel, err := w.GetChannelByName("", name, true); err == nil {
		return channel, nil
	}
	return w.conversation(&model.Channel{Type: model.ChannelTypeDirect, Name: name}, []string{userID1, userID2})
}

func (w *world) GetGroupChannel(userIDs []string) (*model.Channel, *model.AppError) {
	name := model.GetGroupNameFromUserIds(userIDs)
	if channel, err := w.GetChannelByName("", name, true); err == nil {
		return channel, nil
	}
	return w.conversation(&model.Channel{Type: model.ChannelTypeGroup, Name: name}, userIDs)
}

func (w *world) conversation(channel *model.Channel, userIDs []string) (*model.Channel, *model.AppError) {
	created, err := w.CreateChannel(channel)
	if err != nil {
		return nil, err
	}
	for _, id := range userIDs {
		if _, err := w.AddChannelMember(created.Id, id); err != nil {
			return nil, err
		}
	}
	return created, nil
}

func (w *world) GetChannelStats(channelID string) (*model.ChannelStats, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return &model.ChannelStats{ChannelId: channelID, MemberCount: int64(len(w.channelMembers[channelID]))}, nil
}

func (w *world) AddChannelMember(channelID, userID string) (*model.ChannelMember, *model.AppError) {
	if _, err := w.GetChannel(channelID); err != nil {
		return nil, err
	}
	member := &model.ChannelMember{
		ChannelId: channelID, UserId: userID, Roles: model.ChannelUserRoleId, SchemeUser: true,
		NotifyProps: model.GetDefaultChannelNotifyProps(),
	}
	w.mu.Lock()
	put(w.channelMembers, channelID, userID, member)
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.UserHasJoinedChannel(c, member, nil) })
	return shallow(member), nil
}

func (w *world) AddUserToChannel(channelID, userID, _ string) (*model.ChannelMember, *model.AppError) {
	return w.AddChannelMember(channelID, userID)
}

func (w *world) DeleteChannelMember(channelID, userID string) *model.AppError {
	w.mu.Lock()
	member := w.channelMembers[channelID][userID]
	delete(w.channelMembers[channelID], userID)
	w.mu.Unlock()
	if member != nil {
		w.hook(func(h plugin.Hooks, c *plugin.Context) { h.UserHasLeftChannel(c, member, nil) })
	}
	return nil
}

func (w *world) GetChannelMember(channelID, userID string) (*model.ChannelMember, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	member, ok := w.channelMembers[channelID][userID]
	if !ok {
		return nil, missing("channel member", userID)
	}
	return shallow(member), nil
}

func (w *world) GetChannelMembers(channelID string, number, perPage int) (model.ChannelMembers, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	ids := make([]string, 0, len(w.channelMembers[channelID]))
	for id := range w.channelMembers[channelID] {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	members := model.ChannelMembers{}
	for _, id := range page(ids, number, perPage) {
		members = append(members, *w.channelMembers[channelID][id])
	}
	return members, nil
}

func (w *world) GetChannelMembersByIds(channelID string, userIDs []string) (model.ChannelMembers, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	members := model.ChannelMembers{}
	for _, id := range userIDs {
		if member := w.channelMembers[channelID][id]; member != nil {
			members = append(members, *member)
		}
	}
	return members, nil
}

func (w *world) GetChannelMembersForUser(teamID, userID string, number, perPage int) ([]*model.ChannelMember, *model.AppError) {
	channels, err := w.GetChannelsForTeamForUser(teamID, userID, true)
	members := []*model.ChannelMember{}
	for _, channel := range channels {
		member, err := w.GetChannelMember(channel.Id, userID)
		if err == nil {
			members = append(members, member)
		}
	}
	return page(members, number, perPage), err
}

func (w *world) UpdateChannelMemberNotifications(channelID, userID string, props map[string]string) (*model.ChannelMember, *model.AppError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	member := w.channelMembers[channelID][userID]
	if member == nil {
		return nil, missing("channel member", userID)
	}
	changed := shallow(member)
	changed.NotifyProps = model.StringMap{}
	for key, value := range member.NotifyProps {
		changed.NotifyProps[key] = value
	}
	for key, value := range props {
		changed.NotifyProps[key] = value
	}
	w.channelMembers[channelID][userID] = changed
	return shallow(changed), nil
}
