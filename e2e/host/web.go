package main

import (
	"net"
	"net/http"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// web changes an HTTP request like the server before a plugin gets it (channels/app/plugin_requests.go):
// the session behind the MMAUTHTOKEN cookie or the Authorization header becomes Mattermost-User-Id, and neither
// the session's secrets nor forged versions of that header reach the plugin.
type web struct {
	world *world
	// number of requests so far
	requests atomic.Int64
}

func (s *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	_, rest, found := strings.Cut(r.URL.Path, "/plugins/"+s.world.pluginID)
	if !found || rest != "" && rest[0] != '/' {
		http.NotFound(rw, r)
		return
	}
	if public, ok := strings.CutPrefix(rest, "/public/"); ok {
		file := filepath.Join(s.world.bundle, "public", filepath.FromSlash(path.Clean("/"+public)))
		http.ServeFile(rw, r, file)
		return
	}
	// A deactivated plugin has no paths. A plugin that died answers 500 until the server notices its death.
	hooks := s.world.hooks()
	if hooks == nil {
		http.NotFound(rw, r)
		return
	}

	ctx := &plugin.Context{
		RequestId:      model.NewId(),
		IPAddress:      s.address(r),
		AcceptLanguage: r.Header.Get("Accept-Language"),
		UserAgent:      r.UserAgent(),
	}
	session := s.session(r)
	r.Header.Del("Mattermost-User-Id")
	r.Header.Del("Mattermost-Plugin-ID")
	if session != nil {
		ctx.SessionId = session.Id
		r.Header.Set("Mattermost-User-Id", session.UserId)
	}
	cookies := r.Cookies()
	r.Header.Del("Cookie")
	for _, cookie := range cookies {
		if cookie.Name != model.SessionCookieToken {
			r.AddCookie(cookie)
		}
	}
	r.Header.Del("Referer")

	query := r.URL.Query()
	query.Del("access_token")
	r.URL.RawQuery = query.Encode()
	r.URL.RawPath = ""
	r.URL.Path = rest
	if rest == "/metrics-of-the-host" {
		hooks.ServeMetrics(ctx, rw, r)
		return
	}
	hooks.ServeHTTP(ctx, rw, r)
}

// session returns the session of a request, or nil.
func (s *web) session(r *http.Request) *model.Session {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "token") {
		// A foreign token hides the cookie: it is looked up as a session token and not found.
		return s.world.sessionByToken(token)
	}
	if cookie, err := r.Cookie(model.SessionCookieToken); err == nil {
		session := s.world.sessionByToken(cookie.Value)
		if session != nil && s.passesCSRF(r, session) {
			return session
		}
		return nil
	}
	if token := r.URL.Query().Get("access_token"); token != "" {
		return s.world.sessionByToken(token)
	}
	return nil
}

func (s *web) passesCSRF(r *http.Request, session *model.Session) bool {
	if r.Method == http.MethodGet {
		return true
	}
	if r.Header.Get(model.HeaderCsrfToken) == session.GetCSRF() {
		return true
	}
	return r.Header.Get(model.HeaderRequestedWith) == model.HeaderRequestedWithXML && !strictCSRF(s.world.GetConfig())
}

// strictCSRF reads a setting by either of its names: this source is built with several versions of the module.
func strictCSRF(config *model.Config) bool {
	settings := reflect.ValueOf(config.ServiceSettings)
	for _, name := range []string{"StrictCSRFEnforcement", "ExperimentalStrictCSRFEnforcement"} {
		if field := settings.FieldByName(name); field.IsValid() && !field.IsNil() && field.Elem().Bool() {
			return true
		}
	}
	return false
}

func (s *web) address(r *http.Request) string {
	for _, header := range s.world.GetConfig().ServiceSettings.TrustedProxyIPHeader {
		if value := r.Header.Get(header); value != "" {
			return strings.TrimSpace(strings.Split(value, ",")[0])
		}
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}
