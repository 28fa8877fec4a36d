//go:build tools

// Package tools names the command that is built here, so that "go mod tidy" keeps what it needs in go.mod and go.sum.
package tools

import (
	_ "sigs.k8s.io/external-dns"
)
