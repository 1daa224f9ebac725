// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <unistd.h>

struct CaptureFile {
	char *path;
	pcap_t *pcap;
	LinkType link;
};

CaptureFile *capture_file_open(int fd, const char *path, GError **error)
{
	g_autoptr(CaptureFile) file = g_new0(CaptureFile, 1);
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *stream = own >= 0 ? fdopen(own, "rb") : NULL;
	char reason[PCAP_ERRBUF_SIZE];

	file->path = g_strdup(path);
	if (!stream) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "cannot read %s: %s", path, g_strerror(errno));
		if (own >= 0)
			close(own);
		return NULL;
	}
	file->pcap = pcap_fopen_offline(stream, reason);
	if (!file->pcap) {
		fclose(stream);
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot read %s: %s", path,
			    reason);
		return NULL;
	}
	while (file->link < LINK_TYPES && link_types[file->link].dlt != pcap_datalink(file->pcap))
		file->link++;
	if (file->link < LINK_TYPES)
		return g_steal_pointer(&file);
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
		    "%s holds packets of link type %d: Ethernet and raw IP are what XDP sees", path,
		    pcap_datalink(file->pcap));
	return NULL;
}

LinkType capture_file_link(const CaptureFile *file)
{
	return file->link;
}

void capture_file_free(CaptureFile *file)
{
	if (!file)
		return;
	if (file->pcap)
		pcap_close(file->pcap);
	g_free(file->path);
	g_free(file);
}

gboolean capture_file_next(CaptureFile *file, CapturePacket *ret_packet, GError **error)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int result = pcap_next_ex(file->pcap, &header, &bytes);

	if (result == 1) {
		*ret_packet = (CapturePacket){ bytes, header->caplen, header->len };
		return TRUE;
	}
	if (result == PCAP_ERROR)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", file->path,
			    pcap_geterr(file->pcap));
	return FALSE;
}
