// This file stores people, their statuses and their preferences.

package main

import (
	"net/http"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

func (w *world) CreateUser(user *model.User) (*model.User, *model.AppError) {
	if _, err := w.GetUserByEmail(user.Email); err == nil {
		return nil, model.NewAppError("CreateUser", "app.user.save.email_exists.app_error", nil, "", http.StatusBadRequest)
	}
	if _, err := w.GetUserByUsername(user.Username); err == nil {
		return nil, model.NewAppError("CreateUser", "app.user.save.username_exists.app_error", nil, "", http.StatusBadRequest)
	}
	created := shallow(user)
	if created.Id == "" {
		created.Id = model.NewId()
	}
	created.CreateAt = model.GetMillis()
	created.UpdateAt = created.CreateAt
	if created.Roles == "" {
		created.Roles = model.SystemUserRoleId
	}
	if created.NotifyProps == nil {
		created.SetDefaultNotifications()
	}
	w.mu.Lock()
	w.users[created.Id] = created
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.UserHasBeenCreated(c, created) })
	return created, nil
}

func (w *world) GetUser(userID string) (*model.User, *model.AppError) {
	return find(w, w.users, "user", userID)
}

func (w *world) userWhere(what string, is func(u *model.User) bool) (*model.User, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, user := range w.users {
		if is(user) {
			return shallow(user), nil
		}
	}
	return nil, missing("user", what)
}

func (w *world) GetUserByEmail(email string) (*model.User, *model.AppError) {
	email = strings.ToLower(email)
	return w.userWhere("by email", func(u *model.User) bool { return u.Email == email })
}

func (w *world) GetUserByUsername(name string) (*model.User, *model.AppError) {
	return w.userWhere("by username", func(u *model.User) bool { return u.Username == name })
}

func (w *world) usersWhere(is func(u *model.User) bool) []*model.User {
	w.mu.RLock()
	defer w.mu.RUnlock()
	users := []*model.User{}
	for _, user := range sorted(w.users, byUsername) {
		if is(user) {
			users = append(users, shallow(user))
		}
	}
	return users
}

func (w *world) GetUsersByIds(userIDs []string) ([]*model.User, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	users := make([]*model.User, 0, len(userIDs))
	for _, id := range userIDs {
		if user, ok := w.users[id]; ok {
			users = append(users, shallow(user))
		}
	}
	return users, nil
}

func (w *world) GetUsersByUsernames(usernames []string) ([]*model.User, *model.AppError) {
	wanted := map[string]bool{}
	for _, name := range usernames {
		wanted[name] = true
	}
	return w.usersWhere(func(u *model.User) bool { return wanted[u.Username] }), nil
}

func (w *world) GetUsers(o *model.UserGetOptions) ([]*model.User, *model.AppError) {
	users := w.usersWhere(func(u *model.User) bool {
		switch {
		case o.Active && u.DeleteAt != 0, o.Inactive && u.DeleteAt == 0, o.Role != "" && !hasRole(u.Roles, o.Role):
			return false
		case o.InTeamId != "" && w.teamMembers[o.InTeamId][u.Id] == nil:
			return false
		case o.InChannelId != "" && w.channelMembers[o.InChannelId][u.Id] == nil:
			return false
		}
		for _, role := range o.Roles {
			if hasRole(u.Roles, role) {
				return true
			}
		}
		return len(o.Roles) == 0
	})
	return page(users, o.Page, o.PerPage), nil
}

func (w *world) GetUsersInTeam(teamID string, number, perPage int) ([]*model.User, *model.AppError) {
	return w.GetUsers(&model.UserGetOptions{InTeamId: teamID, Page: number, PerPage: perPage})
}

func (w *world) GetUsersInChannel(channelID, _ string, number, perPage int) ([]*model.User, *model.AppError) {
	return w.GetUsers(&model.UserGetOptions{InChannelId: channelID, Page: number, PerPage: perPage})
}

func (w *world) SearchUsers(search *model.UserSearch) ([]*model.User, *model.AppError) {
	term := strings.ToLower(search.Term)
	users := w.usersWhere(func(u *model.User) bool {
		return strings.HasPrefix(u.Username, term) || strings.HasPrefix(u.Email, term)
	})
	if search.Limit > 0 {
		users = page(users, 0, search.Limit)
	}
	return users, nil
}

func (w *world) changeUser(userID string, change func(u *model.User)) (*model.User, *model.AppError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	user, ok := w.users[userID]
	if !ok {
		return nil, missing("user", userID)
	}
	changed := shallow(user)
	change(changed)
	changed.UpdateAt = model.GetMillis()
	w.users[userID] = changed
	return shallow(changed), nil
}

func (w *world) UpdateUser(user *model.User) (*model.User, *model.AppError) {
	return w.changeUser(user.Id, func(u *model.User) { *u = *user })
}

func (w *world) UpdateUserRoles(userID, newRoles string) (*model.User, *model.AppError) {
	return w.changeUser(userID, func(u *model.User) { u.Roles = newRoles })
}

func (w *world) UpdateUserActive(userID string, active bool) *model.AppError {
	user, err := w.changeUser(userID, func(u *model.User) {
		u.DeleteAt = 0
		if !active {
			u.DeleteAt = model.GetMillis()
		}
	})
	if err == nil && !active {
		w.hook(func(h plugin.Hooks, c *plugin.Context) { h.UserHasBeenDeactivated(c, user) })
	}
	return err
}

func (w *world) DeleteUser(userID string) *model.AppError {
	return w.UpdateUserActive(userID, false)
}

func (w *world) UpdateUserAuth(userID string, auth *model.UserAuth) (*model.UserAuth, *model.AppError) {
	_, err := w.changeUser(userID, func(u *model.User) { u.AuthData, u.AuthService = auth.AuthData, auth.AuthService })
	return auth, err
}

func (w *world) GetUserStatus(userID string) (*model.Status, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if status, ok := w.statuses[userID]; ok {
		return shallow(status), nil
	}
	return &model.Status{UserId: userID, Status: model.StatusOffline}, nil
}

func (w *world) GetUserStatusesByIds(userIDs []string) ([]*model.Status, *model.AppError) {
	statuses := make([]*model.Status, 0, len(userIDs))
	for _, id := range userIDs {
		status, _ := w.GetUserStatus(id)
		statuses = append(statuses, status)
	}
	return statuses, nil
}

// UpdateUserStatus follows the server: online is never manual, and only offline drops the end of a do-not-disturb.
func (w *world) UpdateUserStatus(userID, status string) (*model.Status, *model.AppError) {
	if status == model.StatusOutOfOffice {
		return nil, invalid("status")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	updated := &model.Status{UserId: userID, Status: status, Manual: status != model.StatusOnline, LastActivityAt: model.GetMillis()}
	if before, ok := w.statuses[userID]; ok && status != model.StatusOffline {
		updated.DNDEndTime = before.DNDEndTime
		updated.PrevStatus = before.PrevStatus
	}
	w.statuses[userID] = updated
	return shallow(updated), nil
}

// SetUserStatusTimedDND rounds the end down to the minute. No job ends the status here.
func (w *world) SetUserStatusTimedDND(userID string, end int64) (*model.Status, *model.AppError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	updated := &model.Status{UserId: userID, Status: model.StatusDnd, Manual: true, DNDEndTime: end / 60 * 60}
	if before, ok := w.statuses[userID]; ok {
		updated.PrevStatus = before.Status
		updated.LastActivityAt = before.LastActivityAt
	}
	w.statuses[userID] = updated
	return shallow(updated), nil
}

func (w *world) GetPreferenceForUser(userID, category, name string) (model.Preference, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	value, ok := w.preferences[userID][[2]string{category, name}]
	if !ok {
		return model.Preference{}, missing("preference", name)
	}
	return model.Preference{UserId: userID, Category: category, Name: name, Value: value}, nil
}

func (w *world) GetPreferencesForUser(userID string) ([]model.Preference, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	list := []model.Preference{}
	for key, value := range w.preferences[userID] {
		list = append(list, model.Preference{UserId: userID, Category: key[0], Name: key[1], Value: value})
	}
	return list, nil
}

func (w *world) UpdatePreferencesForUser(userID string, preferences []model.Preference) *model.AppError {
	w.mu.Lock()
	for _, p := range preferences {
		put(w.preferences, userID, [2]string{p.Category, p.Name}, p.Value)
	}
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, c *plugin.Context) { h.PreferencesHaveChanged(c, preferences) })
	return nil
}

func (w *world) DeletePreferencesForUser(userID string, preferences []model.Preference) *model.AppError {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range preferences {
		delete(w.preferences[userID], [2]string{p.Category, p.Name})
	}
	return nil
}
