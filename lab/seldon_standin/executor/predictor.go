package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// predictor is the part of the controller's ENGINE_PREDICTOR that a single model needs.
type predictor struct {
	Name        string            `json:"name"`
	Annotations map[string]string `json:"annotations"`
	Graph       struct {
		Name     string `json:"name"`
		Endpoint struct {
			Host     string `json:"service_host"`
			Port     int    `json:"service_port"`
			HTTPPort int    `json:"httpPort"`
		} `json:"endpoint"`
	} `json:"graph"`
	ComponentSpecs []struct {
		Spec struct {
			Containers []struct {
				Name  string `json:"name"`
				Image string `json:"image"`
			} `json:"containers"`
		} `json:"spec"`
	} `json:"componentSpecs"`
}

func decodePredictor(encoded string) (predictor, error) {
	var found predictor
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return found, fmt.Errorf("ENGINE_PREDICTOR: %w", err)
	}
	if err := json.Unmarshal(raw, &found); err != nil {
		return found, fmt.Errorf("ENGINE_PREDICTOR: %w", err)
	}
	return found, nil
}

// modelAddress is where the model serves HTTP.
func (p predictor) modelAddress() string {
	return net.JoinHostPort(p.Graph.Endpoint.Host, strconv.Itoa(p.Graph.Endpoint.HTTPPort))
}

// probeAddress is what readiness asks: a TCP connection is enough.
func (p predictor) probeAddress() string {
	return net.JoinHostPort(p.Graph.Endpoint.Host, strconv.Itoa(p.Graph.Endpoint.Port))
}

// modelImage is the image of the model's container, its version apart where there is exactly one colon.
func (p predictor) modelImage() (image, version string) {
	for _, component := range p.ComponentSpecs {
		for _, container := range component.Spec.Containers {
			if container.Name == p.Graph.Name {
				parts := strings.Split(container.Image, ":")
				if len(parts) == 2 {
					return parts[0], parts[1]
				}
				return parts[0], ""
			}
		}
	}
	return "", ""
}
