// Command identity is the sign-in of the product as a minimal Go plugin: golang-jwt verifies the same token with the
// same rules, and it calls the same methods of the plugin API. bench/identity.ts compares the product with it.
package main

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/plugin"
)

// settings hold the key that the product fetches: both are measured with warm keys.
type settings struct {
	Tenant, Client, Issuer, Kid, Modulus string
}

type state struct {
	settings
	key    *rsa.PublicKey
	parser *jwt.Parser
}

type identity struct {
	plugin.MattermostPlugin
	state atomic.Pointer[state]
}

type tabSession struct {
	ID    string `json:"id"`
	Until int64  `json:"until"`
}

type link struct {
	UserID   string       `json:"userId"`
	LinkedAt int64        `json:"linkedAt"`
	Basis    string       `json:"basis"`
	Epoch    int          `json:"epoch"`
	Sessions []tabSession `json:"sessions"`
}

func main() { plugin.ClientMain(&identity{}) }

func (p *identity) OnConfigurationChange() error {
	var s settings
	if err := p.API.LoadPluginConfiguration(&s); err != nil {
		return err
	}
	if s.Modulus == "" {
		return nil
	}
	n, err := base64.RawURLEncoding.DecodeString(s.Modulus)
	if err != nil {
		return err
	}
	p.state.Store(&state{
		settings: s,
		key:      &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537},
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(s.Client), jwt.WithIssuer(s.Issuer),
			jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(5*time.Minute), jwt.WithStrictDecoding()),
	})
	return nil
}

func (p *identity) ServeHTTP(c *plugin.Context, w http.ResponseWriter, r *http.Request) {
	location, status, err := p.signIn(c, w, r)
	record := &model.AuditRecord{
		EventName: "microsoft365SignIn", Status: model.AuditStatusSuccess, Meta: map[string]any{},
		Actor: model.AuditEventActor{IpAddress: c.IPAddress, Client: r.UserAgent()},
		EventData: model.AuditEventData{
			Parameters: map[string]any{"reason": "signed_in", "request_id": c.RequestId}, ObjectType: "session",
		},
	}
	if err != nil {
		record.Status = model.AuditStatusFail
		record.Error.Description = err.Error()
	}
	go p.API.LogAuditRec(record)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]string{"code": "sign_in_refused", "requestId": c.RequestId})
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"location": location})
}

func (p *identity) signIn(c *plugin.Context, w http.ResponseWriter, r *http.Request) (string, int, error) {
	s := p.state.Load()
	if s == nil || r.Method != http.MethodPost || r.Header.Get("X-Requested-With") != "XMLHttpRequest" {
		return "", http.StatusForbidden, errors.New("request")
	}
	var body struct{ Token string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 24*1024)).Decode(&body); err != nil {
		return "", http.StatusBadRequest, err
	}
	claims := jwt.MapClaims{}
	_, err := s.parser.ParseWithClaims(body.Token, claims, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != s.Kid {
			return nil, errors.New("kid")
		}
		return s.key, nil
	})
	if err != nil {
		return "", http.StatusUnauthorized, err
	}
	scopes, _ := claims["scp"].(string)
	oid, _ := claims["oid"].(string)
	if claims["tid"] != s.Tenant || claims["ver"] != "2.0" || oid == "" ||
		claims["azp"] != "5e3ce6c0-2b1f-4285-8d4b-75ee78787346" ||
		!slices.Contains(strings.Split(scopes, " "), "access_as_user") {
		return "", http.StatusUnauthorized, errors.New("claims")
	}
	return p.admit(c, w, "link."+s.Tenant+"."+oid, claims)
}

func (p *identity) admit(c *plugin.Context, w http.ResponseWriter, key string, claims jwt.MapClaims) (string, int, error) {
	raw, appErr := p.API.KVGet(key)
	if appErr != nil {
		return "", http.StatusInternalServerError, appErr
	}
	var known link
	if raw == nil {
		email, _ := claims["preferred_username"].(string)
		user, appErr := p.API.GetUserByEmail(email)
		if appErr != nil {
			return "", http.StatusForbidden, appErr
		}
		known = link{UserID: user.Id, LinkedAt: time.Now().UnixMilli(), Basis: "token"}
	} else if err := json.Unmarshal(raw, &known); err != nil {
		return "", http.StatusInternalServerError, err
	}
	user, appErr := p.API.GetUser(known.UserID)
	if appErr != nil || user.DeleteAt != 0 || user.IsBot {
		return "", http.StatusForbidden, errors.New("account")
	}
	csrf := model.NewId()
	expires := time.Now().Add(720 * time.Hour)
	session, appErr := p.API.CreateSession(&model.Session{
		UserId: user.Id, Roles: user.Roles, ExpiresAt: expires.UnixMilli(),
		Props: map[string]string{
			"platform": "Windows", "os": "Windows 10", "browser": "Edge/142.0", "isMobile": "false", "isSaml": "false",
			"isOAuthUser": "false", "is_guest": "false", "csrf": csrf, "mission_collaboration": "tab",
		},
	})
	if appErr != nil {
		return "", http.StatusInternalServerError, appErr
	}
	known.Sessions = append(known.Sessions, tabSession{ID: session.Id, Until: session.ExpiresAt})
	for len(known.Sessions) > 10 {
		p.API.RevokeSession(known.Sessions[0].ID)
		known.Sessions = known.Sessions[1:]
	}
	next, err := json.Marshal(known)
	if err != nil {
		return "", http.StatusInternalServerError, err
	}
	if set, appErr := p.API.KVCompareAndSet(key, raw, next); appErr != nil || !set {
		p.API.RevokeSession(session.Id)
		return "", http.StatusConflict, errors.New("another writer")
	}
	for _, cookie := range []http.Cookie{
		{Name: "MMAUTHTOKEN", Value: session.Token, HttpOnly: true},
		{Name: "MMUSERID", Value: user.Id}, {Name: "MMCSRF", Value: csrf}, {Name: "MMEMBED", Value: "1"},
	} {
		cookie.Path, cookie.Secure, cookie.SameSite, cookie.Partitioned = "/", true, http.SameSiteNoneMode, true
		cookie.MaxAge = 720 * 3600
		http.SetCookie(w, &cookie)
	}
	return "/", http.StatusOK, nil
}
