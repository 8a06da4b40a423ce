// This file creates, extends and revokes sessions, and derives permissions from the roles of a person.

package main

import (
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
)

func (w *world) CreateSession(session *model.Session) (*model.Session, *model.AppError) {
	created := session.DeepCopy()
	created.PreSave()
	w.mu.Lock()
	w.sessions[created.Id] = created
	w.mu.Unlock()
	return created.DeepCopy(), nil
}

func (w *world) GetSession(sessionID string) (*model.Session, *model.AppError) {
	return find(w, w.sessions, "session", sessionID)
}

func (w *world) ExtendSessionExpiry(sessionID string, expiry int64) *model.AppError {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sessions[sessionID] == nil {
		return missing("session", sessionID)
	}
	changed := shallow(w.sessions[sessionID])
	changed.ExpiresAt = expiry
	w.sessions[sessionID] = changed
	return nil
}

func (w *world) RevokeSession(sessionID string) *model.AppError {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sessions, sessionID)
	return nil
}

// sessionByToken finds the valid session of a token, like the server for a cookie.
func (w *world) sessionByToken(token string) *model.Session {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, session := range w.sessions {
		if session.Token == token && !session.IsExpired() {
			if user := w.users[session.UserId]; user != nil && user.DeleteAt == 0 {
				return session
			}
		}
	}
	return nil
}

func (w *world) HasPermissionTo(userID string, permission *model.Permission) bool {
	user, err := w.GetUser(userID)
	return err == nil && w.RolesGrantPermission(strings.Fields(user.Roles), permission.Id)
}

func (w *world) RolesGrantPermission(roles []string, permissionID string) bool {
	defaults := model.MakeDefaultRoles()
	for _, name := range roles {
		if role := defaults[name]; role != nil {
			for _, granted := range role.Permissions {
				if granted == permissionID {
					return true
				}
			}
		}
	}
	return false
}

func (w *world) HasPermissionToTeam(userID, teamID string, permission *model.Permission) bool {
	member, err := w.GetTeamMember(teamID, userID)
	return w.HasPermissionTo(userID, permission) ||
		err == nil && w.RolesGrantPermission(append(strings.Fields(member.Roles), model.TeamUserRoleId), permission.Id)
}

func (w *world) HasPermissionToChannel(userID, channelID string, permission *model.Permission) bool {
	channel, err := w.GetChannel(channelID)
	if err != nil {
		return false
	}
	member, err := w.GetChannelMember(channelID, userID)
	return w.HasPermissionToTeam(userID, channel.TeamId, permission) ||
		err == nil && w.RolesGrantPermission(append(strings.Fields(member.Roles), model.ChannelUserRoleId), permission.Id)
}
