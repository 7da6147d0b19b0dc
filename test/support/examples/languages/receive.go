// Needs Go 1.22 or newer, and no module.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxBodyBytes     = 1_000_000
	toleranceSeconds = 300
	maxSignatures    = 20
)

type event struct {
	ID   string          `json:"id"`
	Type string          `json:"event"`
	Data json.RawMessage `json:"data"` // Any JSON value, with numbers of any size.
}

var (
	secrets = readSecrets(os.Getenv("WEBHOOK_SECRETS"))
	digits  = regexp.MustCompile(`^[0-9]{1,12}$`)
	inbox   sync.Map // Yours: a table with the event id as its key.
	work    = make(chan event, 10_000)
)

// readSecrets: the key of the HMAC is the base64 after whsec_, decoded. There are two secrets while one is rotated.
func readSecrets(list string) (secrets [][]byte) {
	for _, text := range strings.Fields(list) {
		secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
		if err != nil {
			log.Fatal("WEBHOOK_SECRETS: expected whsec_ and base64: ", err)
		}
		secrets = append(secrets, secret)
	}
	return secrets
}

// readKeys reads every key of the file anew for each request: a rotation needs no restart.
func readKeys() (keys [][]byte, err error) {
	text, err := os.ReadFile(setting("SIGNING_KEYS", "signing-keys.txt"))
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Fields(string(text)) {
		key, err := hex.DecodeString(line)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("expected 64 hex characters, got %q", line)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

type check func(key, content, signature []byte) bool

// isGenuine says whether the deployment sent these bytes, to this target, at most five minutes ago.
func isGenuine(header http.Header, body []byte, publicKeys [][]byte) bool {
	timestamp := header.Get("webhook-timestamp")
	// Full stops between the three. A list, with a space between its signatures.
	content := bytes.Join([][]byte{[]byte(header.Get("webhook-id")), []byte(timestamp), body}, []byte("."))
	list := strings.SplitN(header.Get("webhook-signature"), " ", maxSignatures+1)
	isSigned := func(version string, keys [][]byte, isBy check) bool {
		for _, entry := range list[:min(len(list), maxSignatures)] {
			name, text, _ := strings.Cut(entry, ",")
			if name == version && isByAny(keys, timestamp, content, text, isBy) {
				return true
			}
		}
		return false
	}
	if len(secrets) > 0 && !isSigned("v1", secrets, isHmac) {
		return false
	}
	return isSigned("v1a", publicKeys, isEd25519) || isSignedAlone(header, body, publicKeys)
}

// isSignedAlone checks the other header family, which no secret signs: nothing stands between its timestamp and the body.
func isSignedAlone(header http.Header, body []byte, publicKeys [][]byte) bool {
	timestamp := header.Get("x-webhook-timestamp")
	content := append([]byte(timestamp), body...)
	return isByAny(publicKeys, timestamp, content, header.Get("x-webhook-signature"), isEd25519)
}

func isByAny(keys [][]byte, timestamp string, content []byte, text string, isBy check) bool {
	signature, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !isFresh(timestamp) {
		return false
	}
	for _, key := range keys {
		if isBy(key, content, signature) {
			return true
		}
	}
	return false
}

func isHmac(secret, content, signature []byte) bool {
	mac := hmac.New(sha256.New, secret)
	mac.Write(content)
	return hmac.Equal(mac.Sum(nil), signature)
}

func isEd25519(key, content, signature []byte) bool {
	return ed25519.Verify(key, content, signature)
}

func isFresh(timestamp string) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	age := time.Now().Unix() - seconds
	return err == nil && digits.MatchString(timestamp) && age <= toleranceSeconds && age >= -toleranceSeconds
}

// receive returns the status to answer with.
func receive(w http.ResponseWriter, r *http.Request) int {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	publicKeys, keysErr := readKeys()
	if err = errors.Join(err, keysErr); err != nil { // For example the keys could not be read. The sender tries again.
		log.Print(err)
		return http.StatusInternalServerError
	}
	if !isGenuine(r.Header, body, publicKeys) {
		log.Print("Refused: no signature holds")
		return http.StatusUnauthorized
	}
	var received event
	if err := json.Unmarshal(body, &received); err != nil {
		log.Print(err)
		return http.StatusInternalServerError
	}
	keep(received)
	return http.StatusNoContent
}

// keep takes every event once, by the id in its body. It is kept before the answer; the work comes afterwards.
func keep(received event) {
	if _, isThere := inbox.LoadOrStore(received.ID, received); !isThere {
		work <- received
	}
}

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func main() {
	go func() {
		for received := range work {
			fmt.Println("Working on", received.Type, received.ID)
		}
	}()
	http.HandleFunc("POST /webhooks", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(receive(w, r)) })
	port := setting("PORT", "3000")
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("Listening on", port)
	log.Fatal(http.Serve(listener, nil))
}
