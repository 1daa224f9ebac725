// SPDX-License-Identifier: GPL-2.0-or-later

// Prints time, wire length, captured length and interface of each packet of a pcapng file, as gopacket reads it.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/google/gopacket/pcapgo"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	file, err := os.Open(os.Args[1])
	check(err)
	reader, err := pcapgo.NewNgReader(file, pcapgo.DefaultNgReaderOptions)
	check(err)
	for {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			return
		}
		check(err)
		source, err := reader.Interface(info.InterfaceIndex)
		check(err)
		fmt.Println(info.Timestamp.UnixNano(), info.Length, len(data), source.Name)
	}
}
