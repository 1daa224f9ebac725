// SPDX-License-Identifier: GPL-2.0-or-later
#include "quota.h"

#include <cbpf/cbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "confine.h"
#include "memory.h"
#include "record.h"
#include "ring_plan.h"

G_DEFINE_QUARK(xdpshark_quota_error, quota_error)

/* What a user may have, in all processes together. */
#define USER_CAPTURES	  256
#define USER_PLACES	  8 /* captures on one hook, out of 28 */
#define USER_MEMORY_SHARE 4 /* this fraction of the machine's memory */
#define USER_CLASSIC	  65536
#define USER_COMPILED	  65536
/* Instructions that all of a user's filters on one hook may run for a packet in the worst case:
 * about 10 us. */
#define USER_RUN	  32768

/* Places of a slot's chain that are reserved for root. */
#define ROOT_PLACES 4

/* How much of the memory that is left rings may take: for a user, and for root. */
#define USER_LEFT(LEFT) ((LEFT) / 2)
#define ROOT_LEFT(LEFT) ((LEFT) / 4 * 3)

/* Longer than another capture of the user holds the lock while it starts. */
#define LOCK_LIMIT_MS 10000

/* By then the kernel has freed what a capture had; short enough that programs do not miss our
 * heartbeat. */
#define FREE_LIMIT_US 800000

/* How many backward jumps libcbpf lets a compiled filter make. */
#define FILTER_ROUNDS 512

/* Bytes that a compiled instruction takes in the kernel, with machine code and line information, in
 * each program. */
#define INSTRUCTION_BYTES 32

#define RECORD_MAPS 8

/* A capture in the user's file. It counts as long as one of its maps exists. */
typedef struct {
	guint32 point;		   /* see point_key() */
	guint32 run;		   /* instructions for a packet in the worst case */
	guint64 programs;	   /* bytes */
	guint32 maps[RECORD_MAPS]; /* ids; 0: none */
	guint64 bytes[RECORD_MAPS];
} QuotaRecord;

struct QuotaClaim {
	int file;	 /* locked; -1 for root */
	GArray *records; /* QuotaQuotaRecord, of captures that still exist */
	QuotaRecord wanted;
	gsize moved;	     /* index of the record of a capture that is being moved or gets another
				filter; SIZE_MAX: it is a new one */
	gboolean has_filter; /* such a capture gets one */
};

static uid_t user;

void quota_set_caller(uid_t caller)
{
	user = caller;
}

uid_t quota_caller(void)
{
	return user;
}

guint quota_places(guint all)
{
	return user == 0 ? all : all - ROOT_PLACES;
}

/* Identifies a point of any source; for a hook, it is the id of its map. */
static guint32 point_key(const SourceType *type, guint32 id)
{
	return type == &source_hook ? id : id ^ g_str_hash(type->scheme);
}

static char *format_bytes(guint64 bytes)
{
	double mib = (double)bytes / (1024 * 1024);

	return mib < 1024 ? g_strdup_printf("%.1f MiB", mib)
			  : g_strdup_printf("%.1f GiB", mib / 1024);
}

static gboolean is_jump(const struct bpf_insn *insn)
{
	guint8 class = BPF_CLASS(insn->code), operation = BPF_OP(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && operation != BPF_CALL &&
	       operation != BPF_EXIT;
}

/* Instructions on the longest path through a filter. All jumps but those of loops go forward. In
 * the worst case, each jump of a loop repeats the path from its target to the end. */
static guint64 longest_run(const struct bpf_insn *insns, gsize count)
{
	g_autofree guint32 *runs = g_new0(guint32, count + 1);
	guint32 loop = 0;

	for (gsize i = count; i-- > 0;) {
		gsize target = is_jump(&insns[i]) ? i + 1 + insns[i].off : i + 1;

		if (insns[i].code == (BPF_JMP | BPF_EXIT))
			runs[i] = 0;
		else if (insns[i].code == (BPF_JMP | BPF_JA) && target > i)
			runs[i] = runs[MIN(target, count)];
		else
			runs[i] = MAX(runs[i + 1], target > i ? runs[MIN(target, count)] : 0);
		runs[i]++;
	}
	for (gsize i = 0; i < count; i++)
		if (is_jump(&insns[i]) && insns[i].off < 0)
			loop = MAX(loop, runs[i + 1 + insns[i].off]);
	return runs[0] + (guint64)loop * FILTER_ROUNDS;
}

/* FALSE if the filter is too large. One that cannot be compiled is accepted here: loading it will
 * report that. */
static gboolean measure_filter(const struct sock_filter *filter, gsize length, guint64 *ret_run,
			       gsize *ret_compiled, GError **error)
{
	const struct cbpf_options options = { .size = sizeof(options) };
	struct cbpf_program *compiled = NULL;
	const struct bpf_insn *insns;

	*ret_run = *ret_compiled = 0;
	if (length > USER_CLASSIC) {
		g_set_error(
			error, QUOTA_ERROR, QUOTA_ERROR_SPENT,
			"the filter has %zu classic instructions (%d at most are allowed): make "
			"it shorter, or capture as root",
			length, USER_CLASSIC);
		return FALSE;
	}
	if (cbpf_compile(filter, length, &options, &compiled, NULL) != 0)
		return TRUE;
	insns = cbpf_program_insns(compiled, ret_compiled);
	*ret_run = longest_run(insns, *ret_compiled);
	cbpf_program_free(compiled);
	if (*ret_compiled <= USER_COMPILED && *ret_run <= USER_RUN)
		return TRUE;
	g_set_error(error, QUOTA_ERROR, QUOTA_ERROR_SPENT,
		    "the filter is compiled to %zu instructions (%d at most are allowed), of which "
		    "a packet takes up to %" G_GUINT64_FORMAT " (%d are allowed): make it shorter, "
		    "or capture as root",
		    *ret_compiled, USER_COMPILED, *ret_run, USER_RUN);
	return FALSE;
}

gboolean quota_check_filter(const struct sock_filter *filter, gsize length, GError **error)
{
	guint64 run;
	gsize compiled;

	return user == 0 || measure_filter(filter, length, &run, &compiled, error);
}

static guint64 ring_bytes(gsize ring_size)
{
	Rings rings = { 0 };
	Cpus cpus;

	if (!cpus_read(CPU_FOLDER, &cpus, NULL))
		return 0; /* reported when the rings are created */
	g_array_unref(rings_plan(&rings, ring_size, &cpus));
	return (guint64)rings.segment_count * rings.segment_size;
}

static gboolean check_memory_left(guint64 bytes, GError **error)
{
	g_autofree char *where = NULL;
	guint64 left = memory_left(&where), most = user == 0 ? ROOT_LEFT(left) : USER_LEFT(left);
	g_autofree char *wanted = format_bytes(bytes), *there = format_bytes(left),
			*allowed = format_bytes(most);

	if (bytes <= most)
		return TRUE;
	g_set_error(error, QUOTA_ERROR, QUOTA_ERROR_MEMORY,
		    "rings of %s are refused: %s are left %s, of which a capture may take %s: give "
		    "a smaller --buffer",
		    wanted, there, where, allowed);
	return FALSE;
}

static gboolean read_map(int fd, guint32 *ret_id, guint64 *ret_bytes)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return FALSE;
	*ret_id = info.id;
	*ret_bytes = info.type == BPF_MAP_TYPE_RINGBUF
			     ? info.max_entries
			     : (guint64)info.max_entries * info.value_size;
	return TRUE;
}

/* Ids are assigned in turn, so another map with the same id and size is all but impossible. */
static gboolean map_lives(guint32 id, guint64 bytes)
{
	int fd = bpf_map_get_fd_by_id(id);
	guint32 found;
	guint64 size;
	gboolean lives;

	if (fd < 0)
		return errno != ENOENT;
	lives = !read_map(fd, &found, &size) || size == bytes;
	close(fd);
	return lives;
}

/* Forgets maps that are gone. FALSE if all of them are. */
static gboolean record_refresh(QuotaRecord *record)
{
	gboolean lives = FALSE;

	for (guint i = 0; i < RECORD_MAPS; i++) {
		if (record->maps[i] != 0 && !map_lives(record->maps[i], record->bytes[i]))
			record->maps[i] = 0;
		lives |= record->maps[i] != 0;
	}
	return lives;
}

static guint64 record_bytes(const QuotaRecord *record)
{
	guint64 bytes = record->programs;

	for (guint i = 0; i < RECORD_MAPS; i++)
		if (record->maps[i] != 0)
			bytes += record->bytes[i];
	return bytes;
}

/* Opens and locks the user's file. Each user has one, so that those who stop their process while it
 * holds the lock only harm themselves. */
static int open_file(GError **error)
{
	g_autofree char *path = g_strdup_printf(CONFINE_FOLDER "/quota.%u", user);
	gint64 deadline = g_get_monotonic_time() + LOCK_LIMIT_MS * 1000LL;
	int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (file < 0) {
		g_set_error(error, QUOTA_ERROR, QUOTA_ERROR_FAILED, "cannot open %s: %s", path,
			    g_strerror(errno));
		return -1;
	}
	while (flock(file, LOCK_EX | LOCK_NB) < 0) {
		if (g_get_monotonic_time() < deadline) {
			g_usleep(2000);
			continue;
		}
		close(file);
		g_set_error(
			error, QUOTA_ERROR, QUOTA_ERROR_FAILED,
			"another capture of yours has been starting for %d s: end it (a process "
			"xdpshark-hookd has %s locked)",
			LOCK_LIMIT_MS / 1000, path);
		return -1;
	}
	return file;
}

/* Reads the captures that still exist. An incomplete record at the end is ignored. */
static GArray *read_records(int file)
{
	GArray *records = g_array_new(FALSE, FALSE, sizeof(QuotaRecord));
	QuotaRecord record;

	for (off_t at = 0; pread(file, &record, sizeof(record), at) == sizeof(record);
	     at += sizeof(record))
		if (record_refresh(&record))
			g_array_append_val(records, record);
	return records;
}

static void write_records(int file, const GArray *records)
{
	gsize size = records->len * sizeof(QuotaRecord);

	if (pwrite(file, records->data, size, 0) != (gssize)size ||
	    ftruncate(file, (off_t)size) < 0)
		g_warning("cannot write " CONFINE_FOLDER "/quota.%u: %s", user, g_strerror(errno));
}

/* Checks the limits of one point, without the record at index except. label: "hook
 * /sys/fs/bpf/fw". */
static gboolean check_point(const GArray *records, gsize except, const QuotaRecord *wanted,
			    const char *label, GError **error)
{
	guint64 run = wanted->run;
	guint places = 1;

	for (guint i = 0; i < records->len; i++) {
		const QuotaRecord *record = &g_array_index(records, QuotaRecord, i);

		if (i == except || record->point != wanted->point)
			continue;
		run += record->run;
		places++;
	}
	if (places > USER_PLACES)
		g_set_error(error, QUOTA_ERROR, QUOTA_ERROR_SPENT,
			    "%s: %d captures of yours are on it, and one may have no more: end "
			    "one of them, or capture as root",
			    label, USER_PLACES);
	else if (run > USER_RUN)
		g_set_error(error, QUOTA_ERROR, QUOTA_ERROR_SPENT,
			    "%s: with this filter your captures on it take up to "
			    "%" G_GUINT64_FORMAT " instructions for a packet, and one may take %d: "
			    "make it shorter, or end one of them",
			    label, run, USER_RUN);
	return places <= USER_PLACES && run <= USER_RUN;
}

static gboolean check_user(const GArray *records, const QuotaRecord *wanted, guint64 bytes,
			   GError **error)
{
	guint64 most = memory_total() / USER_MEMORY_SHARE, held = 0;
	g_autofree char *asked = format_bytes(bytes), *allowed = format_bytes(most), *has = NULL;

	if (records->len >= USER_CAPTURES) {
		g_set_error(error, QUOTA_ERROR, QUOTA_ERROR_SPENT,
			    "you have %u captures, and one may have no more: end one of them, or "
			    "capture as root (the rings of one that has ended count while a pin or "
			    "a process keeps them)",
			    records->len);
		return FALSE;
	}
	for (guint i = 0; i < records->len; i++)
		held += record_bytes(&g_array_index(records, QuotaRecord, i));
	if (held + bytes + wanted->programs <= most)
		return TRUE;
	has = format_bytes(held);
	g_set_error(error, QUOTA_ERROR, QUOTA_ERROR_SPENT,
		    "rings of %s are refused: your captures have %s, and one may have %s: give a "
		    "smaller --buffer, or end one of them (the rings of one that has ended count "
		    "while a pin or a process keeps them)",
		    asked, has, allowed);
	return FALSE;
}

static void claim_free(QuotaClaim *claim)
{
	if (claim->file >= 0)
		close(claim->file);
	if (claim->records)
		g_array_unref(claim->records);
	g_free(claim);
}

static QuotaClaim *claim_new(void)
{
	QuotaClaim *claim = g_new0(QuotaClaim, 1);

	claim->file = -1;
	claim->moved = SIZE_MAX;
	return claim;
}

static gsize find_record(const GArray *records, guint32 map_id)
{
	for (guint i = 0; map_id != 0 && i < records->len; i++)
		if (g_array_index(records, QuotaRecord, i).maps[0] == map_id)
			return i;
	return SIZE_MAX;
}

/* Completes what is wanted of a capture that there is. */
static void claim_complete(QuotaClaim *claim)
{
	const QuotaRecord asked = claim->wanted;

	claim->wanted = g_array_index(claim->records, QuotaRecord, claim->moved);
	if (claim->has_filter) {
		claim->wanted.run = asked.run;
		claim->wanted.programs = asked.programs;
	} else {
		claim->wanted.point = asked.point;
	}
}

/* bytes: size of the rings of a new capture; 0 for one that there is. */
static gboolean claim_is_allowed(QuotaClaim *claim, guint64 bytes, const char *label,
				 GError **error)
{
	if (claim->records)
		g_array_unref(claim->records);
	claim->records = read_records(claim->file);
	claim->moved = find_record(claim->records, claim->wanted.maps[0]);
	if (claim->moved != SIZE_MAX)
		claim_complete(claim);
	return (bytes == 0 || check_user(claim->records, &claim->wanted, bytes, error)) &&
	       check_point(claim->records, claim->moved, &claim->wanted, label, error);
}

/* Tries for a while, since the kernel frees what a capture had only some time after its end. */
static gboolean claim_check(QuotaClaim *claim, guint64 bytes, const char *label, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + FREE_LIMIT_US;
	GError *reason = NULL;

	claim->file = open_file(error);
	if (claim->file < 0)
		return FALSE;
	while (!claim_is_allowed(claim, bytes, label, &reason)) {
		if (g_get_monotonic_time() >= deadline) {
			g_propagate_error(error, reason);
			return FALSE;
		}
		g_clear_error(&reason);
		g_usleep(FREE_LIMIT_US / 20);
	}
	return TRUE;
}

static gboolean claim_run(QuotaClaim *claim, const struct sock_filter *filter, gsize length,
			  GError **error)
{
	guint64 run;
	gsize compiled;

	if (!measure_filter(filter, length, &run, &compiled, error))
		return FALSE;
	claim->wanted.run = (guint32)run;
	claim->wanted.programs = (guint64)compiled * INSTRUCTION_BYTES * XDPSHARK_ACTIONS;
	return TRUE;
}

QuotaClaim *quota_claim(const SessionRequest *request, GError **error)
{
	g_autofree char *label = g_strdup_printf("%s %s", request->type->noun, request->address);
	guint64 bytes = ring_bytes(request->ring_size);
	QuotaClaim *claim = claim_new();
	gboolean allowed = check_memory_left(bytes, error);

	claim->wanted.point = point_key(request->type, request->id);
	if (allowed && user != 0)
		allowed = claim_run(claim, request->filter, request->filter_length, error) &&
			  claim_check(claim, bytes, label, error);
	if (allowed)
		return claim;
	claim_free(claim);
	return NULL;
}

QuotaClaim *quota_claim_move(const int *maps, const SourceType *type, guint32 id, GError **error)
{
	QuotaClaim *claim = claim_new();
	QuotaRecord *wanted = &claim->wanted;
	g_autofree char *label = NULL;

	if (user == 0)
		return claim;
	if (!read_map(maps[0], &wanted->maps[0], &wanted->bytes[0]))
		wanted->maps[0] = 0;
	wanted->point = point_key(type, id);
	label = g_strdup_printf("%s that is pinned now", type->noun);
	if (claim_check(claim, 0, label, error))
		return claim;
	claim_free(claim);
	return NULL;
}

QuotaClaim *quota_claim_filter(const int *maps, const struct sock_filter *filter, gsize length,
			       GError **error)
{
	QuotaClaim *claim = claim_new();
	QuotaRecord *wanted = &claim->wanted;

	claim->has_filter = TRUE;
	if (user == 0)
		return claim;
	if (!read_map(maps[0], &wanted->maps[0], &wanted->bytes[0]))
		wanted->maps[0] = 0;
	if (claim_run(claim, filter, length, error) && claim_check(claim, 0, "this point", error))
		return claim;
	claim_free(claim);
	return NULL;
}

void quota_settle(QuotaClaim *claim, const int *maps, guint count)
{
	QuotaRecord *wanted = &claim->wanted;

	for (guint i = 0; maps && i < MIN(count, RECORD_MAPS); i++)
		if (!read_map(maps[i], &wanted->maps[i], &wanted->bytes[i]))
			wanted->maps[i] = 0;
	if (maps && claim->file >= 0) {
		if (claim->moved != SIZE_MAX)
			g_array_index(claim->records, QuotaRecord, claim->moved) = *wanted;
		else
			g_array_append_val(claim->records, *wanted);
	}
	if (claim->file >= 0)
		write_records(claim->file, claim->records);
	claim_free(claim);
}
