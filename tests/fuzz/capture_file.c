// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target: any bytes as the file of `filter --match`. Where programs may be loaded, the
 * filter runs in the kernel on what packets there are, and must say what libpcap says.
 */
#include <glib.h>
#include <pcap/pcap.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture_file.h"
#include "fuzz.h"
#include "match.h"

/* For a run of the kernel a packet; after so many the rest is only read. */
#define MATCHED_MAX 16

/* Loads at fixed and at computed places, and the length. */
static struct sock_filter code[] = {
	{ BPF_LD | BPF_H | BPF_ABS, 0, 0, 12 },
	{ BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 2048 },
	{ BPF_LDX | BPF_B | BPF_MSH, 0, 0, 14 },
	{ BPF_LD | BPF_W | BPF_IND, 0, 0, 14 },
	{ BPF_ALU | BPF_XOR | BPF_K, 0, 0, 255 },
	{ BPF_ALU | BPF_OR | BPF_K, 0, 0, 1 },
	{ BPF_RET | BPF_A, 0, 0, 0 },
	{ BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 },
	{ BPF_RET | BPF_A, 0, 0, 0 },
};

static Match *match;
static int file;

static void check_match(const CapturePacket *packet)
{
	guint32 value, expected = bpf_filter((const struct bpf_insn *)code, packet->data,
					     packet->wire_length, packet->size);
	g_autoptr(GError) error = NULL;

	if (!match_run(match, packet->data, packet->size, packet->wire_length, &value, &error)) {
		fprintf(stderr, "%s\n", error->message);
		abort();
	}
	FUZZ_CHECK(value == expected);
}

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
	g_autoptr(GError) error = NULL;

	fuzz_begin();
	match = match_new(code, G_N_ELEMENTS(code), &error);
	if (!match)
		fprintf(stderr, "only reading, not matching: %s\n", error->message);
	file = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(file >= 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(CaptureFile) capture = NULL;
	CapturePacket packet;
	guint64 sum = 0;

	FUZZ_CHECK(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (gssize)size);
	FUZZ_CHECK(lseek(file, 0, SEEK_SET) == 0);
	capture = capture_file_open(file, "file", &error);
	FUZZ_CHECK((capture == NULL) == (error != NULL));
	for (guint i = 0; capture && capture_file_next(capture, &packet, &error); i++) {
		FUZZ_CHECK(packet.size <= size);
		for (gsize at = 0; at < packet.size; at++)
			sum += packet.data[at];
		FUZZ_CHECK(sum <= (guint64)G_MAXUINT8 * size * (i + 1));
		if (match && i < MATCHED_MAX)
			check_match(&packet);
	}
	return 0;
}
