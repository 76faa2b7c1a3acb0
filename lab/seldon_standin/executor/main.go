// The executor that the stand-in for Seldon's controller puts beside each model: it passes requests on and counts them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(log.Ldate | log.Lmicroseconds)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	deployment := flag.String("sdep", "", "name of the SeldonDeployment")
	port := flag.Int("http_port", 8000, "where to listen")
	prometheusPath := flag.String("prometheus_path", "/prometheus", "where the metrics are")
	annotations := flag.String("annotations", "/etc/podinfo/annotations", "file with the pod's annotations")
	grace := flag.Duration("graceful_timeout", 15*time.Second, "time for open requests when told to stop")
	for _, ignored := range []string{"namespace", "predictor", "grpc_port", "protocol", "transport"} {
		flag.String(ignored, "", "accepted as the real executor does, without effect")
	}
	flag.Parse()

	predictor, err := decodePredictor(os.Getenv("ENGINE_PREDICTOR"))
	if err != nil {
		return err
	}
	timeout, err := timeoutFrom(*annotations)
	if err != nil {
		return err
	}
	e := executor{predictor, newMetrics(*deployment, predictor), timeout}
	server := &http.Server{
		Addr:        fmt.Sprintf(":%d", *port),
		Handler:     e.handler(*prometheusPath),
		IdleTimeout: 65 * time.Second,
	}
	log.Printf("predictor %s of %s, model at %s, timeout %s", predictor.Name, *deployment, predictor.modelAddress(), timeout)
	return serve(server, *grace)
}

// serve listens until a signal comes, then refuses new connections and lets open requests end.
func serve(server *http.Server, grace time.Duration) error {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	limit, release := context.WithTimeout(context.Background(), grace)
	defer release()
	if err := server.Shutdown(limit); err != nil {
		return err
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
