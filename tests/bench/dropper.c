// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dropper PORT SIZE COUNT: sends UDP packets to 10.9.0.2 that a rule of netfilter drops on their
 * way out, and prints the ns of its CPU's time that each took.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
	static char payload[65000];
	struct sockaddr_in to = { .sin_family = AF_INET };
	int sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), count;
	size_t size;
	double begin;

	if (argc != 4)
		return 2;
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	size = (size_t)atol(argv[2]);
	count = atoi(argv[3]);
	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	if (count < 1 || size > sizeof(payload) ||
	    connect(sender, (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("dropper");
		return 1;
	}
	begin = cpu_time();
	for (int i = 0; i < count; i++) {
		if (send(sender, payload, size, 0) >= 0 || errno != EPERM) {
			fputs("dropper: a packet is not dropped\n", stderr);
			return 1;
		}
	}
	printf("%.1f\n", (cpu_time() - begin) / count);
	close(sender);
	return 0;
}
