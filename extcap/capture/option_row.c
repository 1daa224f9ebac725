// SPDX-License-Identifier: GPL-2.0-or-later
#include "option_row.h"

#include "option.h"
#include "remote_host.h"

#ifndef XDPSHARK_VERDICT_DEFAULT
#define XDPSHARK_VERDICT_DEFAULT OPTION_VERDICT_OFF
#endif

/* tcpdump's limit, and Wireshark's. */
#define SNAPLEN_MAX 262144

static const OptionChoice comments_choices[] = {
	{ "short", "what differs between packets", OPTION_COMMENTS_SHORT },
	{ "full", "everything that is known", OPTION_COMMENTS_FULL },
	{ "off", "none", OPTION_COMMENTS_OFF },
	{ NULL, NULL, 0 },
};

static const OptionChoice at_choices[] = {
	{ "both", "before and after the program", SOURCE_AT_BOTH },
	{ "entry", "before the program", SOURCE_AT_ENTRY },
	{ "exit", "after the program", SOURCE_AT_EXIT },
	{ 0 },
};

static const OptionChoice filter_at_choices[] = {
	{ "entry", "as the program gets them", SOURCE_AT_ENTRY },
	{ "exit", "as the program leaves them", SOURCE_AT_EXIT },
	{ "either", "either of both", SOURCE_AT_BOTH },
	{ 0 },
};

static const OptionChoice verdict_choices[] = {
	{ "on", "write", OPTION_VERDICT_ON },
	{ "off", "do not write", OPTION_VERDICT_OFF },
	{ NULL, NULL, 0 },
};

static const OptionChoice color_choices[] = {
	{ "auto", "on a terminal", OPTION_COLOR_AUTO },
	{ "always", "always", OPTION_COLOR_ALWAYS },
	{ "never", "never", OPTION_COLOR_NEVER },
	{ NULL, NULL, 0 },
};

static const OptionChoice rights_choices[] = {
	{ "none", "none: that user may capture", REMOTE_RIGHTS_NONE },
	{ "sudo", "sudo -n", REMOTE_RIGHTS_SUDO },
	{ "doas", "doas -n", REMOTE_RIGHTS_DOAS },
	{ NULL, NULL, 0 },
};

static const OptionChoice level_choices[] = {
	{ "warning", "warnings", G_LOG_LEVEL_WARNING },
	{ "message", "messages", G_LOG_LEVEL_MESSAGE },
	{ "info", "information", G_LOG_LEVEL_INFO },
	{ "debug", "everything", G_LOG_LEVEL_DEBUG },
	{ NULL, NULL, 0 },
};

#define AT(MEMBER) G_STRUCT_OFFSET(OptionValues, MEMBER)

const OptionRow option_rows[OPTION_ROWS] = {
	{ "snaplen", 's', TYPE_INTEGER, AT(snaplen), TRUE, 0, "BYTES",
	  "Bytes to keep of each packet (0: all)",
	  "Keep this many bytes of each packet (0: all of them)", 0, SNAPLEN_MAX, 0, NULL },
	{ "actions", 'a', TYPE_VERDICTS, AT(verdicts), TRUE, SOURCE_HAS_VERDICTS, "LIST",
	  "Only these actions (none ticked: all)",
	  "Only capture packets with these XDP actions, such as drop,tx (none given: all)", 0, 0, 0,
	  NULL },
	{ "at", 0, TYPE_CHOICE, AT(at), TRUE, SOURCE_HAS_SIGHTINGS, "entry|exit|both",
	  "Packets as they are",
	  "Capture packets as the program gets them, as it leaves them, or both", 0, 0,
	  SOURCE_AT_BOTH, at_choices },
	{ "filter-at", 0, TYPE_CHOICE, AT(filter_at), TRUE, SOURCE_HAS_SIGHTINGS,
	  "entry|exit|either", "The filter judges them",
	  "Filter packets as the program gets them, as it leaves them, or take those that match "
	  "before or after; whatever of both is captured",
	  0, 0, SOURCE_AT_ENTRY, filter_at_choices },
	{ "reason", 0, TYPE_STRING, AT(reasons), TRUE, SOURCE_HAS_SKB, "NAMES",
	  "Only these reasons (empty: all)",
	  "Only capture packets dropped for these reasons, such as NETFILTER_DROP,NO_SOCKET", 0, 0,
	  0, NULL },
	{ "device", 0, TYPE_STRING, AT(device), TRUE, SOURCE_HAS_SKB, "DEVICE",
	  "Only this device (empty: all)", "Only capture packets of the device with this name", 0,
	  0, 0, NULL },
	{ "netns", 0, TYPE_STRING, AT(netns), TRUE, SOURCE_HAS_SKB, "NETNS",
	  "Only this network namespace (empty: all)",
	  "Only capture packets of the network namespace with this name", 0, 0, 0, NULL },
	{ "process", 0, TYPE_STRING, AT(process), TRUE, SOURCE_HAS_SKB, "PROCESS",
	  "Only this process, name or number (empty: all)",
	  "Only capture packets that this process was at work on when they were dropped", 0, 0, 0,
	  NULL },
	{ "mark", 0, TYPE_MARK, AT(mark), TRUE, SOURCE_HAS_SKB, "VALUE/MASK",
	  "Only this mark, VALUE/MASK (empty: all)",
	  "Only capture packets with this mark (without /MASK: exactly this one)", 0, 0, 0, NULL },
	{ "stack", 0, TYPE_FLAG, AT(stack), TRUE, SOURCE_HAS_SKB, NULL, "The kernel's calls, too",
	  "Write the calls of the kernel that led to each packet", 0, 0, 0, NULL },
	{ "track", 0, TYPE_FLAG, AT(track), TRUE, SOURCE_HAS_TRACK, NULL,
	  "Follow packets that matched once",
	  "Capture a packet of the kernel that matched once wherever it comes by from there on, "
	  "with the number of its journey, which begins at XDP where that is captured, too",
	  0, 0, 0, NULL },
	{ "buffer", 'B', TYPE_INTEGER, AT(buffer), TRUE, 0, "MIB",
	  "Memory for waiting packets, MiB (0: automatic)",
	  "Memory for all rings together, in MiB (0: depends on memory and CPUs)", 0, 65536, 0,
	  NULL },
	{ "sample", 0, TYPE_FRACTION, AT(sample), TRUE, 0, "1/N",
	  "One packet of so many, at random (0: all)",
	  "Capture one of N matching packets, chosen at random in the kernel (0: all)", 0,
	  1000000000, 0, NULL },
	{ "rate", 0, TYPE_INTEGER, AT(rate), TRUE, 0, "PPS",
	  "Packets a second per CPU, at most (0: no limit)",
	  "Capture at most this many packets per second on each CPU (0: no limit, but of the "
	  "kernel's points 10000)",
	  0, 1000000000, 0, NULL },
	{ "count", 'c', TYPE_INTEGER, AT(count), TRUE, 0, "PACKETS",
	  "Stop after so many packets (0: never)", "Stop after this many packets (0: no limit)", 0,
	  G_MAXINT64, 0, NULL },
	{ "duration", 0, TYPE_DOUBLE, AT(duration), TRUE, 0, "SECONDS",
	  "Stop after so many seconds (0: never)", "Stop after this time in seconds (0: no limit)",
	  0, 0, 0, NULL },
	{ "share-foreign", 0, TYPE_FLAG, AT(share_foreign), TRUE, SOURCE_HAS_SHARE_FOREIGN, NULL,
	  "Share with other tools",
	  "Go before programs in the hook's slots that are not xdpshark's (which still get "
	  "the packets)",
	  0, 0, 0, NULL },
	{ "unproven", 0, TYPE_FLAG, AT(unproven), TRUE, SOURCE_HAS_UNPROVEN, NULL,
	  "Even if it may be no hook",
	  "As root, also capture where it is not proven that programs use the array as a hook: "
	  "if it is a jump table, this changes what happens to packets",
	  0, 0, 0, NULL },
	{ "follow", 0, TYPE_FLAG, AT(follow), TRUE, SOURCE_HAS_FOLLOW, NULL, "Follow new versions",
	  "Move on to the new hook when a new version of the program pins another one there", 0, 0,
	  0, NULL },
	{ "verdict", 0, TYPE_CHOICE, AT(verdict), TRUE, 0, "on|off",
	  "Action in Wireshark's own field",
	  "Write the action as epb_verdict too (Wireshark 4.0 corrupts such files when it saves "
	  "them again)",
	  0, 0, XDPSHARK_VERDICT_DEFAULT, verdict_choices },
	{ "comments", 0, TYPE_CHOICE, AT(comments), TRUE, 0, "full|short|off",
	  "Comment on each packet",
	  "What to put into each packet's comment: only what differs between the packets of its "
	  "interface, everything, or nothing (with --verdict on)",
	  0, 0, OPTION_COMMENTS_SHORT, comments_choices },
	{ "log-file", 0, TYPE_SAVE_FILE, AT(log_file), TRUE, 0, "FILE", "Log file (empty: no log)",
	  "Append log messages to this file", 0, 0, 0, NULL },
	{ "log-level", 0, TYPE_CHOICE, AT(log_level), TRUE, 0, "warning|message|info|debug",
	  "What to log", "Minimum level to log", 0, 0, G_LOG_LEVEL_INFO, level_choices },
	{ "write", 'w', TYPE_SAVE_FILE, AT(write), FALSE, 0, "FILE", NULL,
	  "Write the packets to this file (-: standard output)", 0, 0, 0, NULL },
	{ "print", 0, TYPE_FLAG, AT(print), FALSE, 0, NULL, NULL,
	  "Print packets on standard output, also while they are written to a file", 0, 0, 0,
	  NULL },
	{ "color", 0, TYPE_CHOICE, AT(color), FALSE, 0, "auto|always|never", NULL,
	  "Colour the actions of packets that are printed (auto: on a terminal, unless NO_COLOR is "
	  "set)",
	  0, 0, OPTION_COLOR_AUTO, color_choices },
	{ "pcap", 0, TYPE_FLAG, AT(pcap), FALSE, 0, NULL, NULL,
	  "Write pcap, without actions, hooks, programs and queues (as for a FILE.pcap)", 0, 0, 0,
	  NULL },
	{ "file-size", 'C', TYPE_SIZE, AT(file_size), FALSE, 0, "SIZE", NULL,
	  "Go on in another file when one has SIZE million bytes (with k, m or g: KiB, MiB, GiB); "
	  "numbers are added to the name",
	  1, G_MAXINT32, 0, NULL },
	{ "file-seconds", 'G', TYPE_INTEGER, AT(file_seconds), FALSE, 0, "SECONDS", NULL,
	  "Go on in another file after this time; the name is one for strftime(3), such as "
	  "drops-%H%M%S.pcapng",
	  1, G_MAXINT32, 0, NULL },
	{ "file-count", 'W', TYPE_INTEGER, AT(file_count), FALSE, 0, "FILES", NULL,
	  "With -C, overwrite the oldest of so many files; with -G alone, stop after so many", 1,
	  G_MAXINT32, 0, NULL },
	{ "keep-ssh", 0, TYPE_FLAG, AT(keep_ssh), FALSE, 0, NULL, NULL,
	  "Also capture the ssh connection that this runs in, which is otherwise left out", 0, 0, 0,
	  NULL },
	{ "relinquish-privileges", 'Z', TYPE_STRING, AT(user), FALSE, 0, "USER", NULL,
	  "As root, read packets as this user, who needs no rights (default: tcpdump or nobody; "
	  "root: stay root, without capabilities)",
	  0, 0, 0, NULL },
	{ "transport", 0, TYPE_STRING, AT(transport), FALSE, 0, "COMMAND", NULL,
	  "Reach other hosts by this command in the place of ssh, such as 'kubectl exec -i POD --' "
	  "(%h: the host of ssh://HOST/PATH)",
	  0, 0, 0, NULL },
	{ "remote-rights", 0, TYPE_CHOICE, AT(remote_rights), FALSE, 0, "none|sudo|doas", NULL,
	  "How the user on the other host gets the right to capture", 0, 0, REMOTE_RIGHTS_NONE,
	  rights_choices },
	{ "remote-program", 0, TYPE_STRING, AT(remote_program), FALSE, 0, "PATH", NULL,
	  "xdpshark on the other host, if it is not in the path there", 0, 0, 0, NULL },
	{ "ssh-key", 0, TYPE_STRING, AT(ssh_key), FALSE, 0, "FILE", NULL,
	  "Log in with this key (default: as ssh does)", 0, 0, 0, NULL },
	{ "ssh-jump", 0, TYPE_STRING, AT(ssh_jump), FALSE, 0, "HOST", NULL,
	  "Connect through this host (default: as ssh does)", 0, 0, 0, NULL },
	{ "alive", 0, TYPE_DOUBLE, AT(alive), FALSE, 0, "SECONDS", NULL,
	  "Stop when standard input ends, or brings nothing for this long (0: never); so a capture "
	  "for another host ends when the connection does",
	  0, 0, 0, NULL },
	{ "quiet", 'q', TYPE_FLAG, AT(quiet), FALSE, 0, NULL, NULL,
	  "Only print on standard error what goes wrong", 0, 0, 0, NULL },
	{ "verbose", 'v', TYPE_FLAG, AT(verbose), FALSE, 0, NULL, NULL,
	  "Print on standard error what is captured, and counts at the end", 0, 0, 0, NULL },
	{ "json", 0, TYPE_FLAG, AT(json), FALSE, 0, NULL, NULL,
	  "Print that as JSON: one object per line, each second, at the end, and for each message",
	  0, 0, 0, NULL },
};
