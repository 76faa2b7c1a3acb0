package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	serverMetric = "seldon_api_executor_server_requests_seconds"
	clientMetric = "seldon_api_executor_client_requests_seconds"
)

var (
	buckets    = []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}
	armLabels  = []string{"deployment_name", "predictor_name", "predictor_version", "service"}
	callLabels = []string{"method", "code"}
	image      = []string{"model_name", "model_image", "model_version"}
)

// metrics are the two histograms, with the labels that never change already set.
type metrics struct {
	registry *prometheus.Registry
	server   prometheus.ObserverVec
	client   prometheus.ObserverVec
}

func newMetrics(deployment string, p predictor) metrics {
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGoCollector(), prometheus.NewProcessCollector(prometheus.ProcessCollectorOpts{}))
	arm := prometheus.Labels{
		"deployment_name":   deployment,
		"predictor_name":    p.Name,
		"predictor_version": p.Annotations["version"],
	}
	modelImage, modelVersion := p.modelImage()
	model := prometheus.Labels{"model_name": p.Graph.Name, "model_image": modelImage, "model_version": modelVersion}
	server := histogram(serverMetric, "Seconds the executor took to answer.", armLabels, callLabels)
	client := histogram(clientMetric, "Seconds the model took to answer the executor.", armLabels, image, callLabels)
	registry.MustRegister(server, client)
	return metrics{registry, server.MustCurryWith(arm), client.MustCurryWith(arm).MustCurryWith(model)}
}

func histogram(name, help string, labels ...[]string) *prometheus.HistogramVec {
	var all []string
	for _, some := range labels {
		all = append(all, some...)
	}
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, all)
}

// serving counts a handler's answers under a service's name.
func (m metrics) serving(service string, handler http.HandlerFunc) http.Handler {
	return promhttp.InstrumentHandlerDuration(m.server.MustCurryWith(prometheus.Labels{"service": service}), handler)
}

// calling counts the model's answers. A call without an answer is not counted, as in the real executor.
func (m metrics) calling(path string) http.RoundTripper {
	labels := prometheus.Labels{"service": path}
	return promhttp.InstrumentRoundTripperDuration(m.client.MustCurryWith(labels), http.DefaultTransport)
}
