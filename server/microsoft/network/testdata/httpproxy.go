// Prints which URLs golang.org/x/net/http/httpproxy (v0.58.0) sends directly under each NO_PROXY: the golden
// file of proxy.test.ts. In a folder with a go.mod that requires golang.org/x/net:
//
//	go run main.go > httpproxy.json
package main

import (
	"encoding/json"
	"net/url"
	"os"

	"golang.org/x/net/http/httpproxy"
)

func main() {
	urls := []string{
		"https://graph.microsoft.com", "https://graph.microsoft.com:8443/x", "https://login.corp", "https://a.login.corp",
		"https://evilcorp", "https://corp", "https://localhost:8443", "https://sub.localhost", "https://127.0.0.1:8443",
		"https://127.8.9.10", "https://[::1]:8443", "https://[::ffff:127.0.0.1]", "https://10.20.30.40", "https://10.20.30.40:8443",
		"https://11.0.0.1", "https://192.168.1.7", "https://[fd00::1]", "https://[fd00::1]:444", "https://[fd12:3456::9]",
		"https://xn--bcher-kva.example", "http://plain.corp", "http://10.1.1.1", "http://localhost",
	}
	lists := []string{
		"", "*", "*,corp", "corp", ".corp", "*.corp", "corp:443", "corp:8443", "login.corp", "LOGIN.Corp", " x , login.corp ",
		"x login.corp", "10.0.0.0/8", "10.0.0.0/8,192.168.0.0/16", "10.20.30.40", "10.20.30.40:443", "10.20.30.40:8443", "10.20.30.0/33",
		"10.20.30.99/24", "fd00::1", "[fd00::1]", "[fd00::1]:444", "[fd00::1]:443", "fd00::/8", "fd12:3456::/32", "::1",
		"graph.microsoft.com", "microsoft.com", "*.microsoft.com:8443", "soft.com", "com", ":443", "10.", "10.20.30", "localhost",
		"bücher.example", "*.*.corp", "..corp", "corp.", "https://login.corp", "0.0.0.0/0", "::/0", "::ffff:10.20.30.40", ",,", "10.20.30.*",
	}
	p := "http://proxy.corp:3128"
	direct := map[string][]string{}
	for _, list := range lists {
		decide := (&httpproxy.Config{HTTPProxy: p, HTTPSProxy: p, NoProxy: list}).ProxyFunc()
		direct[list] = []string{}
		for _, u := range urls {
			parsed, err := url.Parse(u)
			if err != nil {
				panic(err)
			}
			got, err := decide(parsed)
			if err != nil {
				panic(err)
			}
			if got == nil {
				direct[list] = append(direct[list], u)
			}
		}
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", " ")
	if err := enc.Encode(map[string]any{"proxy": p, "urls": urls, "direct": direct}); err != nil {
		panic(err)
	}
}
