// This file stores the plugin's settings, commands and bots, and reports its events and logs.

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// LoadPluginConfiguration gives the keys in lower case, as the server does.
func (w *world) LoadPluginConfiguration(dest any) error {
	text, err := json.Marshal(w.GetPluginConfig())
	if err != nil {
		return err
	}
	return json.Unmarshal(text, dest)
}

func (w *world) GetPluginConfig() map[string]any {
	w.mu.RLock()
	defer w.mu.RUnlock()
	lower := map[string]any{}
	for key, value := range w.pluginConfig {
		lower[strings.ToLower(key)] = value
	}
	return lower
}

func (w *world) SavePluginConfig(config map[string]any) *model.AppError {
	w.mu.Lock()
	w.pluginConfig = config
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, _ *plugin.Context) { _ = h.OnConfigurationChange() })
	return nil
}

func (w *world) GetConfig() *model.Config {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.config.Clone()
}

func (w *world) GetUnsanitizedConfig() *model.Config { return w.GetConfig() }

func (w *world) SaveConfig(config *model.Config) *model.AppError {
	saved := config.Clone()
	saved.SetDefaults()
	w.mu.Lock()
	w.config = saved
	w.mu.Unlock()
	w.hook(func(h plugin.Hooks, _ *plugin.Context) { _ = h.OnConfigurationChange() })
	return nil
}

func (w *world) GetBundlePath() (string, error) { return w.bundle, nil }

func (w *world) GetPluginID() string { return w.pluginID }

func (w *world) GetServerVersion() string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.version
}

func (w *world) GetLicense() *model.License {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.license
}

func (w *world) IsEnterpriseReady() bool { return true }

func (w *world) GetDiagnosticId() string { return "diagnostic-id-of-the-host" }

func (w *world) GetTelemetryId() string { return "telemetry-id-of-the-host" }

func (w *world) GetSystemInstallDate() (int64, *model.AppError) { return 1_600_000_000_000, nil }

func (w *world) GetPluginStatus(id string) (*model.PluginStatus, *model.AppError) {
	return &model.PluginStatus{PluginId: id, State: model.PluginStateRunning}, nil
}

func (w *world) RegisterCommand(command *model.Command) error {
	if command.Trigger == "" {
		return fmt.Errorf("a command without a trigger")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.commands[command.Trigger] = command
	return nil
}

func (w *world) UnregisterCommand(_, trigger string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.commands, trigger)
	return nil
}

func (w *world) ListPluginCommands(string) ([]*model.Command, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return sorted(w.commands, func(a, b *model.Command) bool { return a.Trigger < b.Trigger }), nil
}

func (w *world) EnsureBotUser(bot *model.Bot) (string, error) {
	if user, err := w.GetUserByUsername(bot.Username); err == nil {
		return user.Id, nil
	}
	created, err := w.CreateBot(bot)
	if err != nil {
		return "", err
	}
	return created.UserId, nil
}

func (w *world) CreateBot(bot *model.Bot) (*model.Bot, *model.AppError) {
	user, err := w.CreateUser(&model.User{
		Username: bot.Username, Email: bot.Username + "@localhost", FirstName: bot.DisplayName, IsBot: true, Roles: model.SystemUserRoleId,
	})
	if err != nil {
		return nil, err
	}
	created := shallow(bot)
	created.UserId = user.Id
	created.CreateAt = user.CreateAt
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bots[created.UserId] = created
	return shallow(created), nil
}

func (w *world) GetBot(botUserID string, _ bool) (*model.Bot, *model.AppError) {
	return find(w, w.bots, "bot", botUserID)
}

func (w *world) GetBots(o *model.BotGetOptions) ([]*model.Bot, *model.AppError) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return page(sorted(w.bots, func(a, b *model.Bot) bool { return a.Username < b.Username }), o.Page, o.PerPage), nil
}

func (w *world) PublishWebSocketEvent(event string, payload map[string]any, broadcast *model.WebsocketBroadcast) {
	w.say(map[string]any{"event": "websocket", "name": event, "payload": payload, "broadcast": fieldsOf(broadcast)})
}

func (w *world) PublishPluginClusterEvent(ev model.PluginClusterEvent, opts model.PluginClusterEventSendOptions) error {
	w.say(map[string]any{"event": "cluster", "id": ev.Id, "data": string(ev.Data), "sendType": opts.SendType})
	return nil
}

func (w *world) SendMail(to, subject, html string) *model.AppError {
	w.say(map[string]any{"event": "mail", "to": to, "subject": subject, "html": html})
	return nil
}

func (w *world) LogDebug(message string, pairs ...any) { w.log("debug", message, pairs) }
func (w *world) LogInfo(message string, pairs ...any)  { w.log("info", message, pairs) }
func (w *world) LogWarn(message string, pairs ...any)  { w.log("warn", message, pairs) }
func (w *world) LogError(message string, pairs ...any) { w.log("error", message, pairs) }

func (w *world) log(level, message string, pairs []any) {
	w.say(map[string]any{"event": "log", "level": level, "message": message, "pairs": pairs})
}

func (w *world) LogAuditRec(rec *model.AuditRecord) {
	w.say(map[string]any{"event": "audit", "record": fieldsOf(rec)})
}

// PluginHTTP reaches the plugin itself, and one other: /com.example.echo returns the request that it got.
func (w *world) PluginHTTP(request *http.Request) *http.Response {
	id, rest, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/"), "/")
	recorder := httptest.NewRecorder()
	switch id {
	case "com.example.echo":
		body, _ := io.ReadAll(request.Body)
		recorder.Header().Set("X-Method", request.Method)
		recorder.Header()["X-Twice"] = []string{"one", "two"}
		recorder.WriteHeader(207)
		_, _ = recorder.Write(body)
	case w.pluginID:
		hooks := w.hooks()
		if hooks == nil {
			return nil
		}
		inner := request.Clone(request.Context())
		inner.URL.Path = "/" + rest
		inner.Header.Set("Mattermost-Plugin-ID", w.pluginID)
		hooks.ServeHTTP(&plugin.Context{RequestId: model.NewId()}, recorder, inner)
	default:
		recorder.WriteHeader(http.StatusNotFound)
	}
	return recorder.Result()
}
