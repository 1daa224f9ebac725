// SPDX-License-Identifier: GPL-2.0-or-later
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "quota.h"

G_DEFINE_QUARK(xdpshark_identity_error, identity_error)

#define LIFE_NAME "xdpshark_life"

/* A map of this type can neither be mmapped nor be created without CAP_BPF: nobody without
 * privilege can keep one alive, or create one with the same id later. It has one entry, with a key
 * of zero bits. */
#define LIFE_TYPE BPF_MAP_TYPE_LPM_TRIE

typedef struct {
	guint32 bits;
	guint8 data[4];
} LifeKey;

static const LifeKey life_key;

struct Identity {
	struct xdpshark_identity shown;
	int life;
	/* A smaller and a larger descriptor for what must outlive the life. When a process ends,
	 * the kernel closes its descriptors in the order of their numbers, and releases their files
	 * in that order or in reverse. */
	int smaller, larger;
};

static gboolean set_error(GError **error, const char *what)
{
	g_set_error(error, IDENTITY_ERROR, 0,
		    "cannot %s the map that shows that a capture lives: %s", what,
		    g_strerror(errno));
	return FALSE;
}

/* Map ids repeat after some two billion maps. The nonce distinguishes a life from a later one with
 * the same id. */
static gboolean describe(Identity *identity, GError **error)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(identity->life, &info, &size) < 0)
		return set_error(error, "read");
	identity->shown = (struct xdpshark_identity){
		.magic = XDPSHARK_IDENTITY_MAGIC,
		.life = info.id,
		.pid = (guint32)getpid(),
		.uid = quota_caller(),
	};
	if (getrandom(&identity->shown.nonce, sizeof(identity->shown.nonce), 0) !=
	    sizeof(identity->shown.nonce))
		return set_error(error, "get random bytes for");
	return TRUE;
}

/* Writes the identity into the map, unalterably. */
static gboolean seal(const Identity *identity, GError **error)
{
	if (bpf_map_update_elem(identity->life, &life_key, &identity->shown, BPF_NOEXIST) < 0)
		return set_error(error, "write");
	if (bpf_map_freeze(identity->life) < 0)
		return set_error(error, "freeze");
	return TRUE;
}

/* Makes the life's descriptor the larger one. Another thread may have closed a descriptor in
 * between, and the life got its number. */
static gboolean place_life(Identity *identity, GError **error)
{
	int low = identity->life;

	if (low > identity->smaller)
		return TRUE;
	identity->life = fcntl(low, F_DUPFD_CLOEXEC, identity->smaller + 1);
	close(low);
	return identity->life >= 0 || set_error(error, "reserve a descriptor for");
}

Identity *identity_new(GError **error)
{
	g_autoptr(Identity) identity = g_new0(Identity, 1);
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);

	identity->life = -1;
	identity->larger = -1;
	identity->smaller = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (identity->smaller < 0) {
		set_error(error, "reserve a descriptor for");
		return NULL;
	}
	identity->life = bpf_map_create(LIFE_TYPE, LIFE_NAME, sizeof(LifeKey),
					sizeof(identity->shown), 1, &options);
	if (identity->life < 0) {
		set_error(error, "create");
		return NULL;
	}
	if (!place_life(identity, error) || !describe(identity, error) || !seal(identity, error))
		return NULL;
	return g_steal_pointer(&identity);
}

void identity_free(Identity *identity)
{
	if (!identity)
		return;
	if (identity->life >= 0)
		close(identity->life);
	if (identity->smaller >= 0)
		close(identity->smaller);
	if (identity->larger >= 0)
		close(identity->larger);
	g_free(identity);
}

const struct xdpshark_identity *identity_shown(const Identity *identity)
{
	return &identity->shown;
}

/* Opens the map anew at that descriptor. A mere duplicate would share its file, which is only
 * released with the last duplicate. Returns 0 or a negative errno. */
static int put_file(int map_fd, int place)
{
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);
	int fd, result;

	if (bpf_obj_get_info_by_fd(map_fd, &info, &size) < 0)
		return -errno;
	fd = bpf_map_get_fd_by_id(info.id);
	if (fd < 0)
		return -errno;
	result = dup3(fd, place, O_CLOEXEC) < 0 ? -errno : 0;
	close(fd);
	return result;
}

gboolean identity_outlive(Identity *identity, int map_fd, GError **error)
{
	int result = put_file(map_fd, identity->smaller);

	errno = -result;
	if (result == 0)
		identity->larger = fcntl(map_fd, F_DUPFD_CLOEXEC, identity->life + 1);
	return identity->larger >= 0 || set_error(error, "outlive");
}

gboolean identity_is_dead(const struct xdpshark_identity *shown)
{
	struct xdpshark_identity found = { 0 };
	struct bpf_map_info info = { 0 };
	guint32 size = sizeof(info);
	int fd = bpf_map_get_fd_by_id(shown->life);
	gboolean dead;

	if (fd < 0)
		return errno == ENOENT;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		dead = FALSE;
	else if (info.type != LIFE_TYPE || info.key_size != sizeof(LifeKey) ||
		 info.value_size != sizeof(found))
		dead = TRUE; /* another map now has the id */
	else if (bpf_map_lookup_elem(fd, &life_key, &found) < 0)
		dead = errno == ENOENT;
	else
		dead = found.nonce != shown->nonce;
	close(fd);
	return dead;
}
