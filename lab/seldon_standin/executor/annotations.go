package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const restTimeout = "seldon.io/rest-timeout"

// timeoutFrom reads the pod's annotations, one key="value" a line. No annotation, no timeout.
func timeoutFrom(path string) (time.Duration, error) {
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for _, line := range strings.Split(string(content), "\n") {
		key, value, _ := strings.Cut(line, "=")
		if strings.Trim(key, `"`) != restTimeout {
			continue
		}
		milliseconds, err := strconv.Atoi(strings.Trim(value, `"`))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", restTimeout, err)
		}
		return time.Duration(milliseconds) * time.Millisecond, nil
	}
	return 0, nil
}
