// Command interop is the Go side of the yamux tests: hashicorp/yamux in either role over a unix socket.
//
// Every stream begins with one line that names a service ("echo", "sink 5", …). `drive <case>` asks this
// side to open streams to the other one, which offers the same services, and to answer "ok" or what failed.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"
)

type peer struct {
	session   *yamux.Session
	lastError atomic.Value  // string: how the latest "until-error" stream ended
	held      chan struct{} // joins a "held-sink" stream and the "held" streams that ask about it
	accepting sync.Mutex    // held while the accept loop must rest
}

func main() {
	socket := flag.String("socket", "", "unix socket to dial")
	role := flag.String("role", "client", "yamux role: client or server")
	keepAlive := flag.Duration("keepalive", 30*time.Second, "interval of keepalive pings")
	flag.Parse()

	conn, err := net.Dial("unix", *socket)
	if err != nil {
		log.Fatal(err)
	}
	config := yamux.DefaultConfig()
	config.KeepAliveInterval = *keepAlive
	// Also how long an answer to a ping may take: a busy machine is not a dead peer.
	config.ConnectionWriteTimeout = 30 * time.Second
	config.StreamOpenTimeout = 10 * time.Minute // see acknowledged
	config.LogOutput = os.Stderr
	open := yamux.Client
	if *role == "server" {
		open = yamux.Server
	}
	session, err := open(conn, config)
	if err != nil {
		log.Fatal(err)
	}
	p := &peer{session: session, held: make(chan struct{})}
	p.lastError.Store("")
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			fmt.Fprintf(os.Stderr, "session over: %v\n", err)
			return
		}
		p.accepting.Lock() // waits while a "pause-accepting" stream is open
		p.accepting.Unlock()
		go p.serve(stream)
	}
}

func (p *peer) serve(stream *yamux.Stream) {
	defer stream.Close()
	in := bufio.NewReader(stream)
	line, err := in.ReadString('\n')
	if err != nil {
		return
	}
	words := strings.Fields(line)
	number := func(i int) int {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			log.Fatalf("%q: %v", line, err)
		}
		return n
	}
	switch words[0] {
	case "echo":
		io.Copy(stream, in)
	case "sink": // sink <ms to wait first> <ms between reads>
		time.Sleep(time.Duration(number(1)) * time.Millisecond)
		fmt.Fprint(stream, drain(in, time.Duration(number(2))*time.Millisecond))
	case "held-sink": // reads nothing until the second "held"
		p.held <- struct{}{}
		p.held <- struct{}{}
		fmt.Fprint(stream, drain(in, 0))
	case "held":
		<-p.held
		fmt.Fprint(stream, "ok")
	case "source": // source <bytes>
		stream.Write(pattern(number(1)))
	case "until-error": // says "reading", then reads until an error
		fmt.Fprint(stream, "reading")
		_, err := io.Copy(io.Discard, in)
		p.lastError.Store(fmt.Sprint(err))
	case "last-error":
		fmt.Fprint(stream, p.lastError.Load())
	case "streams":
		fmt.Fprint(stream, p.session.NumStreams())
	case "pause-accepting": // says "paused", and accepts no stream until this one ends
		p.accepting.Lock()
		fmt.Fprint(stream, "paused")
		io.Copy(io.Discard, in)
		p.accepting.Unlock()
	case "go-away":
		fmt.Fprint(stream, result(p.session.GoAway()))
	case "drive":
		fmt.Fprint(stream, result(p.drive(words[1:])))
	default:
		log.Fatalf("unknown service %q", line)
	}
}

func (p *peer) drive(words []string) error {
	switch words[0] {
	case "ping":
		_, err := p.session.Ping()
		return err
	case "echo": // echo <bytes> <streams at once>
		size, _ := strconv.Atoi(words[1])
		count, _ := strconv.Atoi(words[2])
		return p.parallel(count, func() error {
			return p.ask("echo", pattern(size), pattern(size))
		})
	case "sink": // sink <bytes> <ms to wait> <ms between reads>
		size, _ := strconv.Atoi(words[1])
		sum := sha256.Sum256(pattern(size))
		want := fmt.Sprintf("%d %s", size, hex.EncodeToString(sum[:]))
		return p.ask("sink "+words[2]+" "+words[3], pattern(size), []byte(want))
	case "source":
		size, _ := strconv.Atoi(words[1])
		return p.ask("source "+words[1], nil, pattern(size))
	case "reset": // the other side resets; we must see it, and not an orderly end
		stream, err := p.session.OpenStream()
		if err != nil {
			return err
		}
		defer stream.Close()
		fmt.Fprintln(stream, "reset-me")
		if _, err := io.Copy(io.Discard, stream); !errors.Is(err, yamux.ErrConnectionReset) {
			return fmt.Errorf("expected a reset, got %v", err)
		}
		return nil
	case "acknowledged": // every stream that this side opened
		return acknowledged(30 * time.Second)
	case "open-after-go-away":
		stream, err := p.session.OpenStream()
		if err == nil {
			stream.Close()
			return errors.New("a stream could be opened")
		}
		if !errors.Is(err, yamux.ErrRemoteGoAway) {
			return err
		}
		return nil
	}
	return fmt.Errorf("unknown case %q", words)
}

// acknowledged waits until no stream may run into StreamOpenTimeout: yamux keeps a goroutine for each stream that the
// other side has not acknowledged, and says nothing else about them.
func acknowledged(limit time.Duration) error {
	stacks := make([]byte, 1<<20)
	for end := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		n := runtime.Stack(stacks, true)
		open := bytes.Count(stacks[:n], []byte("yamux.(*Session).setOpenTimeout("))
		if open == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d streams are not acknowledged", open)
		}
	}
}

// ask opens a stream, sends the service line and the bytes, half-closes, and compares what comes back.
func (p *peer) ask(service string, send, want []byte) error {
	stream, err := p.session.OpenStream()
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		_, err := stream.Write(append([]byte(service+"\n"), send...))
		stream.Close()
		sent <- err
	}()
	got, err := io.ReadAll(stream)
	if err != nil {
		return fmt.Errorf("%s: read: %w", service, err)
	}
	if err := <-sent; err != nil {
		return fmt.Errorf("%s: write: %w", service, err)
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%s: %d bytes came back, not the %d expected ones", service, len(got), len(want))
	}
	return nil
}

func (p *peer) parallel(count int, task func() error) error {
	var wg sync.WaitGroup
	failed := make(chan error, count)
	for range count {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := task(); err != nil {
				failed <- err
			}
		}()
	}
	wg.Wait()
	close(failed)
	return <-failed
}

// drain reads to the end and says "<bytes> <sha256>".
func drain(in io.Reader, between time.Duration) string {
	hash := sha256.New()
	buffer := make([]byte, 64*1024)
	total := 0
	for {
		n, err := in.Read(buffer)
		hash.Write(buffer[:n])
		total += n
		if err == io.EOF {
			return fmt.Sprintf("%d %s", total, hex.EncodeToString(hash.Sum(nil)))
		}
		if err != nil {
			return err.Error()
		}
		time.Sleep(between)
	}
}

// pattern is the same on both sides, so that lost, doubled and swapped bytes show.
func pattern(size int) []byte {
	bytes := make([]byte, size)
	state := uint32(size) + 1
	for i := range bytes {
		state = state*1664525 + 1013904223
		bytes[i] = byte(state >> 24)
	}
	return bytes
}

func result(err error) string {
	if err != nil {
		return err.Error()
	}
	return "ok"
}
