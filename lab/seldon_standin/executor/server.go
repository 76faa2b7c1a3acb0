package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	puid         = "Seldon-Puid"
	dialTimeout  = 5 * time.Second
	predictPath  = "/predict"
	feedbackPath = "/send-feedback"
	metadataPath = "/metadata"
)

// executor answers clients by asking the model.
type executor struct {
	predictor predictor
	metrics   metrics
	timeout   time.Duration
}

func (e executor) handler(prometheusPath string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/live", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/ready", e.ready)
	mux.Handle(prometheusPath, promhttp.HandlerFor(e.metrics.registry, promhttp.HandlerOpts{}))
	for _, version := range []string{"v0.1", "v1.0"} {
		api := "/api/" + version
		mux.Handle("POST "+api+"/predictions", e.metrics.serving("predictions", e.ask(predictPath)))
		mux.Handle("POST "+api+"/feedback", e.metrics.serving("feedback", e.ask(feedbackPath)))
		mux.Handle("GET "+api+"/metadata/{model}", e.metrics.serving("metadata", e.ask(metadataPath)))
		mux.Handle("GET "+api+"/status/{model}", e.metrics.serving("status", e.ready))
	}
	mux.Handle("GET /api/v1.0/health/status", e.metrics.serving("status", e.ready))
	return mux
}

// ready asks only whether the model's port is open.
func (e executor) ready(w http.ResponseWriter, _ *http.Request) {
	connection, err := net.DialTimeout("tcp", e.predictor.probeAddress(), dialTimeout)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	connection.Close()
}

func (e executor) ask(path string) http.HandlerFunc {
	client := &http.Client{Timeout: e.timeout, Transport: e.metrics.calling(path)}
	target := "http://" + e.predictor.modelAddress() + path
	return func(w http.ResponseWriter, request *http.Request) {
		id := request.Header.Get(puid)
		if id == "" {
			id = rand.Text()
		}
		w.Header().Set(puid, id)
		answer, err := forward(client, target, id, request)
		if err != nil {
			fail(w, err)
			return
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			fail(w, err)
			return
		}
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		w.WriteHeader(answer.StatusCode)
		w.Write(body)
	}
}

func forward(client *http.Client, target, id string, request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	// The client's own context is left out: a client that goes away does not stop the model.
	onward, err := http.NewRequest(request.Method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	onward.Header = request.Header.Clone()
	onward.Header.Set(puid, id)
	return client.Do(onward)
}

// fail is how a model that crashed, refused or timed out looks to the client: code 500.
func fail(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusInternalServerError)
	status := map[string]any{"code": http.StatusInternalServerError, "info": fmt.Sprint(err), "status": "FAILURE"}
	json.NewEncoder(w).Encode(map[string]any{"status": status})
}
