package main

import (
	"net/http"
	"sort"
	"strings"
	"sync"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// world is a Mattermost server in memory: a plugin can call its methods that have the names of plugin.API.
type world struct {
	pluginID string
	bundle   string
	say      func(event map[string]any)
	// hooks of the plugin while it is active, else nil
	hooks func() plugin.Hooks
	// work that goes on after a call was answered
	background sync.WaitGroup

	mu             sync.RWMutex
	config         *model.Config
	pluginConfig   map[string]any
	version        string
	license        *model.License
	users          map[string]*model.User
	teams          map[string]*model.Team
	teamMembers    map[string]map[string]*model.TeamMember // by team, by user
	channels       map[string]*model.Channel
	channelMembers map[string]map[string]*model.ChannelMember // by channel, by user
	posts          map[string]*model.Post
	postOrder      []string
	channelPosts   map[string][]string  // by channel, oldest first
	channelNames   map[[2]string]string // by team and name
	reactions      map[string][]*model.Reaction
	threads        map[string]map[string]bool // by root, by user: whether the user follows
	sessions       map[string]*model.Session
	statuses       map[string]*model.Status
	preferences    map[string]map[[2]string]string // by user, by category and name
	bots           map[string]*model.Bot
	groups         map[string]*model.Group
	groupMembers   map[string][]string
	commands       map[string]*model.Command
	files          map[string][]byte
	fileInfos      map[string]*model.FileInfo
	uploads        map[string]*model.UploadSession

	kvMu sync.RWMutex
	kv   map[string]kvEntry
}

func newWorld(pluginID, bundle string) *world {
	w := &world{pluginID: pluginID, bundle: bundle}
	w.reset()
	return w
}

func (w *world) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.config = &model.Config{}
	w.config.SetDefaults()
	w.config.ServiceSettings.SiteURL = model.NewPointer("http://localhost:8065")
	w.pluginConfig = map[string]any{}
	w.version = model.CurrentVersion
	w.license = nil
	w.users = map[string]*model.User{}
	w.teams = map[string]*model.Team{}
	w.teamMembers = map[string]map[string]*model.TeamMember{}
	w.channels = map[string]*model.Channel{}
	w.channelMembers = map[string]map[string]*model.ChannelMember{}
	w.posts = map[string]*model.Post{}
	w.postOrder = nil
	w.channelPosts = map[string][]string{}
	w.channelNames = map[[2]string]string{}
	w.reactions = map[string][]*model.Reaction{}
	w.threads = map[string]map[string]bool{}
	w.sessions = map[string]*model.Session{}
	w.statuses = map[string]*model.Status{}
	w.preferences = map[string]map[[2]string]string{}
	w.bots = map[string]*model.Bot{}
	w.groups = map[string]*model.Group{}
	w.groupMembers = map[string][]string{}
	w.commands = map[string]*model.Command{}
	w.files = map[string][]byte{}
	w.fileInfos = map[string]*model.FileInfo{}
	w.uploads = map[string]*model.UploadSession{}
	w.kvMu.Lock()
	w.kv = map[string]kvEntry{}
	w.kvMu.Unlock()
}

// seed has the objects that the command "world" adds unchanged, with the given ids.
type seed struct {
	Users          []*model.User
	Teams          []*model.Team
	TeamMembers    []*model.TeamMember
	Channels       []*model.Channel
	ChannelMembers []*model.ChannelMember
	Posts          []*model.Post
	Threads        []*model.ThreadMembership
	Sessions       []*model.Session
	Statuses       []*model.Status
	Preferences    []model.Preference
	Bots           []*model.Bot
	Groups         []*model.Group
	GroupMembers   []model.GroupMember
	License        *model.License
	Version        string
}

func (w *world) add(s seed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range s.Users {
		if u.NotifyProps == nil {
			u.SetDefaultNotifications()
		}
		w.users[u.Id] = u
	}
	for _, t := range s.Teams {
		w.teams[t.Id] = t
	}
	for _, m := range s.TeamMembers {
		put(w.teamMembers, m.TeamId, m.UserId, m)
	}
	for _, c := range s.Channels {
		w.channels[c.Id] = c
		w.channelNames[[2]string{c.TeamId, c.Name}] = c.Id
	}
	for _, m := range s.ChannelMembers {
		if m.NotifyProps == nil {
			m.NotifyProps = model.GetDefaultChannelNotifyProps()
		}
		put(w.channelMembers, m.ChannelId, m.UserId, m)
	}
	for _, p := range s.Posts {
		w.keepPost(p)
	}
	for _, membership := range s.Threads {
		put(w.threads, membership.PostId, membership.UserId, membership.Following)
	}
	for _, session := range s.Sessions {
		w.sessions[session.Id] = session
	}
	for _, status := range s.Statuses {
		w.statuses[status.UserId] = status
	}
	for _, p := range s.Preferences {
		put(w.preferences, p.UserId, [2]string{p.Category, p.Name}, p.Value)
	}
	for _, b := range s.Bots {
		w.bots[b.UserId] = b
	}
	for _, g := range s.Groups {
		w.groups[g.Id] = g
	}
	for _, m := range s.GroupMembers {
		w.groupMembers[m.GroupId] = append(w.groupMembers[m.GroupId], m.UserId)
	}
	if s.License != nil {
		w.license = s.License
	}
	if s.Version != "" {
		w.version = s.Version
	}
}

func put[K1, K2 comparable, V any](m map[K1]map[K2]V, k1 K1, k2 K2, v V) {
	if m[k1] == nil {
		m[k1] = map[K2]V{}
	}
	m[k1][k2] = v
}

// hook calls the plugin in the background, as the server does after the fact.
func (w *world) hook(call func(h plugin.Hooks, c *plugin.Context)) {
	if hooks := w.hooks(); hooks != nil {
		w.background.Go(func() { call(hooks, &plugin.Context{RequestId: model.NewId()}) })
	}
}

func missing(what, id string) *model.AppError {
	return model.NewAppError("host", "app."+what+".missing.app_error", nil, what+" "+id, http.StatusNotFound)
}

func invalid(what string) *model.AppError {
	return model.NewAppError("host", "app."+what+".invalid.app_error", nil, what, http.StatusBadRequest)
}

// find returns a copy of the entry, or the AppError for a missing one.
func find[T any](w *world, m map[string]*T, what, id string) (*T, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	entry, ok := m[id]
	if !ok {
		return nil, missing(what, id)
	}
	return shallow(entry), nil
}

func shallow[T any](entry *T) *T {
	c := *entry
	return &c
}

// page cuts a sorted list the way the API does.
func page[T any](list []T, page, perPage int) []T {
	from := min(max(page*perPage, 0), len(list))
	to := min(from+max(perPage, 0), len(list))
	return list[from:to]
}

func sorted[T any](m map[string]T, less func(a, b T) bool) []T {
	list := make([]T, 0, len(m))
	for _, entry := range m {
		list = append(list, entry)
	}
	sort.Slice(list, func(i, j int) bool { return less(list[i], list[j]) })
	return list
}

func byUsername(a, b *model.User) bool { return a.Username < b.Username }

func hasRole(roles, role string) bool {
	for _, r := range strings.Fields(roles) {
		if r == role {
			return true
		}
	}
	return false
}
