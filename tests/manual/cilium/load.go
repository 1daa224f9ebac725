// SPDX-License-Identifier: GPL-2.0-or-later

// load OBJECT PROGRAM DEVICE: loads an XDP program with a hook, and keeps it on the device until standard input ends.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

func main() {
	spec, err := ebpf.LoadCollectionSpec(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	collection, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{
		Maps: ebpf.MapOptions{PinPath: "/sys/fs/bpf"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer collection.Close()
	device, err := net.InterfaceByName(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	attached, err := link.AttachXDP(link.XDPOptions{Program: collection.Programs[os.Args[2]], Interface: device.Index})
	if err != nil {
		log.Fatal(err)
	}
	defer attached.Close()
	fmt.Println("loaded")
	io.Copy(io.Discard, os.Stdin)
}
