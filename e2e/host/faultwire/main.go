// faultwire sits between a Mattermost server and a plugin. The server starts it as if it were the plugin. It starts the
// real plugin, passes yamux frames on in both directions, and damages the ones that an order names. So neither the
// official host library nor the compiled plugin needs a change for the test.
//
//	FAULT_PLUGIN  the plugin's executable
//	FAULT_SOCKET  unix socket on which it takes orders, one JSON value a line, and answers each with a line
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// order changes the next data frame of a stream, or (Do "send") sends an additional frame at once.
type order struct {
	Do     string // send; pass, drop, double, short, half, garbage, rst, fin: to a frame; stall
	To     string // plugin or host
	Stream string // control, hooks, api, response, body
	Frame  string // of send: fin, rst, goaway, garbage
	Skip   int    // frames to pass on before
	Ms     int    // of stall
}

const (
	data, window, goAway = 0, 1, 3
	fin, rst             = 4, 8
	headerSize           = 12
)

type way struct {
	name     string
	from, to net.Conn
	proxy    *proxy
}

type proxy struct {
	unanswered sync.WaitGroup
	mu         sync.Mutex
	orders     []*order
	until      time.Time // nothing is passed on before
	ways       map[string]*way
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "faultwire:", err)
		os.Exit(1)
	}
}

func run() error {
	command := exec.Command(os.Getenv("FAULT_PLUGIN"))
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return err
	}
	parts := strings.Split(line, "|")
	own := filepath.Join(os.TempDir(), fmt.Sprintf("faultwire%d", os.Getpid()))
	listener, err := net.Listen("unix", own)
	if err != nil {
		return err
	}
	socket := os.Getenv("FAULT_SOCKET")
	_ = os.Remove(socket)
	control, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	inner := parts[3]
	parts[3] = own
	fmt.Print(strings.Join(parts, "|"))

	host, err := listener.Accept()
	if err != nil {
		return err
	}
	listener.Close()
	plugin, err := net.Dial("unix", inner)
	if err != nil {
		return err
	}
	p := &proxy{ways: map[string]*way{}}
	p.ways["plugin"] = &way{"plugin", host, plugin, p}
	p.ways["host"] = &way{"host", plugin, host, p}
	for _, w := range p.ways {
		go w.run()
	}
	go p.listen(control, command.Process.Pid)

	_ = command.Wait()
	// An order can end the plugin before it is acknowledged.
	p.unanswered.Wait()
	_ = host.Close()
	_ = os.Remove(socket)
	os.Exit(command.ProcessState.ExitCode())
	return nil
}

func (p *proxy) listen(control net.Listener, pid int) {
	for {
		conn, err := control.Accept()
		if err != nil {
			return
		}
		go func() {
			fmt.Fprintf(conn, "%d\n", pid)
			lines := json.NewDecoder(conn)
			for {
				var o order
				if lines.Decode(&o) != nil {
					return
				}
				p.unanswered.Add(1)
				p.take(&o)
				fmt.Fprintln(conn, "taken")
				p.unanswered.Done()
			}
		}()
	}
}

func (p *proxy) take(o *order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch o.Do {
	case "stall":
		p.until = time.Now().Add(time.Duration(o.Ms) * time.Millisecond)
	case "send":
		_, _ = p.ways[o.To].to.Write(frame(o.Frame, ids[o.Stream]))
	default:
		p.orders = append(p.orders, o)
	}
}

// ids of streams that are always the same: see docs/plugin-protocol.md, section 3.
var ids = map[string]uint32{"control": 1, "hooks": 7, "api": 2}

func nameOf(id uint32) string {
	for name, known := range ids {
		if known == id {
			return name
		}
	}
	// The plugin opens two streams for each request, one after the other, behind those of API and SQL driver.
	if id >= 6 && id%2 == 0 {
		if (id-6)%4 == 0 {
			return "response"
		}
		return "body"
	}
	return ""
}

func frame(kind string, id uint32) []byte {
	switch kind {
	case "fin":
		return header(window, fin, id, 0)
	case "rst":
		return header(window, rst, id, 0)
	case "goaway":
		return header(goAway, 0, 0, 0)
	default:
		body := garbage(400)
		return append(header(data, 0, id, len(body)), body...)
	}
}

func header(kind byte, flags uint16, id uint32, length int) []byte {
	h := make([]byte, headerSize)
	h[1] = kind
	binary.BigEndian.PutUint16(h[2:], flags)
	binary.BigEndian.PutUint32(h[4:], id)
	binary.BigEndian.PutUint32(h[8:], uint32(length))
	return h
}

func garbage(length int) []byte {
	return bytes.Repeat([]byte("GET / HTTP/1.1\r\n"), length/16+1)[:length]
}

func (w *way) run() {
	defer w.to.Close()
	for {
		head := make([]byte, headerSize)
		if _, err := io.ReadFull(w.from, head); err != nil {
			return
		}
		var body []byte
		if head[1] == data {
			body = make([]byte, binary.BigEndian.Uint32(head[8:]))
			if _, err := io.ReadFull(w.from, body); err != nil {
				return
			}
		}
		if !w.pass(head, body) {
			return
		}
	}
}

func (w *way) pass(head, body []byte) bool {
	p := w.proxy
	for {
		p.mu.Lock()
		wait := time.Until(p.until)
		if wait <= 0 {
			break
		}
		p.mu.Unlock()
		time.Sleep(wait)
	}
	defer p.mu.Unlock()
	id := binary.BigEndian.Uint32(head[4:])
	out := append(bytes.Clone(head), body...)
	o := p.orderFor(w.name, nameOf(id), len(body))
	if o != nil {
		shorter := func(length int) []byte {
			h := bytes.Clone(head)
			binary.BigEndian.PutUint32(h[8:], uint32(length))
			return append(h, body[:length]...)
		}
		switch o.Do {
		case "drop":
			out = nil
		case "double":
			out = append(out, out...)
		case "short": // half of a message of the stream
			out = shorter(len(body) / 2)
		case "half": // half of a frame of the session
			out = out[:headerSize+len(body)/2]
		case "garbage":
			out = append(bytes.Clone(head), garbage(len(body))...)
		case "rst":
			out = header(window, rst, id, 0)
		case "fin":
			out = append(out, header(window, fin, id, 0)...)
		}
	}
	_, err := w.to.Write(out)
	return err == nil
}

// orderFor takes the first order for a data frame of the stream.
func (p *proxy) orderFor(to, stream string, length int) *order {
	// Four bytes are the broker's number.
	if length <= 4 {
		return nil
	}
	for i, o := range p.orders {
		if o.To != to || o.Stream != stream {
			continue
		}
		if o.Skip > 0 {
			o.Skip--
			return nil
		}
		p.orders = append(p.orders[:i], p.orders[i+1:]...)
		return o
	}
	return nil
}
